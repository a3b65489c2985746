"""Nmap's hosts into device, service and vulnerability records.

Source of the elements: Nmap's output form, nmap.dtd 1.04 and 1.05 (host, address, hostname, osmatch, port). The output
of scripts is stored only where services have a column for it (`scripts`), since the rest may hold what a server sent;
what the script vulners lists are scan findings (`vulners`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from lxml import etree

from homeroom.connectors.nmap.scripts import read_scripts
from homeroom.connectors.nmap.vulners import iter_entries
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, parse_timestamp, parse_whole_number
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, derive_severity, parse_score
from homeroom.ingest.values.ip_addresses import derive_host_key, is_public, normalize_mac

MIN_ACCURACY = 95
"""The lowest accuracy, in percent, at which a guess at the operating system is accepted."""
PLATFORMS = {
    "windows": "windows",
    "linux": "linux",
    "mac os x": "macos",
    "macos": "macos",
    "ios": "ios",
    "android": "android",
    "chrome os": "chromeos",
}
"""Nmap's OS families; Cisco's is written IOS as well, so that the vendor is compared too."""
COMPUTERS = ("general purpose", "specialized", "phone")
HIGHEST_PORT = 65_535
_NETWORK = re.compile(r"\d{1,3}(\.[\d*,-]+){3}(/\d{1,2})?|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*(/\d{1,3})?")
LONGEST_PROTOCOL = 8


def read_hosts(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Read hosts that were up into `device_records`, and each listed port into `service_records`.

    Ports that Nmap only sums up (`extraports`) are no rows. The time is the host's end, else the scan's beginning. A
    scan covers the networks that it was started for: a scan of another network replaces nothing of it.
    """
    findings = ScanReportBuilder()
    for element in elements:
        _add_host(element, scan_start=parse_timestamp(root.get("start")), findings=findings)
    return findings.build_reading(
        "device_records", "service_records", "vulnerability_records", scope=_find_networks(root.get("args") or "")
    )


def _find_networks(words: str) -> str:
    """Find the networks and addresses in Nmap's arguments; empty where it was given names or a list."""
    networks = sorted({word for word in words.split() if _NETWORK.fullmatch(word)})
    return f"networks:{' '.join(networks)}" if networks else ""


def _add_host(element: etree._Element, *, scan_start: datetime | None, findings: ScanReportBuilder) -> None:
    line, records = element.sourceline or 0, findings.records
    if element.find("status[@state='up']") is None and element.find("ports/port") is None:
        return
    typed_addresses = [(entry.get("addrtype"), entry.get("addr")) for entry in element.findall("address")]
    addresses = [value for kind, value in typed_addresses if kind != "mac" and value]
    macs = [mac_address for kind, value in typed_addresses if kind == "mac" and (mac_address := normalize_mac(value))]
    key = derive_host_key(macs=macs, address=addresses[0] if addresses else None)
    if key is None:
        reason = "a host without an address, so it cannot be told from others"
        records.reject(line=line, field="address", value=None, reason=reason, row_lost=True)
        return
    at = parse_timestamp(element.get("endtime")) or parse_timestamp(element.get("starttime")) or scan_start
    platform, kind = _derive_system(element)
    records.put(
        "device_records",
        line=line,
        key=key,
        name=_find_name(element),
        macs=macs,
        addresses=addresses,
        platform=platform,
        kind=kind,
        last_seen=at,
    )
    for port in element.findall("ports/port"):
        _add_port(port, host=element, key=key, address=addresses[0] if addresses else "", at=at, records=records)
        _add_vulnerabilities(port, key=key, at=at, findings=findings)


def _add_port(
    port: etree._Element, *, host: etree._Element, key: str, address: str, at: datetime | None, records: RecordBuilder
) -> None:
    line, number, state, service = (
        port.sourceline or 0,
        parse_whole_number(port.get("portid")),
        port.find("state"),
        port.find("service"),
    )
    protocol = (port.get("protocol") or "").lower()
    if number is None or number > HIGHEST_PORT:
        reason = "not a port number; 0 to 65535 fit"
        records.reject(line=line, field="portid", value=port.get("portid"), reason=reason, row_lost=True)
        return
    if state is None or not state.get("state"):
        reason = "a port without a state; open, closed and filtered fit"
        records.reject(line=line, field="state", value=None, reason=reason, row_lost=True)
        return
    attributes: Mapping[str, str] = dict(service.attrib) if service is not None else {}
    records.put(
        "service_records",
        line=line,
        device_key=key,
        address=address,
        public=is_public(address),
        protocol=protocol[:LONGEST_PROTOCOL] or None,
        port=number,
        state=state.get("state"),
        service=clean_text(attributes.get("name")),
        product=clean_text(attributes.get("product")),
        version=clean_text(attributes.get("version")),
        scanned_at=at,
        **read_scripts(port, host=host),
    )


def _add_vulnerabilities(port: etree._Element, *, key: str, at: datetime | None, findings: ScanReportBuilder) -> None:
    """Add what the script vulners lists for the port; it follows from the version that the service states."""
    for entry in iter_entries(port):
        findings.add_finding(
            line=port.sourceline or 0,
            device=key,
            check=entry.id,
            title=f"{entry.id} in {entry.product}" if entry.product else entry.id,
            severity=derive_severity(parse_score(entry.score)),
            cves=[entry.id],
            score=entry.score,
            product=entry.product,
            version=entry.version,
            protocol=port.get("protocol"),
            port=port.get("portid"),
            at=at,
        )


def _find_name(element: etree._Element) -> str | None:
    """Find the name that the address resolves to, else the one that the scan was started with."""
    names = {
        hostname.get("type"): clean_text(hostname.get("name")) for hostname in element.findall("hostnames/hostname")
    }
    return names.get("PTR") or names.get("user")


def _derive_system(element: etree._Element) -> tuple[str | None, str | None]:
    """Derive platform and kind, where all guesses that are certain enough agree."""
    sure_matches = [
        match
        for match in element.findall("os/osmatch")
        if (parse_whole_number(match.get("accuracy")) or 0) >= MIN_ACCURACY
    ]
    classes = [os_class for match in sure_matches for os_class in match.findall("osclass")]
    platforms = {_get_platform(os_class) for os_class in classes}
    kinds = {_derive_kind(os_class) for os_class in classes}
    return (platforms.pop() if len(platforms) == 1 else None), (kinds.pop() if len(kinds) == 1 else None)


def _get_platform(osclass: etree._Element) -> str | None:
    if (osclass.get("vendor") or "").lower() == "cisco":
        return None
    return PLATFORMS.get((osclass.get("osfamily") or "").lower())


def _derive_kind(osclass: etree._Element) -> str | None:
    device_type = (osclass.get("type") or "").lower()
    if device_type == "phone":
        return "phone"
    return None if device_type in COMPUTERS or not device_type else "other"
