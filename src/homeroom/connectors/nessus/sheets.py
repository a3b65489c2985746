"""Rows of Tenable's CSV exports into device and vulnerability records.

Source of the headings: exports of Nessus (Plugin ID, Risk, Host, Name), of Tenable Vulnerability Management (the same
with IP Address, FQDN, Host End) and of Tenable Security Center (Plugin, Plugin Name, DNS Name, MAC Address,
Repository). Nessus writes one row per CVE: such rows are one finding with all of them. The output of a plugin is
counted and dropped.

A scan finding is identified by the host, the plugin's number, protocol and port.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.row_iterator import TextRow, iter_rows
from homeroom.ingest.rows.scan_findings import SEVERITIES, ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.ip_addresses import derive_host_key, normalize_mac, parse_ip

WORDS = {**SEVERITIES, "0": "info", "1": "low", "2": "medium", "3": "high", "4": "critical"}
SCORES = ("CVSS v4.0 Base Score", "CVSS4 Base Score", "CVSS v3.0 Base Score", "CVSS V3 Base Score", "CVSS3 Base Score")
OLDER_SCORES = ("CVSSv3", "CVSS V2 Base Score", "CVSS v2.0 Base Score", "CVSS Base Score", "CVSS")
OUTPUT = ("Plugin Output", "Plugin Text")
EXPLOITED = "CISA-KNOWN-EXPLOITED"
_CENTER = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4} \d{2}:\d{2}:\d{2})(?: (UTC|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT))?")
_HOURS = {"EDT": 4, "EST": 5, "CDT": 5, "CST": 6, "MDT": 6, "MST": 7, "PDT": 7, "PST": 8}
_WEB = re.compile(r"(?i)^[a-z]+://([^/:]+).*")


def read_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of any of the three forms; the scope is the repository, else the hosts in the file."""
    findings, repositories = ScanReportBuilder(), set()
    for row in iter_rows(frame):
        findings.records.count_dropped("plugin_output", count=int(row.get(*OUTPUT) is not None))
        repositories.add(row.get("Repository") or "")
        _add_row(row, findings=findings)
    has_repository = len(repositories) == 1 and repositories != {""}
    scope = build_scope("repository", repositories) if has_repository else build_scope("hosts", findings.hosts)
    return findings.build_reading("device_records", "vulnerability_records", scope=scope)


def _add_row(row: TextRow, *, findings: ScanReportBuilder) -> None:
    plugin = row.get("Plugin ID", "Plugin")
    host_name = _WEB.sub(r"\1", row.get("Host", "DNS Name") or "") or None
    host_address = next((candidate for candidate in (row.get("IP Address"), host_name) if parse_ip(candidate)), None)
    macs = [candidate] if (candidate := normalize_mac(row.get("MAC Address"))) else []
    key = derive_host_key(macs=macs, address=host_address) or host_name or row.get("FQDN", "NetBIOS Name", "NetBios")
    if key is None or plugin is None:
        field, reason = ("Host", "no host") if key is None else ("Plugin ID", "no plugin's number")
        findings.reject_row(
            line=row.number, field=field, reason=f"{reason}, so the weakness cannot be told from others"
        )
        return
    at = parse_time(row.get("Host End", "Last Observed", "Last Found"))
    netbios = (row.get("NetBIOS Name", "NetBios") or "").rpartition("\\")[2]
    name = netbios or row.get("FQDN", "DNS Name") or (host_name if host_name and not parse_ip(host_name) else None)
    findings.add_host(
        line=row.number, key=key, name=name, addresses=[host_address], macs=macs, system=row.get("OS"), last_seen=at
    )
    port = row.get("Port")
    findings.add_finding(
        line=row.number,
        device=key,
        check=plugin,
        title=row.get("Name", "Plugin Name"),
        severity=row.get("Risk", "Severity"),
        severities=WORDS,
        cves=[row.get("CVE")],
        score=row.get(*SCORES, *OLDER_SCORES),
        solution=clean_text(row.get("Solution")),
        protocol=row.get("Protocol"),
        port=port,
        at=at,
        exploited=_is_exploited(row),
        solved={"fixed": True, "active": False}.get((row.get("Vulnerability State") or "").lower()),
    )


def _is_exploited(row: TextRow) -> bool | None:
    has_mark = EXPLOITED in (row.get("XREF", "Cross References") or "")
    return True if has_mark or (row.get("Exploited by Malware") or "").lower() == "true" else None


def clean_text(value: str | None) -> str | None:
    """Return a text, or None for n/a and none."""
    return None if value is None or value.lower() in ("n/a", "none") else value


def parse_time(raw_time: str | None) -> datetime | None:
    """Parse a time as the products write it.

    It is ISO 8601, or Security Center's `Feb 19, 2024 21:01:01 UTC` with a time zone of the US.
    """
    match = _CENTER.fullmatch(raw_time or "")
    if match is None:
        return parse_scan_time(raw_time)
    at = datetime.strptime(match[1], "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
    return datetime.fromtimestamp(at.timestamp() + 3600 * _HOURS.get(match[2] or "", 0), tz=UTC)
