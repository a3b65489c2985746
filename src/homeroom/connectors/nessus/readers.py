"""Hosts of a Nessus report into device, service and vulnerability records.

Source of the elements: the .nessus form, version 2 (ReportHost, HostProperties/tag@name, ReportItem). The output of a
plugin is counted and dropped: it can hold passwords, names of accounts and parts of files.

A scan finding is identified by the host, the plugin's number, protocol and port.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from lxml import etree

from homeroom.connectors.nessus.exports import read_exported_findings as read_exported_findings
from homeroom.connectors.nessus.sheets import read_sheet as read_sheet
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import (
    RecordBuilder,
    clean_text,
    parse_cvss_tenths,
    parse_timestamp,
    parse_whole_number,
)
from homeroom.ingest.rows.scan_findings import build_scope
from homeroom.ingest.values import device_types
from homeroom.ingest.values.ip_addresses import derive_host_key, is_public, normalize_mac, parse_ip

SEVERITIES = ("info", "low", "medium", "high", "critical")
SCORES = ("cvss4_base_score", "cvss3_base_score", "cvss_base_score")
"""The newest version first."""
RESPONDING_FAMILIES = ("Port scanners", "Service detection")
"""Families of plugins that report a port because it responded."""
LOCAL_PORT_SCANNERS = ("14272", "34220", "14274")
"""Port scanners that run on the host itself (netstat over SSH and WMI, SNMP): a firewall may hide these ports."""
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
class _NessusHost:
    key: str
    address: str
    at: datetime | None


def read_hosts(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read hosts into `device_records`, items into `vulnerability_records` and responding ports into `service_records`.

    A vulnerability is known to be exploited where the report marks it, by CISA's mark or for malware. The absence of a
    mark means nothing: plugins are marked when they are next revised.
    """
    records, scans = RecordBuilder(), set()
    for element in elements:
        scans.add(_get_scan_name(element))
        host = _add_host(element, records=records)
        if host is not None:
            for item in element.findall("ReportItem"):
                _add_item(item, host=host, records=records)
    reading = records.build_reading("device_records", "service_records", "vulnerability_records")
    return replace(reading, scope=build_scope("scan", scans))


def _get_scan_name(element: etree._Element) -> str:
    """Return the name of the host's scan: a report decides only for the hosts that its own scan covers."""
    report = element.getparent()
    return "" if report is None else report.get("name", "")


def _add_host(element: etree._Element, *, records: RecordBuilder) -> _NessusHost | None:
    tags = {entry.get("name", ""): entry.text or "" for entry in element.findall("HostProperties/tag")}
    target, line = clean_text(_WEB.sub(r"\1", element.get("name", ""))), element.sourceline or 0
    macs = sorted(
        {
            mac_address
            for hex_text in _HEX.findall(tags.get("mac-address", ""))
            if (mac_address := normalize_mac(hex_text))
        }
    )
    host_address = clean_text(tags.get("host-ip")) or target
    key = derive_host_key(macs=macs, address=host_address)
    if key is None or host_address is None:
        reason = "a host without an address or a name, so it cannot be told from others"
        records.reject(line=line, field="name", value=None, reason=reason, row_lost=True)
        return None
    at = next((end for name in TIMES if (end := parse_timestamp(tags.get(name)))), None)
    records.put(
        "device_records",
        line=line,
        key=key,
        name=_derive_name(tags, target=target),
        macs=macs,
        addresses=[entry for entry in (host_address,) if parse_ip(entry)],
        platform=_derive_platform(tags.get("operating-system", "")),
        kind=_derive_kind(tags.get("system-type", "")),
        last_seen=at,
    )
    return _NessusHost(key=key, address=host_address, at=at)


def _derive_name(tags: Mapping[str, str], *, target: str | None) -> str | None:
    """Return the computer's own name, else what its address resolves to; a NetBIOS name without its domain."""
    netbios = (clean_text(tags.get("netbios-name")) or "").rpartition("\\")[2]
    full = clean_text(_WEB.sub(r"\1", tags.get("host-fqdn", "")))
    own_name = netbios or clean_text(tags.get("hostname")) or full or clean_text(tags.get("host-rdns"))
    return own_name or (target if target and not parse_ip(target) else None)


def _derive_platform(system: str) -> str | None:
    """Derive the platform; None where the report guesses several systems that are not of one platform."""
    lines = [line for line in system.splitlines() if line.strip() and not _CISCO.search(line)]
    if not lines or _CISCO.search(system):
        return None
    frame = pl.DataFrame({"line": lines}).select(device_types.detect_platform(pl.col("line")))
    platforms = set(frame.to_series().to_list())
    return platforms.pop() if len(platforms) == 1 else None


def _derive_kind(system_type: str) -> str | None:
    word = system_type.strip().lower()
    return TYPES.get(word, "other") if word else None


def _add_item(item: etree._Element, *, host: _NessusHost, records: RecordBuilder) -> None:
    line, plugin = item.sourceline or 0, clean_text(item.get("pluginID"))
    records.count_dropped("plugin_output", count=len(item.findall("plugin_output")))
    port = parse_whole_number(item.get("port") or "0")
    if plugin is None or port is None or port > HIGHEST_PORT:
        field, fits = ("pluginID", "a plugin's number") if plugin is None else ("port", "0 to 65535")
        reason = f"missing, or no number; {fits} would fit"
        records.reject(line=line, field=field, value=item.get(field), reason=reason, row_lost=True)
        return
    raw_protocol = (item.get("protocol") or "").lower()
    protocol = raw_protocol if raw_protocol in TRANSPORTS else None
    records.put(
        "vulnerability_records",
        line=line,
        device_key=host.key,
        check_id=plugin,
        title=clean_text(item.get("pluginName")) or clean_text(item.findtext("plugin_name")),
        severity=_parse_severity(item, line=line, records=records),
        cves=[
            cve.upper()
            for cve_element in item.findall("cve")
            if (cve := clean_text(cve_element.text)) and _CVE.fullmatch(cve.upper())
        ],
        known_exploited=_is_exploited(item),
        cvss_tenths=next(
            (score for name in SCORES if (score := parse_cvss_tenths(item.findtext(name))) is not None), None
        ),
        solution=_clean_text(item.findtext("solution")),
        protocol=protocol,
        port=port,
        reported_at=host.at,
    )
    if port and protocol and item.get("pluginFamily") in RESPONDING_FAMILIES and plugin not in LOCAL_PORT_SCANNERS:
        _add_service(item, host=host, port=port, protocol=protocol, records=records)


def _add_service(item: etree._Element, *, host: _NessusHost, port: int, protocol: str, records: RecordBuilder) -> None:
    service_name = (
        (clean_text(item.get("svc_name")) or "").rstrip("?").lower()
    )  # https? is a guess by the port's number
    records.put(
        "service_records",
        line=item.sourceline or 0,
        device_key=host.key,
        address=host.address,
        public=is_public(host.address),
        protocol=protocol,
        port=port,
        state="open",
        service=service_name if service_name not in ("", "unknown", "general") else None,
        scanned_at=host.at,
    )


def _parse_severity(item: etree._Element, *, line: int, records: RecordBuilder) -> str | None:
    number = parse_whole_number(item.get("severity"))
    if number is not None and number < len(SEVERITIES):
        return SEVERITIES[number]
    reason = "not a severity; 0 (info) to 4 (critical) fit"
    records.reject(line=line, field="severity", value=item.get("severity"), reason=reason, row_lost=False)
    return None


def _is_exploited(item: etree._Element) -> bool | None:
    references = [element.text or "" for element in item.findall("xref")]
    by_malware = (item.findtext("exploited_by_malware") or "").strip().lower() == "true"
    return True if by_malware or any(reference.strip().startswith(EXPLOITED) for reference in references) else None


def _clean_text(value: str | None) -> str | None:
    cleaned = clean_text(value)
    return None if cleaned is None or cleaned.lower() in _NOTHING else cleaned
