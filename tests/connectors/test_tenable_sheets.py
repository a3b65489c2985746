"""Tenable's CSV exports become device and vulnerability records."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import RECORDINGS, read_files, read_recording, select_columns

SCAN_COLUMNS = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "known_exploited", "port", "solved")


def test_rows_of_one_plugin_are_one_finding_with_all_its_cves() -> None:
    kind, read = read_recording("nessus/pro.csv")
    assert kind == "nessus.csv"
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("192.0.2.20", "90001", "high", ["CVE-2026-10001", "CVE-2026-10002"], 88, True, 443, None),
        ("printer.maple.example", "90002", "info", None, None, None, 0, None),
        ("192.0.2.20", "90003", None, None, None, None, 443, None),
    ]
    assert list_rejects(read) == [(7, "severity", False), (8, "Host", True)]
    assert not contains_text(read, "hunter2")


def test_a_column_without_a_name_is_nothing_while_it_is_empty() -> None:
    _, read = read_recording("nessus/cloud.csv")
    assert select_columns(read, "device_records", "key", "name", "platform") == [("192.0.2.21", "SRV-1", "windows")]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("192.0.2.21", "90005", "high", ["CVE-2026-10005"], 78, True, 0, False),
        ("192.0.2.21", "90006", "medium", None, 40, None, 8089, True),
    ]


def test_security_center_names_the_network_address_and_the_repository() -> None:
    kind, read = read_recording("nessus/center.csv")
    assert (kind, read.scope) == ("nessus.center", "repository:Schools")
    last_seen = datetime(2026, 3, 3, 2, 1, 1, tzinfo=UTC)
    assert select_columns(read, "device_records", "key", "name", "last_seen") == [("00005e005322", "DB-1", last_seen)]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("00005e005322", "90007", "critical", None, 98, None, 1433, None)
    ]


def test_an_export_of_findings_is_known_by_its_assets() -> None:
    kind, read = read_recording("nessus/exported.csv")
    assert kind == "nessus.exported"
    assert select_columns(read, "device_records", "key", "name", "addresses", "macs", "platform") == [
        (
            "11111111-aaaa-4aaa-8aaa-111111111111",
            "srv-1.maple.example",
            ["192.0.2.21", "fe80::1"],
            ["000d3a45647f"],
            "windows",
        ),
        ("22222222-aaaa-4aaa-8aaa-222222222222", "printer-2", None, None, None),
    ]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS[1:]) == [
        ("90005", "critical", ["CVE-2026-10005", "CVE-2026-10006"], 78, True, 445, False),
        ("90006", "low", None, 21, None, 0, True),
    ]
    assert select_columns(read, "vulnerability_records", "solution") == [("Run the update.",), (None,)]
    assert not contains_text(read, "installed")


def test_a_column_without_a_name_is_left_out_with_a_note() -> None:
    ((file, _),) = read_files(RECORDINGS / "nessus" / "exported.csv")
    assert [(note.reason, note.count) for note in file.notes][1:] == [
        ("column 16 has no name, so its values are not loaded", 2)
    ]
