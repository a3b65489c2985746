"""OSV-Scanner's results become vulnerability records without a device."""

from __future__ import annotations

from tests.connectors.recordings import read_recording, select_columns


def test_several_names_of_one_vulnerability_are_one_and_a_lock_file_is_no_device() -> None:
    _, read = read_recording("osvscanner/result.json")
    lock = "lockfile:/srv/app/package-lock.json"
    assert list(read.tables) == ["vulnerability_records"]
    assert select_columns(
        read, "vulnerability_records", "device_key", "check_id", "severity", "cves", "cvss_tenths", "solution"
    ) == [
        (lock, "GHSA-aaaa-bbbb-cccc left 1.0.0", "medium", ["CVE-2026-90001"], 65, "Update to 1.0.1"),
        (lock, "MAL-2026-1 left 1.0.0", None, None, None, None),
    ]
