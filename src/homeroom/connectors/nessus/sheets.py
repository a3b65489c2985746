"""Rows of Tenable's CSV exports into device and flaw records.

Source of the headings: exports of Nessus (Plugin ID, Risk, Host, Name), of Tenable Vulnerability Management (the same
with IP Address, FQDN, Host End) and of Tenable Security Center (Plugin, Plugin Name, DNS Name, MAC Address, Repository).
Nessus writes one row a CVE: such rows are one weakness with all of them. What a plugin printed is counted and left out.

A weakness is known by the host, the plugin's number, protocol and port.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import Line, lines_of
from homeroom.ingest.network import address, host_key, mac
from homeroom.ingest.weaknesses import SEVERITIES, Findings, scope_of, when

WORDS = {**SEVERITIES, "0": "info", "1": "low", "2": "medium", "3": "high", "4": "critical"}
SCORES = ("CVSS v4.0 Base Score", "CVSS4 Base Score", "CVSS v3.0 Base Score", "CVSS V3 Base Score", "CVSS3 Base Score")
OLDER_SCORES = ("CVSSv3", "CVSS V2 Base Score", "CVSS v2.0 Base Score", "CVSS Base Score", "CVSS")
OUTPUT = ("Plugin Output", "Plugin Text")
EXPLOITED = "CISA-KNOWN-EXPLOITED"
_CENTER = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4} \d{2}:\d{2}:\d{2})(?: (UTC|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT))?")
_HOURS = {"EDT": 4, "EST": 5, "CDT": 5, "CST": 6, "MDT": 6, "MST": 7, "PDT": 7, "PST": 8}
_WEB = re.compile(r"(?i)^[a-z]+://([^/:]+).*")


def sheet(frame: pl.DataFrame) -> Reading:
    """Rows of any of the three forms. The scope is the repository, else the hosts that stand in it."""
    found, repositories = Findings(), set()
    for row in lines_of(frame):
        found.records.left("plugin_output", count=int(row.get(*OUTPUT) is not None))
        repositories.add(row.get("Repository") or "")
        _row(row, found=found)
    named = len(repositories) == 1 and repositories != {""}
    scope = scope_of("repository", repositories) if named else scope_of("hosts", found.hosts)
    return found.reading("device_records", "flaw_records", scope=scope)


def _row(row: Line, *, found: Findings) -> None:
    plugin = row.get("Plugin ID", "Plugin")
    named = _WEB.sub(r"\1", row.get("Host", "DNS Name") or "") or None
    where = next((one for one in (row.get("IP Address"), named) if address(one)), None)
    macs = [one] if (one := mac(row.get("MAC Address"))) else []
    key = host_key(macs=macs, address=where) or named or row.get("FQDN", "NetBIOS Name", "NetBios")
    if key is None or plugin is None:
        field, reason = ("Host", "no host") if key is None else ("Plugin ID", "no plugin's number")
        found.lost(line=row.number, field=field, reason=f"{reason}, so the weakness cannot be told from others")
        return
    at = _when(row.get("Host End", "Last Observed", "Last Found"))
    netbios = (row.get("NetBIOS Name", "NetBios") or "").rpartition("\\")[2]
    name = netbios or row.get("FQDN", "DNS Name") or (named if named and not address(named) else None)
    found.host(line=row.number, key=key, name=name, addresses=[where], macs=macs, system=row.get("OS"), seen=at)
    port = row.get("Port")
    found.flaw(
        line=row.number,
        device=key,
        check=plugin,
        title=row.get("Name", "Plugin Name"),
        severity=row.get("Risk", "Severity"),
        words=WORDS,
        cves=[row.get("CVE")],
        score=row.get(*SCORES, *OLDER_SCORES),
        solution=_said(row.get("Solution")),
        protocol=row.get("Protocol"),
        port=port,
        at=at,
        exploited=_exploited(row),
        solved={"fixed": True, "active": False}.get((row.get("Vulnerability State") or "").lower()),
    )


def _exploited(row: Line) -> bool | None:
    marked = EXPLOITED in (row.get("XREF", "Cross References") or "")
    return True if marked or (row.get("Exploited by Malware") or "").lower() == "true" else None


def _said(value: str | None) -> str | None:
    return None if value is None or value.lower() in ("n/a", "none") else value


def _when(written: str | None) -> datetime | None:
    """A time as the products write it: ISO 8601, or Security Center's `Feb 19, 2024 21:01:01 UTC` with a zone of the US."""
    center = _CENTER.fullmatch(written or "")
    if center is None:
        return when(written)
    at = datetime.strptime(center[1], "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
    return datetime.fromtimestamp(at.timestamp() + 3600 * _HOURS.get(center[2] or "", 0), tz=UTC)
