"""Nikto's findings on web servers into device, service and vulnerability records.

Source of the names: Nikto's XML (nikto.dtd: scandetails, item@id, description, uri) and its JSON report. Nikto rates
nothing, so that `severity` is null. A default password in its text is masked.

A scan finding is identified by the host as it was named to Nikto, by Nikto's test id with method and path, and by the
port; several messages of one test at one path are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_port, parse_scan_time
from homeroom.ingest.values.ip_addresses import parse_ip

LONGEST = 200
_PASSWORD = re.compile(r"(?i)\b(PW|password) '[^']*'")


def read_scans(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read hosts and items of an XML report."""
    findings, scope = ScanReportBuilder(), set()
    for element in elements:
        line, at = element.sourceline or 0, parse_scan_time((element.get("starttime") or "").replace(" ", "T"))
        items = [
            (
                item.sourceline or line,
                item.get("id"),
                item.get("method"),
                item.findtext("uri"),
                item.findtext("description"),
            )
            for item in element.iter("item")
        ]
        host, ip, port = element.get("targethostname"), element.get("targetip"), element.get("targetport")
        scope.add(_add_host(host, ip, port, items=items, line=line, at=at, findings=findings))
    return _build_reading(findings, scope)


def read_hosts(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read hosts, and the items found on each, of a JSON report."""
    findings, scope = ScanReportBuilder(), set()
    for line, host in enumerate(objects, start=first):
        vulnerabilities = host.get("vulnerabilities")
        entries = (
            [item for item in vulnerabilities if isinstance(item, Mapping)] if isinstance(vulnerabilities, list) else []
        )
        items = [(line, item.get("id"), item.get("method"), item.get("url"), item.get("msg")) for item in entries]
        scope.add(
            _add_host(
                host.get("host"), host.get("ip"), host.get("port"), items=items, line=line, at=None, findings=findings
            )
        )
    return _build_reading(findings, scope)


NiktoItem = tuple[int, object, object, object, object]


def _add_host(
    raw_name: object,
    ip: object,
    raw_port: object,
    *,
    items: Sequence[NiktoItem],
    line: int,
    at: datetime | None,
    findings: ScanReportBuilder,
) -> str:
    """Add a host with its items; return its part of the scope."""
    host_address = clean_text(ip)
    name, port = clean_text(raw_name) or host_address, parse_port(raw_port)
    if name is None or port is None:
        findings.reject_row(line=line, field="host", reason="no host or no port, so nobody knows of which server")
        return ""
    findings.add_host(
        line=line, key=name, name=None if parse_ip(name) else name, addresses=[host_address], last_seen=at
    )
    if port:
        findings.add_service(line=line, device=name, ip_address=host_address or name, protocol="tcp", port=port, at=at)
    for item_line, check, method, path, message in items:
        message_text = clean_text(message) or ""
        masked_text, mask_count = _PASSWORD.subn(r"\1 (left out)", message_text)
        findings.records.count_dropped("password", count=mask_count)
        parts = [part for value in (check, method, path) if (part := clean_text(value))]
        findings.add_finding(
            line=item_line,
            device=name,
            check=" ".join(parts)[:LONGEST] if clean_text(check) else None,
            title=masked_text,
            cves=[message_text],
            protocol="tcp",
            port=str(port),
            at=at,
            is_repeatable=True,
        )
    return f"{name}:{port}"


def _build_reading(findings: ScanReportBuilder, scope: set[str]) -> Reading:
    return findings.build_reading(
        "device_records", "service_records", "vulnerability_records", scope=build_scope("hosts", scope)
    )
