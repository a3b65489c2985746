"""Qualys's reports into device and vulnerability records.

Source of the names: the CSV and XML (asset_data_report.dtd) forms of its vulnerability reports. Information that it
only gathered (type Ig) is info. The output of a check (RESULT, Results) is counted and dropped.

A scan finding is identified by the host, the QID, protocol and port. The host is identified as Qualys itself tracks it:
by its NetBIOS name or agent, its DNS name, else its address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from lxml import etree

from homeroom.connectors.qualys.levels import INFORMATION_TYPES, WORDS
from homeroom.connectors.qualys.scan_results import read_scans as read_scans
from homeroom.connectors.qualys.vmdr import read_detections as read_detections
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.row_iterator import TextRow, iter_rows
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.sanitize_text import extract_plain_text

NAME_TRACKING = ("qagent", "agent", "netbios", "cloud agent", "ec2")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{2}:\d{2})(:\d{2})?")


def read_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of a CSV of either generation; a row without a QID is a host without findings."""
    findings = ScanReportBuilder()
    for row in iter_rows(frame):
        findings.records.count_dropped("result", count=int(row.get("RESULT", "Results") is not None))
        host = _add_host_from_row(row, findings=findings)
        if host is not None and row.get("QID"):
            _add_detection(row, host=host, findings=findings)
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", findings.hosts))


def _add_host_from_row(row: TextRow, *, findings: ScanReportBuilder) -> str | None:
    host_address, dns, netbios = row.get("IP"), row.get("DNS", "HOSTNAME", "FQDN"), row.get("NetBIOS")
    key = _choose_host_key(row.get("Tracking Method"), host_address=host_address, dns=dns, netbios=netbios)
    if key is None:
        findings.reject_row(line=row.number, field="IP", reason="no host, so nobody knows where the weakness is")
        return None
    system, last_scan = row.get("OS", "OPERATING SYSTEM"), _parse_time(row)
    return findings.add_host(
        line=row.number, key=key, name=netbios or dns, addresses=[host_address], system=system, last_seen=last_scan
    )


def _choose_host_key(
    tracking: str | None, *, host_address: str | None, dns: str | None, netbios: str | None
) -> str | None:
    method = (tracking or "").lower()
    if method in NAME_TRACKING:
        return netbios or dns or host_address
    return dns or host_address if method == "dns" else host_address or dns or netbios


def _add_detection(row: TextRow, *, host: str, findings: ScanReportBuilder) -> None:
    kind, status = (row.get("Type") or "").lower(), (row.get("Vuln Status") or "").lower()
    findings.add_finding(
        line=row.number,
        device=host,
        check=row.get("QID"),
        title=row.get("Title", "VULN TITLE"),
        severity="info" if kind in INFORMATION_TYPES else row.get("Q_SEVERITY", "Severity"),
        severities=WORDS,
        cves=[row.get("CVE ID", "CVEID")],
        score=row.get("CVSS3.1 Base", "CVSS3 Base", "CVSS_BASE", "CVSS Base"),
        solution=extract_plain_text(row.get("Solution") or "") or None,
        protocol=row.get("Protocol"),
        port=row.get("Port"),
        at=_parse_time(row),
        solved=True if status == "fixed" else (False if status in ("active", "new", "re-opened") else None),
    )


def _parse_time(row: TextRow) -> datetime | None:
    """Parse the last detection: month first, as in VM reports; day first in the LAST SCAN of a PCI report."""
    if raw_time := row.get("Last Detected"):
        return _parse_slashed_time(raw_time, day_first=False) or parse_scan_time(raw_time)
    raw_time = row.get("LAST SCAN")
    return _parse_slashed_time(raw_time, day_first=True) if raw_time else None


def _parse_slashed_time(raw_time: str, *, day_first: bool) -> datetime | None:
    parts = _SLASHED.fullmatch(raw_time)
    if parts is None:
        return None
    day, month = (parts[1], parts[2]) if day_first else (parts[2], parts[1])
    try:
        return datetime.fromisoformat(f"{parts[3]}-{month:0>2}-{day:0>2}T{parts[4]}{parts[5] or ''}").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None


def read_assets(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read hosts of an asset data report, with the titles and solutions of its glossary."""
    findings = ScanReportBuilder()
    for element in elements:
        glossary = {_get_qid(details) or details.get("id") or "": details for details in element.iter("VULN_DETAILS")}
        for host in element.iter("HOST"):
            _add_host(host, glossary=glossary, findings=findings)
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", findings.hosts))


def _add_host(host: etree._Element, *, glossary: Mapping[str, etree._Element], findings: ScanReportBuilder) -> None:
    fields = {name: clean_text(host.findtext(name)) for name in ("IP", "DNS", "NETBIOS", "TRACKING_METHOD")}
    key = _choose_host_key(
        fields["TRACKING_METHOD"], host_address=fields["IP"], dns=fields["DNS"], netbios=fields["NETBIOS"]
    )
    line, last_scan = host.sourceline or 0, parse_scan_time(host.findtext("LAST_SCAN_DATETIME"))
    if key is None:
        findings.reject_row(line=line, field="IP", reason="a host without an address or a name")
        return
    system = clean_text(host.findtext("OPERATING_SYSTEM")) or clean_text(host.findtext("OS"))
    name = fields["NETBIOS"] or fields["DNS"]
    findings.add_host(line=line, key=key, name=name, addresses=[fields["IP"]], system=system, last_seen=last_scan)
    for detection in host.iter("VULN_INFO"):
        findings.records.count_dropped("result", count=int(bool(detection.findtext("RESULT"))))
        qid = _get_qid(detection)
        definition = glossary.get(qid or "")
        status = (clean_text(detection.findtext("VULN_STATUS")) or "").lower()
        is_information = (clean_text(detection.findtext("TYPE")) or "").lower() in INFORMATION_TYPES
        findings.add_finding(
            line=detection.sourceline or line,
            device=key,
            check=qid,
            title=_get_text(definition, "TITLE"),
            severity="info" if is_information else _get_text(definition, "SEVERITY"),
            severities=WORDS,
            cves=[detection.text for detection in definition.iter("ID")] if definition is not None else [],
            score=_get_text(definition, ".//CVSS3_BASE") or _get_text(definition, ".//CVSS_BASE"),
            solution=extract_plain_text(_get_text(definition, "SOLUTION") or "") or None,
            protocol=detection.findtext("PROTOCOL"),
            port=detection.findtext("PORT"),
            at=parse_scan_time(detection.findtext("LAST_FOUND")) or last_scan,
            solved=True if status == "fixed" else None,
        )


def _get_qid(element: etree._Element) -> str | None:
    """Return the QID inside, as text, or from its id, which may be written as `qid_91001`."""
    qid_element = element.find("QID")
    return (
        None
        if qid_element is None
        else clean_text(qid_element.text) or clean_text(qid_element.get("id", "").removeprefix("qid_"))
    )


def _get_text(definition: etree._Element | None, path: str) -> str | None:
    return None if definition is None else clean_text(definition.findtext(path))
