"""SSH servers that ssh-audit tested into device, service and vulnerability records.

Source of the names: ssh-audit's JSON of version 2 and 3 (target, banner, kex, key, enc, mac, notes, cves). It rates an
algorithm as `fail` or `warn`, which become high and medium; a CVE has the severity of its score. Algorithms with notes
of neither kind are no finding.

A scan finding is identified by the target's name, by the CVE or the kind and name of the algorithm, and by the port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.connectors.sshaudit.policies import read_policy_audits as read_policy_audits
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, get_by_path
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, derive_severity, parse_port, parse_score
from homeroom.ingest.values.ip_addresses import parse_ip

KINDS = {"kex": "key exchange", "key": "host key", "enc": "cipher", "mac": "MAC"}
LEVELS = {"fail": "high", "warn": "medium"}
DEFAULT_PORT = 22


def read_servers(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every target; one without a name cannot be identified and is rejected."""
    findings, scope = ScanReportBuilder(), set()
    for line, server in enumerate(objects, start=first):
        name, port = _parse_target(clean_text(server.get("target")))
        if name is None or port is None:
            findings.reject_row(line=line, field="target", reason="no target, so nobody knows of which server")
            continue
        scope.add(f"{name}:{port}")
        findings.add_host(line=line, key=name, name=None if parse_ip(name) else name, addresses=[name])
        product = clean_text(get_by_path(server, "banner.software"))
        findings.add_service(
            line=line, device=name, ip_address=name, protocol="tcp", port=port, service="ssh", product=product
        )
        for check, title, severity, score, cve in (*_iter_cves(server), *_iter_algorithms(server)):
            findings.add_finding(
                line=line,
                device=name,
                check=check,
                title=title,
                severity=severity,
                cves=[cve],
                score=score,
                product=product,
                protocol="tcp",
                port=str(port),
            )
    return findings.build_reading(
        "device_records", "service_records", "vulnerability_records", scope=build_scope("hosts", scope)
    )


SshFinding = tuple[str, str, str | None, str | None, str]


def _iter_cves(server: Mapping[str, Any]) -> Iterator[SshFinding]:
    for entry in _list_objects(server.get("cves")):
        if name := clean_text(entry.get("name")):
            score = clean_text(entry.get("cvssv2"))
            description = clean_text(entry.get("description"))
            yield (
                name,
                f"{name}: {description}" if description else name,
                derive_severity(parse_score(score)),
                score,
                name,
            )


def _iter_algorithms(server: Mapping[str, Any]) -> Iterator[SshFinding]:
    for kind, label in KINDS.items():
        for entry in _list_objects(server.get(kind)):
            name, notes = clean_text(entry.get("algorithm")), entry.get("notes")
            level = next((level for level in LEVELS if isinstance(notes, Mapping) and notes.get(level)), None)
            if name and level and isinstance(notes, Mapping):
                note = notes[level]
                note_text = clean_text(note[0] if isinstance(note, list) and note else note)
                yield f"{kind} {name}", f"{label} {name}: {note_text or level}", LEVELS[level], None, ""


def _parse_target(raw_target: str | None) -> tuple[str | None, int | None]:
    """Parse host and port of `ssh.example.org:22`, of `[2001:db8::7]:22` and of a name or address alone."""
    if not raw_target or parse_ip(raw_target):
        return raw_target, DEFAULT_PORT
    name, _, port = raw_target.rpartition(":")
    return (name.strip("[]") or None, parse_port(port)) if name else (raw_target, DEFAULT_PORT)


def _list_objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
