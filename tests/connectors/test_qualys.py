"""Qualys's reports become device and vulnerability records, from CSV of two generations and from XML."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.connectors.raw_frames import contains_text
from tests.connectors.recordings import read_recording, select_columns

SCAN_COLUMNS = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "port", "solved")


def test_a_host_is_known_by_what_qualys_tracks_it_by() -> None:
    _, read = read_recording("qualys/report.csv")
    assert select_columns(read, "device_records", "key", "name", "addresses") == [
        ("LAB-1", "LAB-1", ["192.0.2.40"]),
        ("192.0.2.41", "web.maple.example", ["192.0.2.41"]),
        ("192.0.2.42", None, ["192.0.2.42"]),
    ]


def test_levels_become_severities_and_what_was_fixed_is_solved() -> None:
    _, read = read_recording("qualys/report.csv")
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("LAB-1", "380001", "critical", ["CVE-2026-30001", "CVE-2026-30002"], 99, 0, False),
        ("LAB-1", "45001", "info", None, None, 0, False),
        ("192.0.2.42", "38001", "medium", None, None, 443, True),
    ]
    assert select_columns(read, "vulnerability_records", "solution", "reported_at")[0] == (
        "Update it. See here.",
        datetime(2026, 3, 2, 7, 36, 58, tzinfo=UTC),
    )
    assert not contains_text(read, "pupil")


def test_a_pci_report_writes_the_day_first() -> None:
    _, read = read_recording("qualys/pci.csv")
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("198.51.100.9", "86001", "medium", None, 64, 80, None)
    ]
    assert select_columns(read, "vulnerability_records", "reported_at") == [(datetime(2026, 3, 22, 13, 1, tzinfo=UTC),)]


def test_an_asset_report_takes_titles_from_its_glossary_and_parts_ports() -> None:
    _, read = read_recording("qualys/assets.xml")
    assert select_columns(read, "device_records", "key") == [("files.maple.example",), ("192.0.2.44",)]
    assert select_columns(read, "vulnerability_records", "title", *SCAN_COLUMNS) == [
        ("An open share", "files.maple.example", "91001", "high", ["CVE-2026-31001"], 75, port, None)
        for port in (445, 139)
    ]


def test_a_report_may_write_the_number_into_an_attribute() -> None:
    kind, read = read_recording("qualys/plain.xml")
    assert kind == "qualys.report"
    assert select_columns(read, "vulnerability_records", "title", *SCAN_COLUMNS) == [
        ("A certificate expired", "192.0.2.45", "90009", "medium", None, None, 443, None)
    ]
