"""Qualys's reports into device and flaw records.

Source of the names: the CSV and XML (asset_data_report.dtd) forms of its vulnerability reports. Severities 1 to 5 are its
own levels (minimal, medium, serious, critical, urgent) and become info, low, medium, high and critical here; what it only
gathered (type Ig) is info. What a check found on the host (RESULT, Results) is counted and left out.

A weakness is known by the host, the QID, protocol and port. The host is known by what Qualys itself tracks it by: its
NetBIOS name or agent, its DNS name, else its address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import Line, lines_of
from homeroom.ingest.plaintext import plain_text
from homeroom.ingest.records import text
from homeroom.ingest.weaknesses import SEVERITIES, Findings, scope_of, when

WORDS = {**SEVERITIES, "1": "info", "2": "low", "3": "medium", "4": "high", "5": "critical"}
GATHERED = ("ig", "information gathered")
BY_NAME = ("qagent", "agent", "netbios", "cloud agent", "ec2")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{2}:\d{2})(:\d{2})?")


def sheet(frame: pl.DataFrame) -> Reading:
    """Rows of a CSV of either generation. Rows without a QID say of a host that nothing was found on it."""
    found = Findings()
    for row in lines_of(frame):
        found.records.left("result", count=int(row.get("RESULT", "Results") is not None))
        host = _of_row(row, found=found)
        if host is not None and row.get("QID"):
            _detection(row, host=host, found=found)
    return found.reading("device_records", "flaw_records", scope=scope_of("hosts", found.hosts))


def _of_row(row: Line, *, found: Findings) -> str | None:
    where, dns, netbios = row.get("IP"), row.get("DNS", "HOSTNAME", "FQDN"), row.get("NetBIOS")
    key = _key(row.get("Tracking Method"), where=where, dns=dns, netbios=netbios)
    if key is None:
        found.lost(line=row.number, field="IP", reason="no host, so nobody knows where the weakness is")
        return None
    system, seen = row.get("OS", "OPERATING SYSTEM"), _time(row)
    return found.host(line=row.number, key=key, name=netbios or dns, addresses=[where], system=system, seen=seen)


def _key(tracking: str | None, *, where: str | None, dns: str | None, netbios: str | None) -> str | None:
    method = (tracking or "").lower()
    if method in BY_NAME:
        return netbios or dns or where
    return dns or where if method == "dns" else where or dns or netbios


def _detection(row: Line, *, host: str, found: Findings) -> None:
    kind, status = (row.get("Type") or "").lower(), (row.get("Vuln Status") or "").lower()
    found.flaw(
        line=row.number,
        device=host,
        check=row.get("QID"),
        title=row.get("Title", "VULN TITLE"),
        severity="info" if kind in GATHERED else row.get("Q_SEVERITY", "Severity"),
        words=WORDS,
        cves=[row.get("CVE ID", "CVEID")],
        score=row.get("CVSS3.1 Base", "CVSS3 Base", "CVSS_BASE", "CVSS Base"),
        solution=plain_text(row.get("Solution") or "") or None,
        protocol=row.get("Protocol"),
        port=row.get("Port"),
        at=_time(row),
        solved=True if status == "fixed" else (False if status in ("active", "new", "re-opened") else None),
    )


def _time(row: Line) -> datetime | None:
    """The last detection: month first, as VM reports have it; day first in the LAST SCAN of a PCI report."""
    if written := row.get("Last Detected"):
        return _slashed(written, day_first=False) or when(written)
    written = row.get("LAST SCAN")
    return _slashed(written, day_first=True) if written else None


def _slashed(written: str, *, day_first: bool) -> datetime | None:
    parts = _SLASHED.fullmatch(written)
    if parts is None:
        return None
    day, month = (parts[1], parts[2]) if day_first else (parts[2], parts[1])
    try:
        return datetime.fromisoformat(f"{parts[3]}-{month:0>2}-{day:0>2}T{parts[4]}{parts[5] or ''}").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None


def assets(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Hosts of an asset data report, with the titles and solutions of its glossary."""
    found = Findings()
    for element in elements:
        glossary = {_qid(one) or one.get("id") or "": one for one in element.iter("VULN_DETAILS")}
        for host in element.iter("HOST"):
            _host(host, glossary=glossary, found=found)
    return found.reading("device_records", "flaw_records", scope=scope_of("hosts", found.hosts))


def _host(host: etree._Element, *, glossary: Mapping[str, etree._Element], found: Findings) -> None:
    said = {name: text(host.findtext(name)) for name in ("IP", "DNS", "NETBIOS", "TRACKING_METHOD")}
    key = _key(said["TRACKING_METHOD"], where=said["IP"], dns=said["DNS"], netbios=said["NETBIOS"])
    line, seen = host.sourceline or 0, when(host.findtext("LAST_SCAN_DATETIME"))
    if key is None:
        found.lost(line=line, field="IP", reason="a host without an address or a name")
        return
    system = text(host.findtext("OPERATING_SYSTEM")) or text(host.findtext("OS"))
    name = said["NETBIOS"] or said["DNS"]
    found.host(line=line, key=key, name=name, addresses=[said["IP"]], system=system, seen=seen)
    for one in host.iter("VULN_INFO"):
        found.records.left("result", count=int(bool(one.findtext("RESULT"))))
        qid = _qid(one)
        about = glossary.get(qid or "")
        status = (text(one.findtext("VULN_STATUS")) or "").lower()
        gathered = (text(one.findtext("TYPE")) or "").lower() in GATHERED
        found.flaw(
            line=one.sourceline or line,
            device=key,
            check=qid,
            title=_in(about, "TITLE"),
            severity="info" if gathered else _in(about, "SEVERITY"),
            words=WORDS,
            cves=[one.text for one in about.iter("ID")] if about is not None else [],
            score=_in(about, ".//CVSS3_BASE") or _in(about, ".//CVSS_BASE"),
            solution=plain_text(_in(about, "SOLUTION") or "") or None,
            protocol=one.findtext("PROTOCOL"),
            port=one.findtext("PORT"),
            at=when(one.findtext("LAST_FOUND")) or seen,
            solved=True if status == "fixed" else None,
        )


def _qid(element: etree._Element) -> str | None:
    """The QID inside, as text, or in its id, where it may stand as `qid_91001`."""
    inner = element.find("QID")
    return None if inner is None else text(inner.text) or text(inner.get("id", "").removeprefix("qid_"))


def _in(about: etree._Element | None, path: str) -> str | None:
    return None if about is None else text(about.findtext(path))
