"""XCCDF results into device and flaw records."""

from __future__ import annotations

from tests.connectors.recorded import picked, recording

WEAKNESS = ("device_key", "check_id", "title", "severity", "cves")


def test_only_rules_that_failed_are_weaknesses() -> None:
    _, read = recording("openscap/benchmark.xml")
    assert read.scope == "hosts:files.maple.example maple.xml standard"
    assert picked(read, "device_records", "key", "addresses", "macs", "platform") == [
        ("files.maple.example", ["192.0.2.70"], ["00005e005370"], "linux")
    ]
    assert picked(read, "flaw_records", *WEAKNESS) == [
        ("files.maple.example", "rule_ssh", "Root does not sign in", "high", ["CVE-2026-60001"])
    ]


def test_results_are_found_within_a_collection_and_alone() -> None:
    _, read = recording("openscap/collection.xml")
    assert picked(read, "flaw_records", *WEAKNESS) == [("lab-3.maple.example", "rule_x", "rule_x", None, None)]
    _, clean = recording("openscap/result.xml")
    assert clean.scope == "hosts:192.0.2.71"
    assert picked(clean, "device_records", "key", "name") == [("192.0.2.71", None)]
    assert picked(clean, "flaw_records", "check_id") == []
