"""OSV-Scanner's results into flaw records of no device."""

from __future__ import annotations

from tests.connectors.recorded import picked, recording


def test_several_names_of_one_flaw_are_one_and_a_lock_file_is_no_device() -> None:
    _, read = recording("osvscanner/result.json")
    lock = "lockfile:/srv/app/package-lock.json"
    assert list(read.tables) == ["flaw_records"]
    assert picked(read, "flaw_records", "device_key", "check_id", "severity", "cves", "cvss_tenths", "solution") == [
        (lock, "GHSA-aaaa-bbbb-cccc left 1.0.0", "medium", ["CVE-2026-90001"], 65, "Update to 1.0.1"),
        (lock, "MAL-2026-1 left 1.0.0", None, None, None, None),
    ]
