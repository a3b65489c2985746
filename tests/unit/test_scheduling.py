"""What the processes of the tests take first exists, and comes first."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scheduling import LONGEST_FIRST, SPLIT_FILES, sort_longest_first

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("file", [*LONGEST_FIRST, *SPLIT_FILES])
def test_a_file_that_is_named_exists(file: str) -> None:
    assert (ROOT / file).is_file()


def test_long_files_come_first_and_then_those_with_the_most_tests() -> None:
    files = ["tests/a.py", "tests/b.py", "tests/b.py", LONGEST_FIRST[1], LONGEST_FIRST[0], LONGEST_FIRST[0]]
    items: list[Any] = [SimpleNamespace(nodeid=f"{file}::test_{number}") for number, file in enumerate(files)]
    sort_longest_first(items)
    assert [item.nodeid.rpartition("_")[2] for item in items] == ["4", "5", "3", "1", "2", "0"]
