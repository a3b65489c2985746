"""Maester's tests into verdict records."""

from __future__ import annotations

from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import read_recording, select_columns


def test_every_test_keeps_its_own_word() -> None:
    _, read = read_recording("maester/result.json")
    assert read.scope == "tenants:00000000-0000-0000-0000-000000000001"
    assert select_columns(read, "verdict_records", "product", "policy", "result", "criticality", "details") == [
        ("Maester/Entra", "MT.1001", "Failed", "High", None),
        ("Custom", "CT.0001", "Passed", None, None),
        ("Custom", "CT.0001 (2)", "Skipped", None, "Not connected to Exchange."),
        ("EIDSCA", "EIDSCA.AF01", "Passed", None, None),
    ]
    assert list_rejects(read) == [(1, "Tests", True)]


def test_people_whom_a_test_lists_and_who_ran_it_are_not_kept() -> None:
    _, read = read_recording("maester/result.json")
    assert not contains_text(read, "amara")
    assert read.dropped["ResultDetail.TestResult"] == 1
