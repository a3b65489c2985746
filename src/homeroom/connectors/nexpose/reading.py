"""Nexpose's nodes into device, service and flaw records.

Source of the names: the XML Export 1.0 and 2.0 formats (nodes/node, tests/test@status, endpoints/endpoint, and
VulnerabilityDefinitions/vulnerability). Only tests whose status begins with `vulnerable` are weaknesses. Severities 1 to 10
are its own: 1 to 3 moderate, 4 to 7 severe, 8 to 10 critical; they become medium, high and critical. What a test saw
(Paragraph) is counted and left out.

A weakness is known by the node, the vulnerability's id, protocol and port; of several tests with one id at one place one
row is made. The node is known by its hardware address where it has one, else by its address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.network import host_key, mac
from homeroom.ingest.records import text, whole
from homeroom.ingest.weaknesses import SEVERITIES, Findings, port_of, protocol_of, scope_of, when

BANDS = ((8, "critical"), (4, "high"), (1, "medium"), (0, "info"))
VULNERABLE = "vulnerable"
SURE = 0.7
"""The least certainty at which a guess at the operating system is believed."""


@dataclass(frozen=True, kw_only=True)
class _Node:
    key: str
    address: str | None
    at: datetime | None


def report(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Every node of a report, whether anything was found on it or not. The scope is its sites, else its scans."""
    found, sites, scans = Findings(), set(), set()
    for element in elements:
        about = {one.get("id", "").lower(): one for one in element.iter("vulnerability")}
        ends = [at for one in element.iterfind("scans/scan") if (at := when(one.get("endTime")))]
        scans |= {one.get("name", "") for one in element.iterfind("scans/scan")}
        for one in element.iter("node"):
            sites.add(one.get("site-name", ""))
            _node(one, about=about, ended=max(ends, default=None), found=found)
    scope = scope_of("site", sites) or scope_of("scan", scans)
    return found.reading("device_records", "service_records", "flaw_records", scope=scope)


def _node(
    element: etree._Element, *, about: Mapping[str, etree._Element], ended: datetime | None, found: Findings
) -> None:
    line, where = element.sourceline or 0, text(element.get("address"))
    macs = [one] if (one := mac(element.get("hardware-address"))) else []
    names = [name for one in element.findall("names/name") if (name := text(one.text))]
    key = host_key(macs=macs, address=where) or next(iter(names), None)
    if key is None:
        found.lost(line=line, field="address", reason="a node without an address or a name")
        return
    system = _system(element)
    found.host(
        line=line, key=key, name=next(iter(names), None), addresses=[where], macs=macs, system=system, seen=ended
    )
    node = _Node(key=key, address=where, at=ended)
    for test in element.findall("tests/test"):
        _test(test, node=node, about=about, protocol=None, port="0", found=found)
    for endpoint in element.findall("endpoints/endpoint"):
        _endpoint(endpoint, node=node, about=about, found=found)


def _system(element: etree._Element) -> str | None:
    """The surest of the systems that it may run, where one is sure enough."""
    guesses = [(_certainty(one), one) for one in element.findall("fingerprints/os")]
    best = max(guesses, key=lambda guess: guess[0], default=None)
    if best is None or best[0] < SURE:
        return None
    return text(" ".join(best[1].get(name, "") for name in ("vendor", "family", "product", "version")))


def _certainty(guess: etree._Element) -> float:
    written = guess.get("certainty", "")
    return float(written) if written.replace(".", "", 1).isdecimal() and written.isascii() else 0.0


def _endpoint(endpoint: etree._Element, *, node: _Node, about: Mapping[str, etree._Element], found: Findings) -> None:
    protocol, written = protocol_of(endpoint.get("protocol")), endpoint.get("port")
    port = port_of(written)
    service = endpoint.find("services/service")
    if port and protocol and endpoint.get("status", "open").lower() == "open":
        print_ = endpoint.find("services/service/fingerprints/fingerprint")
        found.service(
            line=endpoint.sourceline or 0,
            device=node.key,
            where=node.address,
            protocol=protocol,
            port=port,
            service=None if service is None else _service(service.get("name")),
            product=None if print_ is None else text(print_.get("product")),
            version=None if print_ is None else text(print_.get("version")),
            at=node.at,
        )
    for test in endpoint.iter("test"):
        _test(test, node=node, about=about, protocol=protocol, port=written, found=found)


def _service(name: str | None) -> str | None:
    found = (text(name) or "").lower()
    return None if found in ("", "<unknown>", "unknown") else found


def _test(
    test: etree._Element,
    *,
    node: _Node,
    about: Mapping[str, etree._Element],
    protocol: str | None,
    port: str | None,
    found: Findings,
) -> None:
    if not test.get("status", "").lower().startswith(VULNERABLE):
        return
    found.records.left("proof", count=int(len(test) > 0))
    check = text(test.get("id"))
    definition = about.get((check or "").lower())
    found.flaw(
        line=test.sourceline or 0,
        device=node.key,
        check=check,
        title=check if definition is None else text(definition.get("title")) or check,
        severity=None if definition is None else _severity(definition),
        words=SEVERITIES,
        cves=[] if definition is None else [one.text for one in definition.iter("reference")],
        score=None if definition is None else definition.get("cvssScore"),
        solution=None if definition is None else _all_text(definition.find("solution")),
        protocol=protocol,
        port=port,
        at=node.at,
    )


def _severity(definition: etree._Element) -> str | None:
    level = whole(definition.get("severity"))
    return None if level is None else next(word for least, word in BANDS if level >= least)


def _all_text(element: etree._Element | None) -> str | None:
    return None if element is None else text(" ".join(str(part) for part in element.itertext()))
