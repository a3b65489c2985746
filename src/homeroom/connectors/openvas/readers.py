"""Greenbone's reports into device and vulnerability records.

Source of the names: the Greenbone Management Protocol (report, results/result, host, nvt@oid, refs/ref@type) and the
CSV Results format of its reports. The output of a check (description, Specific Result) is counted and dropped.

A scan finding is identified by the host's address, the check's OID (in a CVE scan: the CVE), protocol and port. The
address is the key of the host in both forms: the XML has network addresses too, which matching uses beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl
from lxml import etree

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.format_versions import require_supported
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.row_iterator import iter_rows
from homeroom.ingest.rows.scan_findings import (
    SEVERITIES,
    ScanReportBuilder,
    build_scope,
    derive_severity,
    parse_scan_time,
    parse_score,
)
from homeroom.ingest.values.ip_addresses import normalize_mac

WORDS = {**SEVERITIES, "debug": "info", "false positive": "info", "alarm": "high"}
GMP_ATTRIBUTES = ("format_id", "extension", "content_type", "status")
"""Attributes of a root that only GMP writes: other programs call their reports `report` as well."""
GMP_VERSIONS = ("7", "8", "9", "20", "21", "22")
"""Versions of the protocol whose reports are read; a report states its version, a CSV has none."""


def read_report(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Read hosts and results of a report. Raise FileRefused if it is another program's report."""
    findings, tasks = ScanReportBuilder(), set()
    if not any(attribute in root for attribute in GMP_ATTRIBUTES) and not any(
        candidate.find(".//nvt") is not None for candidate in elements
    ):
        raise build_refusal(
            "", "is no report of OpenVAS", field="report", fits="the report, exported as XML from Greenbone"
        )
    for element in elements:
        for gmp_element in element.iter("gmp", "omp"):
            require_supported(
                clean_text(gmp_element.findtext("version")) or "",
                field="gmp/version",
                supported=GMP_VERSIONS,
                title="a report of Greenbone",
            )
        tasks |= {key for candidate in element.iterfind(".//task") if (key := clean_text(candidate.get("id")))}
        inner_reports = [
            candidate
            for candidate in element.iter("report")
            if candidate.find("results") is not None or candidate.find("host") is not None
        ]
        for candidate in inner_reports[-1:] or [element]:
            _add_report(candidate, findings=findings)
            tasks = {key for task in candidate.findall("task") if (key := clean_text(task.get("id")))} or tasks
    return findings.build_reading(
        "device_records", "vulnerability_records", scope=build_scope("task", sorted(tasks)[:1])
    )


def read_results(frame: pl.DataFrame) -> Reading:
    """Read rows of CSV Results."""
    findings, tasks = ScanReportBuilder(), set()
    for row in iter_rows(frame):
        findings.records.count_dropped("specific_result", count=int(row.get("Specific Result") is not None))
        tasks.add(row.get("Task ID", "Task Name") or "")
        host_address, at = row.get("IP", "Hostname"), parse_scan_time(row.get("Timestamp"))
        if host_address is None:
            findings.reject_row(line=row.number, field="IP", reason="no host, so nobody knows where the weakness is")
            continue
        findings.add_host(
            line=row.number, key=host_address, name=row.get("Hostname"), addresses=[host_address], last_seen=at
        )
        score = parse_score(row.get("CVSS"))
        findings.add_finding(
            line=row.number,
            device=host_address,
            check=row.get("NVT OID", "NVT Name"),
            title=row.get("NVT Name"),
            severity=row.get("Severity") or derive_severity(score),
            severities=WORDS,
            cves=[row.get("CVEs"), row.get("NVT OID")],
            score=row.get("CVSS"),
            solution=row.get("Solution"),
            protocol=row.get("Port Protocol"),
            port=row.get("Port"),
            at=at,
            is_repeatable=True,
        )
    return findings.build_reading("device_records", "vulnerability_records", scope=build_scope("task", tasks))


def _add_report(element: etree._Element, *, findings: ScanReportBuilder) -> None:
    scan_end = parse_scan_time(element.findtext("scan_end")) or parse_scan_time(element.findtext("timestamp"))
    for host in element.findall("host"):
        _add_host(host, scan_end=scan_end, findings=findings)
    for result in element.findall("results/result"):
        _add_result(result, scan_end=scan_end, findings=findings)


def _add_host(host: etree._Element, *, scan_end: datetime | None, findings: ScanReportBuilder) -> None:
    host_address = clean_text(host.findtext("ip"))
    if host_address is None:
        return
    details = {clean_text(detail.findtext("name")): detail.findtext("value") for detail in host.findall("detail")}
    findings.add_host(
        line=host.sourceline or 0,
        key=host_address,
        name=clean_text(details.get("hostname")),
        addresses=[host_address],
        macs=[normalize_mac(details.get("MAC"))],
        system=clean_text(details.get("best_os_txt")),
        last_seen=parse_scan_time(host.findtext("end")) or scan_end,
    )


def _add_result(result: etree._Element, *, scan_end: datetime | None, findings: ScanReportBuilder) -> None:
    line, host, nvt = result.sourceline or 0, result.find("host"), result.find("nvt")
    findings.records.count_dropped("description", count=int(bool(result.findtext("description"))))
    host_address = clean_text(host.text) if host is not None else None
    if host_address is None or host is None or nvt is None:
        missing = "host" if host_address is None else "nvt"
        findings.reject_row(line=line, field=missing, reason="missing, so nobody knows what or where the weakness is")
        return
    findings.add_host(
        line=line,
        key=host_address,
        name=clean_text(host.findtext("hostname")),
        addresses=[host_address],
        last_seen=scan_end,
    )
    protocol, port = _split_port(result.findtext("port"))
    score = parse_score(result.findtext("severity")) or parse_score(nvt.findtext("cvss_base"))
    threat = clean_text(result.findtext("threat")) or derive_severity(score)
    findings.add_finding(
        line=line,
        device=host_address,
        check=clean_text(nvt.get("oid")) or clean_text(nvt.findtext("name")) or clean_text(result.findtext("name")),
        title=clean_text(nvt.findtext("name")) or clean_text(result.findtext("name")),
        severity=threat,
        severities=WORDS,
        cves=[*_list_cves(nvt), nvt.findtext("cve"), nvt.get("oid")],
        score=None if score is None else f"{score / 10:.1f}",
        solution=clean_text(nvt.findtext("solution")) or _get_tag(nvt.findtext("tags"), "solution"),
        protocol=protocol,
        port=port,
        at=scan_end,
        solved=True if (threat or "").lower() == "false positive" else None,
        is_repeatable=True,
    )


def _split_port(raw_port: str | None) -> tuple[str, str]:
    """Split protocol and port of `443/tcp`, of `https (443/tcp)` and of `general/tcp`, which is the host itself."""
    port_text = (clean_text(raw_port) or "").rpartition("(")[2].rstrip(")")
    port, _, protocol = port_text.partition("/")
    return protocol, port if port.isdigit() else "0"


def _list_cves(nvt: etree._Element) -> list[str]:
    return [
        reference.get("id") or ""
        for reference in nvt.findall("refs/ref")
        if (reference.get("type") or "").lower() == "cve"
    ]


def _get_tag(tags: str | None, name: str) -> str | None:
    """Return one of the tags that are written as `summary=…|solution=…`."""
    parts = (tag.partition("=") for tag in (tags or "").split("|"))
    return next((value for key, _, value in parts if key.strip() == name and value.strip()), None)
