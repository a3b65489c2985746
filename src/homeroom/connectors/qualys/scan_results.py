"""Results of one Qualys scan (XML with the root SCAN) into device and vulnerability records.

Source of the names: scan-1.dtd (HEADER, IP, and in it INFOS, SERVICES, VULNS and PRACTICES, whose CAT have the port).
Vulnerabilities and potential ones (PRACTICE) have the severity of their own level; services and information are info.
The output of a check (RESULT) is counted and dropped.

A host is identified by its address, as the scan addressed it; a scan finding by the host, the QID, protocol and port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from lxml import etree

from homeroom.connectors.qualys.levels import WORDS
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.sanitize_text import extract_plain_text

RATED = ("VULN", "PRACTICE")
INFORMATION = ("INFO", "SERVICE")
PARTS = ("HEADER", "IP")


def read_scans(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read the hosts of a scan; the scope is their addresses. Raise FileRefused for another product's SCAN."""
    findings = ScanReportBuilder()
    if not any(child.tag in PARTS for scan in elements for child in scan):
        reason, fits = "is no scan of Qualys: it has neither HEADER nor IP", "Qualys scan results (XML)"
        raise build_refusal("", reason, line=elements[0].sourceline if elements else 1, fits=fits)
    for scan in elements:
        at = next((parse_scan_time(key.text) for key in scan.iterfind("HEADER/KEY[@value='DATE']")), None)
        for host in scan.iterfind("IP"):
            _add_host(host, at=at, findings=findings)
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", findings.hosts))


def _add_host(host: etree._Element, *, at: datetime | None, findings: ScanReportBuilder) -> None:
    line, address = host.sourceline or 0, clean_text(host.get("value"))
    netbios, dns = clean_text(host.findtext("NETBIOS_HOSTNAME")), clean_text(host.get("name"))
    dns = None if dns and dns.lower().startswith("no registered hostname") else dns
    key = address or dns or netbios
    if key is None:
        findings.reject_row(line=line, field="IP", reason="a host without an address or a name")
        return
    system = clean_text(host.findtext("OS"))
    findings.add_host(line=line, key=key, name=netbios or dns, addresses=[address], system=system, last_seen=at)
    for category, detection in _iter_detections(host):
        findings.records.count_dropped("result", count=int(bool(detection.findtext("RESULT"))))
        findings.add_finding(
            line=detection.sourceline or line,
            device=key,
            check=clean_text(detection.get("number")),
            title=clean_text(detection.findtext("TITLE")),
            severity=detection.get("severity") if detection.tag in RATED else "info",
            severities=WORDS,
            cves=[detection.get("cveid"), *(cve.text for cve in detection.iterfind("CVE_ID_LIST/CVE_ID/ID"))],
            score=detection.findtext("CVSS3_BASE") or detection.findtext("CVSS_BASE"),
            solution=extract_plain_text(clean_text(detection.findtext("SOLUTION")) or "") or None,
            protocol=category.get("protocol"),
            port=category.get("port"),
            at=at,
        )


def _iter_detections(host: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Yield each detection with the category that has its port."""
    for category in host.iter("CAT"):
        for detection in category:
            if detection.tag in (*RATED, *INFORMATION):
                yield category, detection
