"""Nmap's hosts into device and service records.

Source of the elements: Nmap's output form, nmap.dtd 1.04 and 1.05 (host, address, hostname, osmatch, port). Of what scripts
print only that is kept for which services have a column (`scripts`): the rest may hold what a server told, and the flaws
that some list follow from a version banner alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lxml import etree

from homeroom.connectors.nmap.scripts import told
from homeroom.ingest.connector import Reading
from homeroom.ingest.network import host_key, mac, public
from homeroom.ingest.records import Records, moment, text, whole

SURE = 95
"""The least accuracy, in percent, at which a guess at the operating system is believed."""
PLATFORMS = {
    "windows": "windows",
    "linux": "linux",
    "mac os x": "macos",
    "macos": "macos",
    "ios": "ios",
    "android": "android",
    "chrome os": "chromeos",
}
"""Nmap's OS families. Cisco's is written IOS as well, so that the maker is looked at too."""
COMPUTERS = ("general purpose", "specialized", "phone")
HIGHEST_PORT = 65_535
_NETWORK = re.compile(r"\d{1,3}(\.[\d*,-]+){3}(/\d{1,2})?|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*(/\d{1,3})?")
LONGEST_PROTOCOL = 8


def hosts(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Hosts that were up into `device_records`, each port that is listed into `service_records`.

    Ports that Nmap only sums up (`extraports`) are no rows. The time is the host's end, else the scan's beginning. A scan
    speaks of the networks that it was asked to scan: one of another network replaces nothing of it.
    """
    records = Records()
    for element in elements:
        _host(element, began=moment(root.get("start")), records=records)
    return replace(records.reading("device_records", "service_records"), scope=_networks(root.get("args") or ""))


def _networks(words: str) -> str:
    """The networks and addresses among the words that Nmap was called with; empty where it was given names or a list."""
    found = sorted({word for word in words.split() if _NETWORK.fullmatch(word)})
    return f"networks:{' '.join(found)}" if found else ""


def _host(element: etree._Element, *, began: datetime | None, records: Records) -> None:
    line = element.sourceline or 0
    if element.find("status[@state='up']") is None and element.find("ports/port") is None:
        return
    by_kind = [(one.get("addrtype"), one.get("addr")) for one in element.findall("address")]
    addresses = [written for kind, written in by_kind if kind != "mac" and written]
    macs = [found for kind, written in by_kind if kind == "mac" and (found := mac(written))]
    key = host_key(macs=macs, address=addresses[0] if addresses else None)
    if key is None:
        reason = "a host without an address, so it cannot be told from others"
        records.reject(line=line, field="address", value=None, reason=reason, row_lost=True)
        return
    at = moment(element.get("endtime")) or moment(element.get("starttime")) or began
    platform, kind = _system(element)
    records.put(
        "device_records",
        line=line,
        key=key,
        name=_name(element),
        macs=macs,
        addresses=addresses,
        platform=platform,
        kind=kind,
        last_seen=at,
    )
    for port in element.findall("ports/port"):
        _port(port, host=element, key=key, address=addresses[0] if addresses else "", at=at, records=records)


def _port(
    port: etree._Element, *, host: etree._Element, key: str, address: str, at: datetime | None, records: Records
) -> None:
    line, number, state, service = (
        port.sourceline or 0,
        whole(port.get("portid")),
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
    about: Mapping[str, str] = dict(service.attrib) if service is not None else {}
    records.put(
        "service_records",
        line=line,
        device_key=key,
        address=address,
        public=public(address),
        protocol=protocol[:LONGEST_PROTOCOL] or None,
        port=number,
        state=state.get("state"),
        service=text(about.get("name")),
        product=text(about.get("product")),
        version=text(about.get("version")),
        scanned_at=at,
        **told(port, host=host),
    )


def _name(element: etree._Element) -> str | None:
    """The name that the address resolves to, else the one that the scan was started with."""
    names = {one.get("type"): text(one.get("name")) for one in element.findall("hostnames/hostname")}
    return names.get("PTR") or names.get("user")


def _system(element: etree._Element) -> tuple[str | None, str | None]:
    """Platform and kind, where every guess that is sure enough says the same."""
    sure = [match for match in element.findall("os/osmatch") if (whole(match.get("accuracy")) or 0) >= SURE]
    classes = [one for match in sure for one in match.findall("osclass")]
    platforms = {_platform(one) for one in classes}
    kinds = {_kind(one) for one in classes}
    return (platforms.pop() if len(platforms) == 1 else None), (kinds.pop() if len(kinds) == 1 else None)


def _platform(osclass: etree._Element) -> str | None:
    if (osclass.get("vendor") or "").lower() == "cisco":
        return None
    return PLATFORMS.get((osclass.get("osfamily") or "").lower())


def _kind(osclass: etree._Element) -> str | None:
    said = (osclass.get("type") or "").lower()
    if said == "phone":
        return "phone"
    return None if said in COMPUTERS or not said else "other"
