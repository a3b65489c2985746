"""Hosts of a Nessus report into device, service and flaw records.

Source of the elements: the .nessus form, version 2 (ReportHost, HostProperties/tag@name, ReportItem). What a plugin
printed is counted and left out: it can hold passwords, names of accounts and parts of files.

A weakness is known by the host, the plugin's number, protocol and port.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from lxml import etree

from homeroom.connectors.nessus.sheets import sheet as sheet
from homeroom.ingest import hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address, host_key, mac, public
from homeroom.ingest.records import Records, moment, tenths, text, whole
from homeroom.ingest.weaknesses import scope_of

SEVERITIES = ("info", "low", "medium", "high", "critical")
SCORES = ("cvss4_base_score", "cvss3_base_score", "cvss_base_score")
"""The newest version first."""
ANSWERED = ("Port scanners", "Service detection")
"""Families whose plugins speak of a port because it answered."""
FROM_INSIDE = ("14272", "34220", "14274")
"""Port scanners that ask the host itself (netstat over SSH and WMI, SNMP) what it listens on: a firewall may be before it."""
TYPES = {"general-purpose": None, "hypervisor": None, "unknown": None, "mobile": None}
EXPLOITED = "CISA-KNOWN-EXPLOITED"
TRANSPORTS = ("tcp", "udp")
HIGHEST_PORT = 65_535
TIMES = ("HOST_END_TIMESTAMP", "HOST_END", "HOST_START_TIMESTAMP", "HOST_START")
"""The ends of a host's scan first; those without a zone are in the scanner's and are taken as UTC."""
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_HEX = re.compile(r"[0-9A-Fa-f:.\-]{12,17}")
_CISCO = re.compile(r"(?i)\bcisco\b")
_NOTHING = ("n/a", "none")
_WEB = re.compile(r"(?i)^[a-z]+://([^/:]+).*")
"""Scans of web applications name their host by its address in a browser."""


@dataclass(frozen=True, kw_only=True)
class _Host:
    key: str
    address: str
    at: datetime | None


def hosts(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Hosts into `device_records`, items into `flaw_records` and, where a port answered, into `service_records`.

    A weakness is known to be exploited where the report says so, by CISA's mark or for malware. That an item has no such
    mark says nothing: plugins are marked when they are next revised.
    """
    records, scans = Records(), set()
    for element in elements:
        scans.add(_scan(element))
        host = _host(element, records=records)
        if host is not None:
            for item in element.findall("ReportItem"):
                _item(item, host=host, records=records)
    made = records.reading("device_records", "service_records", "flaw_records")
    return replace(made, scope=scope_of("scan", scans))


def _scan(element: etree._Element) -> str:
    """The name of the scan that a host stands in: a report decides only for what its own scan looks at."""
    report = element.getparent()
    return "" if report is None else report.get("name", "")


def _host(element: etree._Element, *, records: Records) -> _Host | None:
    tags = {one.get("name", ""): one.text or "" for one in element.findall("HostProperties/tag")}
    target, line = text(_WEB.sub(r"\1", element.get("name", ""))), element.sourceline or 0
    macs = sorted({found for word in _HEX.findall(tags.get("mac-address", "")) if (found := mac(word))})
    where = text(tags.get("host-ip")) or target
    key = host_key(macs=macs, address=where)
    if key is None or where is None:
        reason = "a host without an address or a name, so it cannot be told from others"
        records.reject(line=line, field="name", value=None, reason=reason, row_lost=True)
        return None
    at = next((end for name in TIMES if (end := moment(tags.get(name)))), None)
    records.put(
        "device_records",
        line=line,
        key=key,
        name=_name(tags, target=target),
        macs=macs,
        addresses=[one for one in (where,) if address(one)],
        platform=_platform(tags.get("operating-system", "")),
        kind=_kind(tags.get("system-type", "")),
        last_seen=at,
    )
    return _Host(key=key, address=where, at=at)


def _name(tags: Mapping[str, str], *, target: str | None) -> str | None:
    """The computer's own name before what its address resolves to; a NetBIOS name without its domain."""
    netbios = (text(tags.get("netbios-name")) or "").rpartition("\\")[2]
    full = text(_WEB.sub(r"\1", tags.get("host-fqdn", "")))
    named = netbios or text(tags.get("hostname")) or full or text(tags.get("host-rdns"))
    return named or (target if target and not address(target) else None)


def _platform(system: str) -> str | None:
    """Null where the report gives several systems that are not of one platform: then it only guessed."""
    lines = [line for line in system.splitlines() if line.strip() and not _CISCO.search(line)]
    if not lines or _CISCO.search(system):
        return None
    frame = pl.DataFrame({"line": lines}).select(hardware.platform(pl.col("line")))
    found = set(frame.to_series().to_list())
    return found.pop() if len(found) == 1 else None


def _kind(said: str) -> str | None:
    word = said.strip().lower()
    return TYPES.get(word, "other") if word else None


def _item(item: etree._Element, *, host: _Host, records: Records) -> None:
    line, plugin = item.sourceline or 0, text(item.get("pluginID"))
    records.left("plugin_output", count=len(item.findall("plugin_output")))
    port = whole(item.get("port") or "0")
    if plugin is None or port is None or port > HIGHEST_PORT:
        field, fits = ("pluginID", "a plugin's number") if plugin is None else ("port", "0 to 65535")
        reason = f"missing, or no number; {fits} would fit"
        records.reject(line=line, field=field, value=item.get(field), reason=reason, row_lost=True)
        return
    spoken = (item.get("protocol") or "").lower()
    protocol = spoken if spoken in TRANSPORTS else None
    records.put(
        "flaw_records",
        line=line,
        device_key=host.key,
        check_id=plugin,
        title=text(item.get("pluginName")) or text(item.findtext("plugin_name")),
        severity=_severity(item, line=line, records=records),
        cves=[cve.upper() for one in item.findall("cve") if (cve := text(one.text)) and _CVE.fullmatch(cve.upper())],
        known_exploited=_exploited(item),
        cvss_tenths=next((score for name in SCORES if (score := tenths(item.findtext(name))) is not None), None),
        solution=_said(item.findtext("solution")),
        protocol=protocol,
        port=port,
        reported_at=host.at,
    )
    if port and protocol and item.get("pluginFamily") in ANSWERED and plugin not in FROM_INSIDE:
        _service(item, host=host, port=port, protocol=protocol, records=records)


def _service(item: etree._Element, *, host: _Host, port: int, protocol: str, records: Records) -> None:
    named = (text(item.get("svc_name")) or "").rstrip("?").lower()  # https? is a guess by the port's number
    records.put(
        "service_records",
        line=item.sourceline or 0,
        device_key=host.key,
        address=host.address,
        public=public(host.address),
        protocol=protocol,
        port=port,
        state="open",
        service=named if named not in ("", "unknown", "general") else None,
        scanned_at=host.at,
    )


def _severity(item: etree._Element, *, line: int, records: Records) -> str | None:
    number = whole(item.get("severity"))
    if number is not None and number < len(SEVERITIES):
        return SEVERITIES[number]
    reason = "not a severity; 0 (info) to 4 (critical) fit"
    records.reject(line=line, field="severity", value=item.get("severity"), reason=reason, row_lost=False)
    return None


def _exploited(item: etree._Element) -> bool | None:
    marks = [one.text or "" for one in item.findall("xref")]
    by_malware = (item.findtext("exploited_by_malware") or "").strip().lower() == "true"
    return True if by_malware or any(mark.strip().startswith(EXPLOITED) for mark in marks) else None


def _said(value: str | None) -> str | None:
    found = text(value)
    return None if found is None or found.lower() in _NOTHING else found
