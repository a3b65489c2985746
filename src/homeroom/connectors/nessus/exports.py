"""Findings that Tenable Vulnerability Management's own pages export (CSV), into device and vulnerability records.

Source of the headings: exports of its findings (asset.display_ipv4_address, definition.id, definition.severity, state,
last_seen); a person chooses some of these. The output of a plugin is counted and dropped.

A host is identified by Tenable's id of the asset; a scan finding by the host, the plugin's number, protocol and port.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.nessus.sheets import EXPLOITED, WORDS, clean_text, parse_time
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.row_iterator import TextRow, iter_rows
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope
from homeroom.ingest.values.ip_addresses import derive_host_key, normalize_mac

NAMES = ("asset.netbios_name", "asset.display_fqdn", "asset.host_name", "asset.name")
ADDRESSES = (
    "asset.display_ipv4_address",
    "asset.display_ipv6_address",
    "asset.ipv4_addresses",
    "asset.ipv6_addresses",
)
SCORES = ("definition.cvss4.base_score", "definition.cvss3.base_score", "definition.cvss2.base_score")
SOLVED_BY_STATE = {"fixed": True, "active": False, "new": False, "resurfaced": False, "open": False, "reopened": False}


def read_exported_findings(frame: pl.DataFrame) -> Reading:
    """Read rows of an export; the scope is its hosts."""
    findings = ScanReportBuilder()
    for row in iter_rows(frame):
        findings.records.count_dropped("output", count=int(row.get("output") is not None))
        _add_row(row, findings=findings)
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", findings.hosts))


def _add_row(row: TextRow, *, findings: ScanReportBuilder) -> None:
    macs = [mac for mac in (normalize_mac(row.get("asset.display_mac_address")),) if mac]
    addresses = [value for heading in ADDRESSES if (value := row.get(heading))]
    name = row.get(*NAMES)
    key = row.get("asset.id") or derive_host_key(macs=macs, address=addresses[0] if addresses else None) or name
    if key is None:
        reason = "no host, so the weakness cannot be told from others"
        findings.reject_row(line=row.number, field="asset.id", reason=reason)
        return
    at = parse_time(row.get("last_seen", "last_observed"))
    findings.add_host(
        line=row.number,
        key=key,
        name=name,
        addresses=addresses,
        macs=macs,
        system=row.get("asset.operating_system"),
        last_seen=at,
    )
    findings.add_finding(
        line=row.number,
        device=key,
        check=row.get("definition.id"),
        title=row.get("definition.name"),
        severity=row.get("severity", "definition.severity"),
        severities=WORDS,
        cves=[row.get("definition.cve")],
        score=row.get(*SCORES),
        solution=clean_text(row.get("definition.solution")),
        protocol=row.get("protocol", "asset.protocol"),
        port=row.get("port", "asset.port"),
        at=at,
        exploited=_is_exploited(row),
        solved=SOLVED_BY_STATE.get((row.get("state") or "").lower()),
    )


def _is_exploited(row: TextRow) -> bool | None:
    has_mark = EXPLOITED in (row.get("definition.references", "definition.xrefs") or "")
    return True if has_mark or (row.get("definition.exploited_by_malware") or "").lower() == "true" else None
