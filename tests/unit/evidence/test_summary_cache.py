"""Test that a summary is queried once, then read from its file, and again if the file is spoilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.summary_cache import get_summary_path, open_summary


@dataclass(frozen=True, kw_only=True)
class RemedyCounts:
    """A summary with one number."""

    remedies: int


class SummaryProcess:
    """A process of its own, with nothing cached yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cache: SingleFlightCache[RemedyCounts] = SingleFlightCache(max_entries=2)

    def count_remedies(self, remedies: int | None) -> int:
        """Return the number in the summary; if it is queried, that is `remedies`, and None must not be queried."""
        return open_summary(
            self.path,
            cache=self.cache,
            summary_type=RemedyCounts,
            query_summary=lambda: (
                RemedyCounts(remedies=remedies) if remedies is not None else pytest.fail("queried again")
            ),
        ).remedies


def test_a_summary_is_queried_once_and_then_read_from_its_file(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path, district="maple-valley")
    path = get_summary_path(store, derived="a", name="vulnerabilities-1")
    process = SummaryProcess(path)
    assert [process.count_remedies(5), process.count_remedies(None)] == [5, 5]
    assert SummaryProcess(path).count_remedies(None) == 5
    assert SummaryProcess(get_summary_path(store, derived="a", name="vulnerabilities-2")).count_remedies(6) == 6


def test_a_spoilt_file_is_queried_again(tmp_path: Path) -> None:
    path = tmp_path / "vulnerabilities-1.json"
    path.write_bytes(b'{"remedies": "many"}')
    assert SummaryProcess(path).count_remedies(7) == 7
    assert SummaryProcess(path).count_remedies(None) == 7
