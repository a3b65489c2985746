"""Grype's matches into flaw records of no device."""

from __future__ import annotations

from tests.connectors.raw import rejected
from tests.connectors.recorded import picked, recording


def test_a_match_has_the_cve_of_its_relative_and_the_newest_score() -> None:
    _, read = recording("grype/result.json")
    image = "image:registry.maple.example/app:1.2"
    assert list(read.tables) == ["flaw_records"]
    wanted = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "known_exploited", "solution")
    assert picked(read, "flaw_records", *wanted) == [
        (image, "GHSA-dddd-eeee-ffff lib 1.0", "high", ["CVE-2026-91001"], 81, True, "Update to 2.0"),
        (image, "CVE-2026-91002 lib 1.0", None, ["CVE-2026-91002"], None, None, "The maker will not fix it"),
    ]
    assert rejected(read) == [(1, "check", True)]
