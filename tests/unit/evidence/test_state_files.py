"""Test the state files of an assessment: members in page order, states by position, and nothing before they exist."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.state_files import StateFiles, get_state_files, sort_members
from homeroom.evidence.query.executor import QueryTimeout


@pytest.fixture
def files(tmp_path: Path) -> StateFiles:
    return get_state_files(EvidenceStore(tmp_path, district="maple-valley"), number=3, derived="a")


def write_members(files: StateFiles) -> None:
    """Write a finding with three members, the last without a row, and two findings with a member each."""
    members = sort_members(
        findings=np.array([8, 7, 7, 7, 9]),
        places=np.array([0, 5, -1, 2, 1]),
        subjects=np.array([50, 51, 52, 53, 54]),
        findings_by_control={"locked": [7, 9], "found": [8]},
    )
    files.write_members(members)


def test_members_come_in_the_order_of_the_rows_and_those_that_are_none_last(files: StateFiles) -> None:
    write_members(files)
    members = files.open_members()
    assert members.select_finding(7).subjects.tolist() == [53, 51, 52]
    assert members.select_finding(7).slice_after(after=53, limit=1) == ((51,), True)
    assert members.select_control("locked").subjects.tolist() == [54, 53, 51, 52]
    assert members.select_row_positions("locked").tolist() == [2, 5, 1]
    assert members.select_control("of tomorrow").subjects.tolist() == []
    assert members.select_finding(6).subjects.tolist() == []


def test_states_of_rows_and_of_subjects_that_are_none_are_read_by_control(files: StateFiles) -> None:
    files.write_row_states("device", iter([("locked", np.array([0, 1, 255], dtype=np.uint8))]))
    devices = files.open_states("device")
    codes = devices.find_codes("locked")
    assert codes is not None
    assert (codes.tolist(), devices.find_codes("of tomorrow"), len(devices)) == ([0, 1, 255], None, 3)
    files.write_subject_states(
        "directory",
        ids=np.array([4, 6]),
        codes={"admins": np.array([1, 0], dtype=np.uint8)},
        rows_behind={"admins": [[11, 12], []]},
    )
    directories = files.open_states("directory")
    assert directories.ids.tolist() == [4, 6]
    assert directories.list_rows_behind("admins", [6, 4]) == (11, 12)
    assert directories.list_rows_behind("of tomorrow", [4]) == ()


def test_what_was_not_written_yet_takes_too_long(files: StateFiles) -> None:
    assert not files.are_complete
    with pytest.raises(QueryTimeout):
        files.open_members()
    write_members(files)
    assert files.are_complete
    files.remove()
    with pytest.raises(QueryTimeout):
        files.open_states("device")
