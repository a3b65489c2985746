"""Nexpose's nodes into device, service and vulnerability records.

Source of the names: the XML Export 1.0 and 2.0 formats (nodes/node, tests/test@status, endpoints/endpoint, and
VulnerabilityDefinitions/vulnerability). Only tests whose status begins with `vulnerable` are findings. Severities 1 to
10 are its own: 1 to 3 moderate, 4 to 7 severe, 8 to 10 critical; they become medium, high and critical. The output of a
test (Paragraph) is counted and dropped.

A scan finding is identified by the node, the vulnerability's id, protocol and port; several tests with one id at one
place make one row. The node is identified by its hardware address where it has one, else by its address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, parse_whole_number
from homeroom.ingest.rows.scan_findings import (
    SEVERITIES,
    ScanReportBuilder,
    build_scope,
    parse_port,
    parse_protocol,
    parse_scan_time,
)
from homeroom.ingest.values.ip_addresses import derive_host_key, normalize_mac

BANDS = ((8, "critical"), (4, "high"), (1, "medium"), (0, "info"))
VULNERABLE = "vulnerable"
MIN_CERTAINTY = 0.7
"""The lowest certainty at which a guess at the operating system is accepted."""


@dataclass(frozen=True, kw_only=True)
class _NexposeNode:
    key: str
    address: str | None
    at: datetime | None


def read_report(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read every node of a report, with or without findings; the scope is its sites, else its scans."""
    findings, sites, scans = ScanReportBuilder(), set(), set()
    for element in elements:
        definitions = {entry.get("id", "").lower(): entry for entry in element.iter("vulnerability")}
        ends = [at for entry in element.iterfind("scans/scan") if (at := parse_scan_time(entry.get("endTime")))]
        scans |= {entry.get("name", "") for entry in element.iterfind("scans/scan")}
        for entry in element.iter("node"):
            sites.add(entry.get("site-name", ""))
            _add_node(entry, definitions=definitions, scan_end=max(ends, default=None), findings=findings)
    scope = build_scope("site", sites) or build_scope("scan", scans)
    return findings.build_reading("device_records", "service_records", "vulnerability_records", scope=scope)


def _add_node(
    element: etree._Element,
    *,
    definitions: Mapping[str, etree._Element],
    scan_end: datetime | None,
    findings: ScanReportBuilder,
) -> None:
    line, node_address = element.sourceline or 0, clean_text(element.get("address"))
    macs = [candidate] if (candidate := normalize_mac(element.get("hardware-address"))) else []
    names = [name for candidate in element.findall("names/name") if (name := clean_text(candidate.text))]
    key = derive_host_key(macs=macs, address=node_address) or next(iter(names), None)
    if key is None:
        findings.reject_row(line=line, field="address", reason="a node without an address or a name")
        return
    system = _find_system(element)
    findings.add_host(
        line=line,
        key=key,
        name=next(iter(names), None),
        addresses=[node_address],
        macs=macs,
        system=system,
        last_seen=scan_end,
    )
    node = _NexposeNode(key=key, address=node_address, at=scan_end)
    for test in element.findall("tests/test"):
        _add_test(test, node=node, definitions=definitions, protocol=None, port="0", findings=findings)
    for endpoint in element.findall("endpoints/endpoint"):
        _add_endpoint(endpoint, node=node, definitions=definitions, findings=findings)


def _find_system(element: etree._Element) -> str | None:
    """Find the most certain of the systems that the node may run, if one is certain enough."""
    guesses = [(_parse_certainty(fingerprint), fingerprint) for fingerprint in element.findall("fingerprints/os")]
    best = max(guesses, key=lambda guess: guess[0], default=None)
    if best is None or best[0] < MIN_CERTAINTY:
        return None
    return clean_text(" ".join(best[1].get(name, "") for name in ("vendor", "family", "product", "version")))


def _parse_certainty(guess: etree._Element) -> float:
    raw_certainty = guess.get("certainty", "")
    return float(raw_certainty) if raw_certainty.replace(".", "", 1).isdecimal() and raw_certainty.isascii() else 0.0


def _add_endpoint(
    endpoint: etree._Element,
    *,
    node: _NexposeNode,
    definitions: Mapping[str, etree._Element],
    findings: ScanReportBuilder,
) -> None:
    protocol, raw_port = parse_protocol(endpoint.get("protocol")), endpoint.get("port")
    port = parse_port(raw_port)
    service = endpoint.find("services/service")
    if port and protocol and endpoint.get("status", "open").lower() == "open":
        fingerprint = endpoint.find("services/service/fingerprints/fingerprint")
        findings.add_service(
            line=endpoint.sourceline or 0,
            device=node.key,
            ip_address=node.address,
            protocol=protocol,
            port=port,
            service=None if service is None else _clean_service_name(service.get("name")),
            product=None if fingerprint is None else clean_text(fingerprint.get("product")),
            version=None if fingerprint is None else clean_text(fingerprint.get("version")),
            at=node.at,
        )
    for test in endpoint.iter("test"):
        _add_test(test, node=node, definitions=definitions, protocol=protocol, port=raw_port, findings=findings)


def _clean_service_name(name: str | None) -> str | None:
    cleaned = (clean_text(name) or "").lower()
    return None if cleaned in ("", "<unknown>", "unknown") else cleaned


def _add_test(
    test: etree._Element,
    *,
    node: _NexposeNode,
    definitions: Mapping[str, etree._Element],
    protocol: str | None,
    port: str | None,
    findings: ScanReportBuilder,
) -> None:
    if not test.get("status", "").lower().startswith(VULNERABLE):
        return
    findings.records.count_dropped("proof", count=int(len(test) > 0))
    check = clean_text(test.get("id"))
    definition = definitions.get((check or "").lower())
    findings.add_finding(
        line=test.sourceline or 0,
        device=node.key,
        check=check,
        title=check if definition is None else clean_text(definition.get("title")) or check,
        severity=None if definition is None else _derive_severity(definition),
        severities=SEVERITIES,
        cves=[] if definition is None else [reference.text for reference in definition.iter("reference")],
        score=None if definition is None else definition.get("cvssScore"),
        solution=None if definition is None else _get_all_text(definition.find("solution")),
        protocol=protocol,
        port=port,
        at=node.at,
    )


def _derive_severity(definition: etree._Element) -> str | None:
    level = parse_whole_number(definition.get("severity"))
    return None if level is None else next(severity for minimum, severity in BANDS if level >= minimum)


def _get_all_text(element: etree._Element | None) -> str | None:
    return None if element is None else clean_text(" ".join(str(part) for part in element.itertext()))
