"""Greenbone's reports into device and flaw records.

Source of the names: the Greenbone Management Protocol (report, results/result, host, nvt@oid, refs/ref@type) and the CSV
Results format of its reports. What a check printed (description, Specific Result) is counted and left out.

A weakness is known by the host's address, the check's OID (of a CVE scan: the CVE), protocol and port. The address is the
key of the host in both forms: the XML knows network addresses too, which resolution gets beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl
from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import lines_of
from homeroom.ingest.network import mac
from homeroom.ingest.problems import refused
from homeroom.ingest.records import text
from homeroom.ingest.versions import must_be_read
from homeroom.ingest.weaknesses import SEVERITIES, Findings, scope_of, score_of, severity_of_score, when

WORDS = {**SEVERITIES, "debug": "info", "false positive": "info", "alarm": "high"}
MARKS = ("format_id", "extension", "content_type", "status")
"""Attributes of a root that only GMP writes: other programs call their reports `report` as well."""
GMP = ("7", "8", "9", "20", "21", "22")
"""Versions of the protocol whose reports are read; its report says which it is of. CSV says none."""


def report(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Hosts and results of a report. Raises Refused where it is another program's report."""
    found, tasks = Findings(), set()
    if not any(mark in root for mark in MARKS) and not any(one.find(".//nvt") is not None for one in elements):
        raise refused("", "is no report of OpenVAS", field="report", fits="the report, exported as XML from Greenbone")
    for element in elements:
        for said in element.iter("gmp", "omp"):
            must_be_read(
                text(said.findtext("version")) or "", field="gmp/version", known=GMP, title="a report of Greenbone"
            )
        tasks |= {key for one in element.iterfind(".//task") if (key := text(one.get("id")))}
        inner = [
            one for one in element.iter("report") if one.find("results") is not None or one.find("host") is not None
        ]
        for one in inner[-1:] or [element]:
            _report(one, found=found)
            tasks = {key for task in one.findall("task") if (key := text(task.get("id")))} or tasks
    return found.reading("device_records", "flaw_records", scope=scope_of("task", sorted(tasks)[:1]))


def results(frame: pl.DataFrame) -> Reading:
    """Rows of CSV Results."""
    found, tasks = Findings(), set()
    for row in lines_of(frame):
        found.records.left("specific_result", count=int(row.get("Specific Result") is not None))
        tasks.add(row.get("Task ID", "Task Name") or "")
        where, at = row.get("IP", "Hostname"), when(row.get("Timestamp"))
        if where is None:
            found.lost(line=row.number, field="IP", reason="no host, so nobody knows where the weakness is")
            continue
        found.host(line=row.number, key=where, name=row.get("Hostname"), addresses=[where], seen=at)
        score = score_of(row.get("CVSS"))
        found.flaw(
            line=row.number,
            device=where,
            check=row.get("NVT OID", "NVT Name"),
            title=row.get("NVT Name"),
            severity=row.get("Severity") or severity_of_score(score),
            words=WORDS,
            cves=[row.get("CVEs"), row.get("NVT OID")],
            score=row.get("CVSS"),
            solution=row.get("Solution"),
            protocol=row.get("Port Protocol"),
            port=row.get("Port"),
            at=at,
            apart=True,
        )
    return found.reading("device_records", "flaw_records", scope=scope_of("task", tasks))


def _report(element: etree._Element, *, found: Findings) -> None:
    ended = when(element.findtext("scan_end")) or when(element.findtext("timestamp"))
    for host in element.findall("host"):
        _host(host, ended=ended, found=found)
    for result in element.findall("results/result"):
        _result(result, ended=ended, found=found)


def _host(host: etree._Element, *, ended: datetime | None, found: Findings) -> None:
    where = text(host.findtext("ip"))
    if where is None:
        return
    said = {text(one.findtext("name")): one.findtext("value") for one in host.findall("detail")}
    found.host(
        line=host.sourceline or 0,
        key=where,
        name=text(said.get("hostname")),
        addresses=[where],
        macs=[mac(said.get("MAC"))],
        system=text(said.get("best_os_txt")),
        seen=when(host.findtext("end")) or ended,
    )


def _result(result: etree._Element, *, ended: datetime | None, found: Findings) -> None:
    line, host, nvt = result.sourceline or 0, result.find("host"), result.find("nvt")
    found.records.left("description", count=int(bool(result.findtext("description"))))
    where = text(host.text) if host is not None else None
    if where is None or host is None or nvt is None:
        missing = "host" if where is None else "nvt"
        found.lost(line=line, field=missing, reason="missing, so nobody knows what or where the weakness is")
        return
    found.host(line=line, key=where, name=text(host.findtext("hostname")), addresses=[where], seen=ended)
    protocol, port = _place(result.findtext("port"))
    score = score_of(result.findtext("severity")) or score_of(nvt.findtext("cvss_base"))
    threat = text(result.findtext("threat")) or severity_of_score(score)
    found.flaw(
        line=line,
        device=where,
        check=text(nvt.get("oid")) or text(nvt.findtext("name")) or text(result.findtext("name")),
        title=text(nvt.findtext("name")) or text(result.findtext("name")),
        severity=threat,
        words=WORDS,
        cves=[*_references(nvt), nvt.findtext("cve"), nvt.get("oid")],
        score=None if score is None else f"{score / 10:.1f}",
        solution=text(nvt.findtext("solution")) or _tag(nvt.findtext("tags"), "solution"),
        protocol=protocol,
        port=port,
        at=ended,
        solved=True if (threat or "").lower() == "false positive" else None,
        apart=True,
    )


def _place(written: str | None) -> tuple[str, str]:
    """Protocol and port of `443/tcp`, of `https (443/tcp)` and of `general/tcp`, which is the host itself."""
    inner = (text(written) or "").rpartition("(")[2].rstrip(")")
    port, _, protocol = inner.partition("/")
    return protocol, port if port.isdigit() else "0"


def _references(nvt: etree._Element) -> list[str]:
    return [one.get("id") or "" for one in nvt.findall("refs/ref") if (one.get("type") or "").lower() == "cve"]


def _tag(tags: str | None, name: str) -> str | None:
    """One of the tags that are written as `summary=…|solution=…`."""
    parts = (one.partition("=") for one in (tags or "").split("|"))
    return next((value for key, _, value in parts if key.strip() == name and value.strip()), None)
