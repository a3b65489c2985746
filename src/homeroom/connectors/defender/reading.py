"""Defender for Endpoint's machines and vulnerabilities into device and flaw records.

Source of the names: Microsoft's pages on the machine resource, on the list of vulnerabilities by machine and software,
and on the export assessment of software vulnerabilities. Defender watches machines and does not manage them, so that
`managed` is null. Last external addresses are left out: they are the district's way out, not the machine's.

A weakness is known by the machine, and by the CVE with the product and its version, as in Defender's own id of the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import plain
from homeroom.ingest.network import mac
from homeroom.ingest.records import text
from homeroom.ingest.weaknesses import Findings, when

LOOPBACK = ("127.0.0.1", "::1")


def machines(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Machines into `device_records`, keyed by Defender's machine id."""
    found = Findings()
    for line, machine in enumerate(objects, start=first):
        key = text(machine.get("id"))
        if key is None:
            found.lost(line=line, field="id", reason="no id, so the machine cannot be told from others")
            continue
        interfaces = machine.get("ipAddresses")
        listed = [one for one in interfaces if isinstance(one, Mapping)] if isinstance(interfaces, list) else []
        addresses = [text(machine.get("lastIpAddress")), *(text(one.get("ipAddress")) for one in listed)]
        found.host(
            line=line,
            key=key,
            name=text(machine.get("computerDnsName")),
            addresses=[where for where in addresses if where not in LOOPBACK],
            macs=[mac(text(one.get("macAddress"))) for one in listed],
            system=_system(machine),
            seen=_time(machine, "lastSeen", line=line, found=found),
            directory_id=text(machine.get("aadDeviceId")),
            status_word=text(machine.get("healthStatus")),
        )
    return found.reading("device_records")


def _system(machine: Mapping[str, Any]) -> str | None:
    """Words that name the platform: `Windows11` and `WindowsServer2022` are written without a blank."""
    said = text(machine.get("osPlatform")) or ""
    return "Windows" if said.lower().startswith("windows") else said or None


def vulnerabilities(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Rows of a machine, a product and a CVE. A machine that only they name is a host of which nothing else is known."""
    found = Findings()
    for line, row in enumerate(objects, start=first):
        device = text(row.get("machineId"))
        if device is None:
            found.lost(line=line, field="machineId", reason="no machine, so nobody knows where the weakness is")
            continue
        found.host(line=line, key=device)
        update = text(row.get("fixingKbId"))
        found.flaw(
            line=line,
            device=device,
            check=_check(row.get("cveId"), row.get("productName"), row.get("productVersion")),
            title=text(row.get("cveId")),
            severity=row.get("severity"),
            cves=[row.get("cveId")],
            solution=f"Install KB{update.removeprefix('KB')}" if update else None,
            product=row.get("productName"),
            version=row.get("productVersion"),
        )
    return found.reading("device_records", "flaw_records")


def assessment(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Rows of the export assessment, which name the device as well."""
    found = Findings()
    for line, row in enumerate(objects, start=first):
        device = text(row.get("deviceId"))
        if device is None:
            found.lost(line=line, field="deviceId", reason="no device, so nobody knows where the weakness is")
            continue
        found.host(line=line, key=device, name=text(row.get("deviceName")), system=_system(row))
        found.flaw(
            line=line,
            device=device,
            check=_check(row.get("cveId"), row.get("softwareName"), row.get("softwareVersion")),
            title=text(row.get("cveId")),
            severity=row.get("vulnerabilitySeverityLevel"),
            cves=[row.get("cveId")],
            score=plain(row.get("cvssScore")),
            solution=row.get("recommendedSecurityUpdate"),
            product=row.get("softwareName"),
            version=row.get("softwareVersion"),
            at=when(row.get("lastSeenTimestamp")),
        )
    return found.reading("device_records", "flaw_records")


def _check(*parts: object) -> str | None:
    said = [one for part in parts if (one := text(part))]
    return " ".join(said) if text(parts[0]) else None


def _time(machine: Mapping[str, Any], name: str, *, line: int, found: Findings) -> datetime | None:
    written = text(machine.get(name))
    at = when(written)
    if written and at is None:
        reason = "not a time; 2026-05-01T13:00:00Z fits"
        found.records.reject(line=line, field=name, value=written, reason=reason, row_lost=False)
    return at
