"""Test that a query for a file is tried again while evidence is busy, and refused in the end."""

from __future__ import annotations

import pytest

from homeroom.evidence.page_cache.retry import retry_on_timeout
from homeroom.evidence.query.executor import QueryTimeout


class BusyEvidence:
    """Evidence that is too busy for the first queries."""

    def __init__(self, times: int) -> None:
        self.remaining = times

    def query_rows(self) -> str:
        self.remaining -= 1
        if self.remaining >= 0:
            raise QueryTimeout("busy")
        return "rows"


def test_a_file_waits_for_its_turn_and_gives_up_loudly() -> None:
    assert retry_on_timeout(BusyEvidence(4).query_rows) == "rows"
    with pytest.raises(QueryTimeout):
        retry_on_timeout(BusyEvidence(5).query_rows)
