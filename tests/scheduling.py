"""The order in which the processes of pytest-xdist take the tests: by file, with what takes longest first.

A file that takes minutes and comes last is run by one process while all others have nothing to do.
"""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

LONGEST_FIRST = (
    "tests/web/journeys/test_auditor.py",
    "tests/web/test_same_numbers.py",
    "tests/web/journeys/test_technician.py",
    "tests/web/journeys/test_renewal_sheet.py",
    "tests/web/know/test_first_run.py",
    "tests/apps/platform/databases/test_same_on_postgresql.py",
    "tests/apps/know/inventory/test_resolve.py",
    "tests/apps/comply/erasing/test_erase.py",
    "tests/apps/comply/erasing/test_last_ages.py",
    "tests/apps/manage/budget/test_refresh_from_evidence.py",
    "tests/content/test_walkthroughs.py",
    "tests/scale/test_killed_erasure.py",
    "tests/scale/test_kill_points.py",
    "tests/scale/test_attacks.py",
)
"""Files whose fixtures or tests take minutes on a busy machine, roughly by how much they take."""
SPLIT_FILES = ("tests/content/test_walkthroughs.py",)
"""Files with long tests that share nothing: each test is taken by itself."""


class SplitFileScheduling(LoadFileScheduling):
    """Schedules by file, but each test of SPLIT_FILES by itself."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return nodeid if file in SPLIT_FILES else file


def sort_longest_first(items: list[pytest.Item]) -> None:
    """Sort the tests by file: those of LONGEST_FIRST, then those with the most tests."""
    files = [_get_file(item) for item in items]
    counts, ranks = Counter(files), {file: rank for rank, file in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: (ranks.get(_get_file(item), len(ranks)), -counts[_get_file(item)]))


def _get_file(item: pytest.Item) -> str:
    return item.nodeid.split("::", 1)[0]
