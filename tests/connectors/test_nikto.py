"""Nikto's findings become device, service and vulnerability records, from XML and JSON."""

from __future__ import annotations

from tests.connectors.raw_frames import contains_text
from tests.connectors.recordings import read_recording, select_columns


def test_messages_of_one_test_are_told_apart_and_nothing_is_markup() -> None:
    _, read = read_recording("nikto/report.xml")
    assert read.scope == "hosts:www.maple.example:8070"
    assert select_columns(read, "vulnerability_records", "check_id", "title", "severity", "cves", "port") == [
        ("999986 GET /", "Retrieved via header: 1.1 ‹script›alert(1)‹/script›", None, None, 8070),
        ("999986 GET / (2)", "Retrieved another header (CVE-2026-80001).", None, ["CVE-2026-80001"], 8070),
        ("700007 GET /status", "Default account found at /status (ID 'admin', PW (left out)).", None, None, 8070),
    ]
    assert not contains_text(read, "cisco")
    assert dict(read.dropped) == {"password": 1}


def test_a_list_of_hosts_keeps_those_on_which_nothing_was_noticed() -> None:
    _, read = read_recording("nikto/report.json")
    assert select_columns(read, "device_records", "key") == [("www.maple.example",), ("fine.maple.example",)]
    assert select_columns(read, "vulnerability_records", "device_key", "check_id") == [
        ("www.maple.example", "999970 GET /")
    ]
