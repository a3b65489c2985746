"""Read testssl.sh's findings into device, service and vulnerability records.

Source of the names: its manual page (file output; severities OK, INFO, LOW, MEDIUM, HIGH, CRITICAL, WARN, FATAL) and
its files. OK is no finding, nor is the overall rating; INFO and WARN are info. A target that could not be tested makes
the load incomplete, so that nothing of it counts as fixed.

A scan finding is identified by the tested name, the finding's id and the port. The name is the key of the host, since
the addresses of a web site change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, parse_timestamp
from homeroom.ingest.rows.row_iterator import iter_rows
from homeroom.ingest.rows.scan_findings import SEVERITIES, ScanReportBuilder, build_scope, parse_port
from homeroom.ingest.rows.service_probes import list_offered_versions, normalize_tls_version, parse_expiry_date
from homeroom.ingest.values.ip_addresses import parse_ip

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
"""Groups of ciphers that nobody should accept; all four are tested together."""
TRIPLE_DES = "cipherlist_3DES"
"""The beginning of a further group's id, which is not the same in all versions."""
CERTIFICATE_ENDS, CHAIN = "cert_notAfter", "cert_chain_of_trust"
TestsslRow = tuple[int, Mapping[str, Any]]
TestsslEndpoint = tuple[str, str | None, int]


def read_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of the CSV."""
    names = {"id": "id", "fqdn/ip": "ip", "port": "port", "severity": "severity", "finding": "finding", "cve": "cve"}
    return _read_rows((row.number, {to: row.get(name) for name, to in names.items()}) for row in iter_rows(frame))


def read_flat_json(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read objects of the flat JSON."""
    return _read_rows(enumerate(objects, start=first))


def read_pretty_json(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read the pretty JSON: sections of findings under each target."""
    at = next((start_time for item in objects if (start_time := parse_timestamp(item.get("startTime")))), None)
    return _read_rows(_iter_sections(objects, first), at=at)


def _iter_sections(objects: Sequence[Mapping[str, Any]], first: int) -> Iterator[TestsslRow]:
    for line, document in enumerate(objects, start=first):
        targets = document.get("scanResult")
        for target in targets if isinstance(targets, list) else ():
            if not isinstance(target, Mapping):
                continue
            endpoint = {
                "ip": f"{clean_text(target.get('targetHost')) or ''}/{clean_text(target.get('ip')) or ''}",
                "port": target.get("port"),
            }
            if "finding" in target:  # a target that could not be tested stands there as a finding
                yield line, {**target, "ip": clean_text(target.get("ip")) or endpoint["ip"]}
            for section in target.values():
                for finding in section if isinstance(section, list) else ():
                    if isinstance(finding, Mapping):
                        yield line, {**finding, **endpoint}


def _read_rows(rows: Iterable[TestsslRow], *, at: datetime | None = None) -> Reading:
    findings, scope, untested = ScanReportBuilder(), set(), set()
    answers_by_endpoint: dict[TestsslEndpoint, dict[str, str]] = {}
    for line, row in rows:
        name, host_address = _split_target(row.get("ip"))
        severity = (clean_text(row.get("severity")) or "").lower()
        if name is None:
            findings.reject_row(line=line, field="ip", reason="no target, so nobody knows where the weakness is")
            continue
        scope.add(f"{name}:{clean_text(row.get('port')) or ''}")
        if severity == UNTESTED:
            untested.add(name)
            continue
        findings.add_host(
            line=line, key=name, name=None if parse_ip(name) else name, addresses=[host_address], last_seen=at
        )
        _add_finding(row, line=line, name=name, host_address=host_address, severity=severity, at=at, findings=findings)
        if port := parse_port(row.get("port")):
            answers = answers_by_endpoint.setdefault((name, host_address, port), {})
            answers.setdefault(clean_text(row.get("id")) or "", (clean_text(row.get("finding")) or "").lower())
    for (name, host_address, port), answers in answers_by_endpoint.items():
        findings.add_service(
            line=0,
            device=name,
            ip_address=host_address,
            protocol="tcp",
            port=port,
            at=at,
            **_derive_tls_columns(answers),
        )
    reason = f"{len(untested):,} of the targets could not be tested" if untested else ""
    return findings.build_reading(
        "device_records",
        "service_records",
        "vulnerability_records",
        scope=build_scope("hosts", scope),
        incomplete=reason,
    )


def _add_finding(
    row: Mapping[str, Any],
    *,
    line: int,
    name: str,
    host_address: str | None,
    severity: str,
    at: datetime | None,
    findings: ScanReportBuilder,
) -> None:
    check, finding_text, port = clean_text(row.get("id")), clean_text(row.get("finding")), parse_port(row.get("port"))
    if port:
        service = (finding_text or "").lower() if check == "service" else None
        findings.add_service(
            line=line, device=name, ip_address=host_address, protocol="tcp", port=port, service=service, at=at
        )
    if severity == FINE or (check or "").startswith(RATINGS):
        return
    findings.add_finding(
        line=line,
        device=name,
        check=check,
        title=f"{check}: {finding_text}" if finding_text else check,
        severity=severity,
        severities=WORDS,
        cves=[row.get("cve")],
        protocol="tcp",
        port=row.get("port"),
        at=at,
    )


def _derive_tls_columns(answers: Mapping[str, str]) -> dict[str, Any]:
    """Derive columns of `service_records` from a port's findings by id, in lower case."""
    versions = {
        version: is_offered
        for name, answer in answers.items()
        if (version := normalize_tls_version(name)) and (is_offered := _is_offered(answer)) is not None
    }
    groups = {
        WEAK.get(name, "3DES"): _is_offered(answer)
        for name, answer in answers.items()
        if name in WEAK or name.startswith(TRIPLE_DES)
    }
    accepted = tuple(sorted(name for name, is_offered in groups.items() if is_offered))
    has_all_groups = all(groups.get(name) is not None for name in WEAK.values())
    end_dates = [
        day
        for name, answer in answers.items()
        if name.startswith(CERTIFICATE_ENDS) and (day := parse_expiry_date(answer))
    ]
    chains = [answer for name, answer in answers.items() if name.startswith(CHAIN)]
    is_self_signed = any("self signed" in answer or "self-signed" in answer for answer in chains)
    return {
        "tls_versions": list_offered_versions(versions),
        "weak_ciphers": accepted if accepted or has_all_groups else None,
        "certificate_until": min(end_dates, default=None),
        "self_signed": True
        if is_self_signed
        else (False if chains and all("passed" in answer for answer in chains) else None),
    }


def _is_offered(finding: str) -> bool | None:
    """Check whether a finding means offered: `offered (deprecated)`, `is not offered`; None for other words."""
    if "not offered" in finding:
        return False
    return True if finding.startswith("offered") else None


def _split_target(raw_target: object) -> tuple[str | None, str | None]:
    """Split the tested name and its address, from `www.example.org/192.0.2.7`."""
    name, _, host_address = (clean_text(raw_target) or "").partition("/")
    return (name or host_address or None), (host_address or name or None)
