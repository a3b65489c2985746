"""XCCDF results become device and vulnerability records."""

from __future__ import annotations

from tests.connectors.recordings import read_recording, select_columns

SCAN_COLUMNS = ("device_key", "check_id", "title", "severity", "cves")


def test_only_rules_that_failed_are_findings() -> None:
    _, read = read_recording("openscap/benchmark.xml")
    assert read.scope == "hosts:files.maple.example maple.xml standard"
    assert select_columns(read, "device_records", "key", "addresses", "macs", "platform") == [
        ("files.maple.example", ["192.0.2.70"], ["00005e005370"], "linux")
    ]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("files.maple.example", "rule_ssh", "Root does not sign in", "high", ["CVE-2026-60001"])
    ]


def test_results_are_found_within_a_collection_and_alone() -> None:
    _, read = read_recording("openscap/collection.xml")
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("lab-3.maple.example", "rule_x", "rule_x", None, None)
    ]
    _, clean = read_recording("openscap/result.xml")
    assert clean.scope == "hosts:192.0.2.71"
    assert select_columns(clean, "device_records", "key", "name") == [("192.0.2.71", None)]
    assert select_columns(clean, "vulnerability_records", "check_id") == []
