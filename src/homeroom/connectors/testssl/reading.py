"""testssl.sh's findings into device, service and flaw records.

Source of the names: its manual page (file output; severities OK, INFO, LOW, MEDIUM, HIGH, CRITICAL, WARN, FATAL) and its
files. What is OK is no weakness, and the rating of the whole is none either; INFO and WARN are info. A target that could
not be tested makes the load incomplete, so that nothing of it counts as fixed.

A weakness is known by the tested name, the finding's id and the port. The name is the key of the host, since the
addresses of a web site change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from homeroom.ingest.answers import day_of, offered, tls_version
from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import lines_of
from homeroom.ingest.network import address
from homeroom.ingest.records import moment, text
from homeroom.ingest.weaknesses import SEVERITIES, Findings, port_of, scope_of

WORDS = {**SEVERITIES, "warn": "info", "debug": "info"}
FINE, UNTESTED = "ok", "fatal"
RATINGS = (
    "rating_",
    "grade_cap_reason_",
    "final_score",
    "overall_grade",
    "protocol_support_score",
    "key_exchange_score",
    "cipher_strength_score",
)
WEAK = {
    "cipherlist_NULL": "NULL",
    "cipherlist_aNULL": "anonymous",
    "cipherlist_EXPORT": "export",
    "cipherlist_LOW": "DES, RC2, RC4",
}
"""Groups of ciphers that nobody should accept; all four are asked for together."""
TRIPLE = "cipherlist_3DES"
"""The beginning of a further group's id, which is not the same in all versions."""
CERTIFICATE_ENDS, CHAIN = "cert_notAfter", "cert_chain_of_trust"
Row = tuple[int, Mapping[str, Any]]
Place = tuple[str, str | None, int]


def sheet(frame: pl.DataFrame) -> Reading:
    """Rows of the CSV."""
    names = {"id": "id", "fqdn/ip": "ip", "port": "port", "severity": "severity", "finding": "finding", "cve": "cve"}
    return _read((row.number, {to: row.get(name) for name, to in names.items()}) for row in lines_of(frame))


def flat(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Objects of the flat JSON."""
    return _read(enumerate(objects, start=first))


def pretty(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """The pretty JSON: sections of findings under each target."""
    at = next((found for one in objects if (found := moment(one.get("startTime")))), None)
    return _read(_sections(objects, first), at=at)


def _sections(objects: Sequence[Mapping[str, Any]], first: int) -> Iterator[Row]:
    for line, whole in enumerate(objects, start=first):
        targets = whole.get("scanResult")
        for target in targets if isinstance(targets, list) else ():
            if not isinstance(target, Mapping):
                continue
            place = {
                "ip": f"{text(target.get('targetHost')) or ''}/{text(target.get('ip')) or ''}",
                "port": target.get("port"),
            }
            if "finding" in target:  # a target that could not be tested stands there as a finding
                yield line, {**target, "ip": text(target.get("ip")) or place["ip"]}
            for section in target.values():
                for one in section if isinstance(section, list) else ():
                    if isinstance(one, Mapping):
                        yield line, {**one, **place}


def _read(rows: Iterable[Row], *, at: datetime | None = None) -> Reading:
    found, scope, untested = Findings(), set(), set()
    asked: dict[Place, dict[str, str]] = {}
    for line, row in rows:
        name, where = _target(row.get("ip"))
        severity = (text(row.get("severity")) or "").lower()
        if name is None:
            found.lost(line=line, field="ip", reason="no target, so nobody knows where the weakness is")
            continue
        scope.add(f"{name}:{text(row.get('port')) or ''}")
        if severity == UNTESTED:
            untested.add(name)
            continue
        found.host(line=line, key=name, name=None if address(name) else name, addresses=[where], seen=at)
        _finding(row, line=line, name=name, where=where, severity=severity, at=at, found=found)
        if port := port_of(row.get("port")):
            answers = asked.setdefault((name, where, port), {})
            answers.setdefault(text(row.get("id")) or "", (text(row.get("finding")) or "").lower())
    for (name, where, port), answers in asked.items():
        found.service(line=0, device=name, where=where, protocol="tcp", port=port, at=at, **_learnt(answers))
    reason = f"{len(untested):,} of the targets could not be tested" if untested else ""
    return found.reading(
        "device_records", "service_records", "flaw_records", scope=scope_of("hosts", scope), incomplete=reason
    )


def _finding(
    row: Mapping[str, Any],
    *,
    line: int,
    name: str,
    where: str | None,
    severity: str,
    at: datetime | None,
    found: Findings,
) -> None:
    check, said, port = text(row.get("id")), text(row.get("finding")), port_of(row.get("port"))
    if port:
        service = (said or "").lower() if check == "service" else None
        found.service(line=line, device=name, where=where, protocol="tcp", port=port, service=service, at=at)
    if severity == FINE or (check or "").startswith(RATINGS):
        return
    found.flaw(
        line=line,
        device=name,
        check=check,
        title=f"{check}: {said}" if said else check,
        severity=severity,
        words=WORDS,
        cves=[row.get("cve")],
        protocol="tcp",
        port=row.get("port"),
        at=at,
    )


def _learnt(answers: Mapping[str, str]) -> dict[str, Any]:
    """Columns of `service_records` from a port's findings by id, in small letters."""
    versions = {
        version: said
        for name, one in answers.items()
        if (version := tls_version(name)) and (said := _says(one)) is not None
    }
    groups = {
        WEAK.get(name, "3DES"): _says(one) for name, one in answers.items() if name in WEAK or name.startswith(TRIPLE)
    }
    accepted = tuple(sorted(name for name, said in groups.items() if said))
    looked = all(groups.get(name) is not None for name in WEAK.values())
    ends = [day for name, one in answers.items() if name.startswith(CERTIFICATE_ENDS) and (day := day_of(one))]
    chains = [one for name, one in answers.items() if name.startswith(CHAIN)]
    alone = any("self signed" in one or "self-signed" in one for one in chains)
    return {
        "tls_versions": offered(versions),
        "weak_ciphers": accepted if accepted or looked else None,
        "certificate_until": min(ends, default=None),
        "self_signed": True if alone else (False if chains and all("passed" in one for one in chains) else None),
    }


def _says(finding: str) -> bool | None:
    """Whether a finding says that something is offered: `offered (deprecated)`, `is not offered`; null for other words."""
    if "not offered" in finding:
        return False
    return True if finding.startswith("offered") else None


def _target(written: object) -> tuple[str | None, str | None]:
    """The tested name and its address, from `www.example.org/192.0.2.7`."""
    name, _, where = (text(written) or "").partition("/")
    return (name or where or None), (where or name or None)
