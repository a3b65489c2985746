"""Defender for Endpoint's machines and vulnerabilities into device, coverage and vulnerability records.

Source of the names: Microsoft's pages on the machine resource, on the list of vulnerabilities by machine and software,
and on the export assessment of software vulnerabilities. Defender watches machines and does not manage them, so that
`managed` is null; an onboarded one is protected, and one that Defender only discovered is not. Last external addresses
are omitted: they are the district's internet egress, not the machine's. A scan finding is identified by the machine,
and by the CVE with the product and its version, as in Defender's own row id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.connectors.defender.downloads import PURPOSE, TOOL
from homeroom.connectors.defender.downloads import read_inventory as read_inventory
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import format_plain_value
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, parse_scan_time
from homeroom.ingest.values.ip_addresses import normalize_mac

LOOPBACK = ("127.0.0.1", "::1")


def read_machines(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read machines into `device_records` and `coverage_records`, keyed by Defender's machine id."""
    findings = ScanReportBuilder()
    for line, machine in enumerate(objects, start=first):
        key = clean_text(machine.get("id"))
        if key is None:
            findings.reject_row(line=line, field="id", reason="no id, so the machine cannot be told from others")
            continue
        interfaces = machine.get("ipAddresses")
        interface_rows = (
            [interface for interface in interfaces if isinstance(interface, Mapping)]
            if isinstance(interfaces, list)
            else []
        )
        addresses = [
            clean_text(machine.get("lastIpAddress")),
            *(clean_text(interface.get("ipAddress")) for interface in interface_rows),
        ]
        name, health = clean_text(machine.get("computerDnsName")), clean_text(machine.get("healthStatus"))
        last_seen = _parse_time(machine, "lastSeen", line=line, findings=findings)
        findings.add_host(
            line=line,
            key=key,
            name=name,
            addresses=[address for address in addresses if address not in LOOPBACK],
            macs=[normalize_mac(clean_text(interface.get("macAddress"))) for interface in interface_rows],
            system=_normalize_platform(machine),
            last_seen=last_seen,
            directory_id=clean_text(machine.get("aadDeviceId")),
            status_word=health,
        )
        onboarding = clean_text(machine.get("onboardingStatus"))
        findings.records.put(
            "coverage_records",
            line=line,
            key=key,
            purpose=PURPOSE,
            tool=TOOL,
            name=name,
            covered=onboarding is None or onboarding.lower() == "onboarded",
            unclear=bool(health and health.lower().startswith("nosensordata")),
            status_word=onboarding,
            version=clean_text(machine.get("agentVersion")),
            last_seen=last_seen,
        )
    return findings.build_reading("device_records", "coverage_records")


def _normalize_platform(machine: Mapping[str, Any]) -> str | None:
    """Return words that name the platform: `Windows11` and `WindowsServer2022` are written without a space."""
    platform = clean_text(machine.get("osPlatform")) or ""
    return "Windows" if platform.lower().startswith("windows") else platform or None


def read_vulnerabilities(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read rows of a machine, a product and a CVE.

    A machine that only these rows name becomes a host without any other data.
    """
    findings = ScanReportBuilder()
    for line, row in enumerate(objects, start=first):
        device = clean_text(row.get("machineId"))
        if device is None:
            findings.reject_row(
                line=line, field="machineId", reason="no machine, so nobody knows where the weakness is"
            )
            continue
        findings.add_host(line=line, key=device)
        update = clean_text(row.get("fixingKbId"))
        findings.add_finding(
            line=line,
            device=device,
            check=_build_check_id(row.get("cveId"), row.get("productName"), row.get("productVersion")),
            title=clean_text(row.get("cveId")),
            severity=row.get("severity"),
            cves=[row.get("cveId")],
            solution=f"Install KB{update.removeprefix('KB')}" if update else None,
            product=row.get("productName"),
            version=row.get("productVersion"),
        )
    return findings.build_reading("device_records", "vulnerability_records")


def read_assessment(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read rows of the export assessment, which name the device as well."""
    findings = ScanReportBuilder()
    for line, row in enumerate(objects, start=first):
        device = clean_text(row.get("deviceId"))
        if device is None:
            findings.reject_row(line=line, field="deviceId", reason="no device, so nobody knows where the weakness is")
            continue
        findings.add_host(
            line=line, key=device, name=clean_text(row.get("deviceName")), system=_normalize_platform(row)
        )
        findings.add_finding(
            line=line,
            device=device,
            check=_build_check_id(row.get("cveId"), row.get("softwareName"), row.get("softwareVersion")),
            title=clean_text(row.get("cveId")),
            severity=row.get("vulnerabilitySeverityLevel"),
            cves=[row.get("cveId")],
            score=format_plain_value(row.get("cvssScore")),
            solution=row.get("recommendedSecurityUpdate"),
            product=row.get("softwareName"),
            version=row.get("softwareVersion"),
            at=parse_scan_time(row.get("lastSeenTimestamp")),
        )
    return findings.build_reading("device_records", "vulnerability_records")


def _build_check_id(*parts: object) -> str | None:
    texts = [value for part in parts if (value := clean_text(part))]
    return " ".join(texts) if clean_text(parts[0]) else None


def _parse_time(machine: Mapping[str, Any], name: str, *, line: int, findings: ScanReportBuilder) -> datetime | None:
    raw_time = clean_text(machine.get(name))
    at = parse_scan_time(raw_time)
    if raw_time and at is None:
        reason = "not a time; 2026-05-01T13:00:00Z fits"
        findings.records.reject(line=line, field=name, value=raw_time, reason=reason, row_lost=False)
    return at
