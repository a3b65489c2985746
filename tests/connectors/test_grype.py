"""Grype's matches become vulnerability records without a device."""

from __future__ import annotations

from tests.connectors.raw_frames import list_rejects
from tests.connectors.recordings import read_recording, select_columns


def test_a_match_has_the_cve_of_its_relative_and_the_newest_score() -> None:
    _, read = read_recording("grype/result.json")
    image = "image:registry.maple.example/app:1.2"
    assert list(read.tables) == ["vulnerability_records"]
    columns = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "known_exploited", "solution")
    assert select_columns(read, "vulnerability_records", *columns) == [
        (image, "GHSA-dddd-eeee-ffff lib 1.0", "high", ["CVE-2026-91001"], 81, True, "Update to 2.0"),
        (image, "CVE-2026-91002 lib 1.0", None, ["CVE-2026-91002"], None, None, "The maker will not fix it"),
    ]
    assert list_rejects(read) == [(1, "check", True)]
