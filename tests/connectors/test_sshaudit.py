"""SSH servers become device, service and vulnerability records."""

from __future__ import annotations

from tests.connectors.raw_frames import list_rejects
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


def test_an_audit_of_a_policy_is_a_verdict_for_each_server() -> None:
    kind, read = read_recording("sshaudit/policy.json")
    assert (kind, read.scope) == ("sshaudit.policies", "hosts:[2001:db8::7]:22 git.maple.example:2222")
    assert select_columns(read, "verdict_records", "suite", "policy", "org_unit", "result", "details") == [
        ("ssh-audit", "Hardened OpenSSH Server v9.0 (version 1)", "git.maple.example:2222", "Pass", None),
        (
            "ssh-audit",
            "Hardened OpenSSH Server v9.0 (version 1)",
            "[2001:db8::7]:22",
            "Fail",
            "Host keys: expected ssh-ed25519, but has ssh-rsa, ssh-ed25519; A warning.",
        ),
    ]
    assert select_columns(read, "service_records", "device_key", "port", "service") == [
        ("git.maple.example", 2222, "ssh"),
        ("2001:db8::7", 22, "ssh"),
    ]
    assert list_rejects(read) == [(3, "passed", True)]
