"""Falcon's hosts: the devices its sensor covers, with the names of its API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.connectors.raw_frames import list_rows
from tests.connectors.recordings import read_files, read_recording, select_columns


def test_a_list_of_hosts_says_which_are_covered() -> None:
    kind, read = read_recording("crowdstrike/hosts.csv")
    assert kind == "crowdstrike.hosts.csv"
    assert list_rows(read, "coverage_records")[0] == {
        "purpose": "antivirus",
        "key": "0a1b2c3d4e5f60718293a4b5c6d7e8f0",
        "tool": "CrowdStrike Falcon",
        "serial": "5CG0000001",
        "name": "LIN-OFFICE-01",
        "covered": True,
        "status_word": "normal",
        "version": "7.18.19703.0",
        "last_seen": datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC),
    }
    assert read.rejects.is_empty()


def test_a_sensor_with_reduced_functions_covers_nothing_and_one_that_does_not_say_is_left_open() -> None:
    _, read = read_recording("crowdstrike/hosts.csv")
    assert select_columns(read, "coverage_records", "name", "covered")[1:] == [
        ("LIN-OFFICE-02", False),
        ("OAK-MBP-01", None),
    ]


def test_the_answer_of_the_api_is_read_alike_and_a_host_without_an_id_is_told(tmp_path: Path) -> None:
    hosts = [
        {"device_id": "0a", "hostname": "A", "agent_version": "7.18", "reduced_functionality_mode": "no"},
        {"device_id": "", "hostname": "B", "agent_version": "7.18", "serial_number": "5CG"},
    ]
    (tmp_path / "hosts.json").write_text(json.dumps({"meta": {}, "errors": [], "resources": hosts}), encoding="utf-8")
    ((file, read),) = read_files(tmp_path)
    assert file.kind.id == "crowdstrike.hosts.json"
    assert select_columns(read, "coverage_records", "key", "covered") == [("0a", True)]
    assert [(line, field, row_lost) for line, field, _, _, row_lost in read.rejects.iter_rows()] == [
        (2, "device_id", True)
    ]
