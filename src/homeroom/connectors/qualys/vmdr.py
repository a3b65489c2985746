"""Detections that Qualys VMDR's page of vulnerabilities downloads, into device and vulnerability records.

Source of the headings: downloads of VMDR's vulnerabilities by QID and by CVE (Asset Id, Asset Name, Asset IPV4, KB
Severity, Type Detected, Detection AGE, TruRisk Score). The list by CVE has a row for each CVE of a detection: such
rows are one finding with all of them. The output of a check (Results, Deep Scan Result) is counted and dropped. Times
have no zone and are taken as UTC.

A host is identified by Qualys's number for the asset; a scan finding by the host, the QID, protocol and port.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl

from homeroom.connectors.qualys.levels import INFORMATION_TYPES, SOLVED_BY_STATUS, WORDS
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.row_iterator import TextRow, iter_rows
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.sanitize_text import extract_plain_text

EMPTY = ("'-", "-")
"""What VMDR writes for no value: the apostrophe keeps a spreadsheet from reading a formula."""
RESULTS = ("Results", "Deep Scan Result")
SCORES = (
    "CVSSv3.1 Base (nvd)",
    "CVSSv3.1 Base",
    "CVSSv3 Base (nvd)",
    "CVSSv3 Base",
    "CVSSv2 Base (nvd)",
    "CVSSv2 Base",
)
_WRITTEN_TIME = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4}(?: \d{1,2}:\d{2}(?::\d{2})? [AP]M)?")
_TIME_FORMS = ("%b %d, %Y %I:%M %p", "%b %d, %Y %I:%M:%S %p", "%b %d, %Y")


def read_detections(frame: pl.DataFrame) -> Reading:
    """Read rows of either list; a row without a QID is an asset without detections."""
    findings = ScanReportBuilder()
    for row in iter_rows(frame):
        findings.records.count_dropped("result", count=int(_get_value(row, *RESULTS) is not None))
        host = _add_host(row, findings=findings)
        if host is not None and row.get("QID"):
            _add_detection(row, host=host, findings=findings)
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("hosts", findings.hosts))


def _add_host(row: TextRow, *, findings: ScanReportBuilder) -> str | None:
    addresses = re.split(
        r"[,;\s]+", f"{_get_value(row, 'Asset IPV4') or ''} {_get_value(row, 'Asset IPV6') or ''}".strip()
    )
    number, name = _get_value(row, "Asset Id"), _get_value(row, "Asset Name", "NetBIOS", "DNS")
    key = f"asset:{number}" if number else name or addresses[0]
    if not key:
        reason = "no host, so nobody knows where the weakness is"
        findings.reject_row(line=row.number, field="Asset Id", reason=reason)
        return None
    return findings.add_host(
        line=row.number,
        key=key,
        name=name,
        addresses=addresses,
        system=_get_value(row, "Operating System"),
        last_seen=_parse_time(_get_value(row, "Last Detected")),
    )


def _add_detection(row: TextRow, *, host: str, findings: ScanReportBuilder) -> None:
    is_information = (_get_value(row, "Type Detected") or "").lower() in INFORMATION_TYPES
    findings.add_finding(
        line=row.number,
        device=host,
        check=row.get("QID"),
        title=_get_value(row, "Title"),
        severity="info" if is_information else _get_value(row, "Severity", "KB Severity"),
        severities=WORDS,
        cves=[_get_value(row, "CVE", "CVE ID", "CVEs")],
        score=_get_value(row, *SCORES),
        solution=extract_plain_text(_get_value(row, "Solution") or "") or None,
        protocol=_get_value(row, "Protocol"),
        port=_get_value(row, "Port"),
        at=_parse_time(_get_value(row, "Last Detected")),
        solved=SOLVED_BY_STATUS.get((_get_value(row, "Status") or "").lower()),
    )


def _get_value(row: TextRow, *headings: str) -> str | None:
    return next((value for heading in headings if (value := row.get(heading)) and value not in EMPTY), None)


def _parse_time(raw_time: str | None) -> datetime | None:
    """Parse `Feb 03, 2026 07:00 AM`, or a time in a form of other scanners."""
    if raw_time is None or not _WRITTEN_TIME.fullmatch(raw_time):
        return parse_scan_time(raw_time)
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(raw_time, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
