"""Nexpose's nodes become device, service and vulnerability records."""

from __future__ import annotations

from tests.connectors.raw_frames import contains_text
from tests.connectors.recordings import read_recording, select_columns


def test_nodes_ports_and_vulnerable_tests_with_their_definitions() -> None:
    _, read = read_recording("nexpose/report.xml")
    assert read.scope == "site:North High"
    assert select_columns(read, "device_records", "key", "name", "platform", "addresses") == [
        ("00005e005350", "north-dc", "windows", ["192.0.2.50"]),
        ("192.0.2.51", None, None, ["192.0.2.51"]),
    ]
    assert select_columns(read, "service_records", "port", "service", "product") == [(53, "dns", "Recursor")]
    assert select_columns(
        read, "vulnerability_records", "check_id", "title", "severity", "cves", "cvss_tenths", "protocol", "port"
    ) == [
        ("home-mode", "Home folders are open", "medium", None, 21, None, 0),
        ("DNS-snooping", "DNS server answers everybody", "high", ["CVE-2026-40001"], 50, "tcp", 53),
    ]


def test_what_a_test_saw_is_not_kept() -> None:
    assert not contains_text(read_recording("nexpose/report.xml")[1], "amara")
