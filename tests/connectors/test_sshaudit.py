"""SSH servers become device, service and vulnerability records."""

from __future__ import annotations

from tests.connectors.recordings import read_recording, select_columns


def test_vulnerabilities_and_algorithms_that_fail_or_warn() -> None:
    _, read = read_recording("sshaudit/result.json")
    assert select_columns(
        read, "vulnerability_records", "device_key", "check_id", "severity", "cves", "cvss_tenths", "port"
    ) == [
        ("2001:db8::7", "CVE-2026-70001", "high", ["CVE-2026-70001"], 70, 2222),
        ("2001:db8::7", "kex group14-sha1", "high", None, None, 2222),
        ("2001:db8::7", "key ssh-rsa", "medium", None, None, 2222),
    ]
    assert select_columns(read, "service_records", "port", "service", "product") == [(2222, "ssh", "OpenSSH_7.9p1")]
