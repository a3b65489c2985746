"""Scanner reports: hosts, ports that answered and scan findings, collected into canonical rows.

A scan finding is identified within its source by host, check, protocol and port (the key of `vulnerability_records`).
Each reader defines the check's id; this module has only what all of them share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, parse_cvss_tenths, parse_timestamp
from homeroom.ingest.values import device_types
from homeroom.ingest.values.ip_addresses import is_public, parse_ip
from homeroom.ingest.values.sanitize_text import sanitize_text

SEVERITIES: Mapping[str, str | None] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "negligible": "info",
    "info": "info",
    "informational": "info",
    "information": "info",
    "log": "info",
    "none": "info",
    "unknown": None,
    "unspecified": None,
    "n/a": None,
    "-": None,
    "": None,
}
"""The scanners' own words, in lower case; null for a word that means that the finding is not rated."""
HIGHEST_PORT = 65_535
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_VECTOR = re.compile(r"\d{1,2}(?:\.\d{1,6})?")
_LONGEST_SCOPE = 200
_BANDS = ((90, "critical"), (70, "high"), (40, "medium"), (1, "low"), (0, "info"))
_MIN_YEAR = 1971
"""Some tools write the beginning of 1970 for an unknown time."""


class ScanReportBuilder:
    """Hosts, ports and scan findings of one report, and unreadable values.

    Call `build_reading` at its end.
    """

    def __init__(self) -> None:
        self.records = RecordBuilder()
        self._repeats: dict[tuple[str, str, str | None, int], int] = {}
        self._hosts: dict[str, None] = {}

    @property
    def hosts(self) -> Sequence[str]:
        """Host keys so far, in the order in which they were added."""
        return tuple(self._hosts)

    def add_host(
        self,
        *,
        line: int,
        key: str,
        name: str | None = None,
        addresses: Iterable[str | None] = (),
        macs: Iterable[str | None] = (),
        system: str | None = None,
        last_seen: datetime | None = None,
        **columns: object,
    ) -> str:
        """Add one host that the scanner merely saw (`managed` null), and return its key.

        `system` names its operating system.
        """
        self._hosts[key] = None
        self.records.put(
            "device_records",
            line=line,
            key=key,
            name=sanitize_text(name),
            addresses=sorted({ip_address for ip_address in addresses if ip_address and parse_ip(ip_address)}),
            macs=sorted({mac_address for mac_address in macs if mac_address}),
            platform=detect_platform_name(system),
            last_seen=last_seen,
            **columns,
        )
        return key

    def add_service(
        self,
        *,
        line: int,
        device: str,
        ip_address: str | None,
        protocol: str,
        port: int,
        service: str | None = None,
        product: str | None = None,
        version: str | None = None,
        at: datetime | None = None,
        **columns: object,
    ) -> None:
        """Add a port that answered on a host; `columns` are the results of `homeroom.ingest.rows.service_probes`."""
        self.records.put(
            "service_records",
            line=line,
            device_key=device,
            address=ip_address or device,
            public=is_public(ip_address),
            protocol=protocol,
            port=port,
            state="open",
            service=sanitize_text(service),
            product=sanitize_text(product),
            version=sanitize_text(version),
            scanned_at=at,
            **columns,
        )

    def add_finding(
        self,
        *,
        line: int,
        device: str,
        check: str | None,
        title: object = None,
        severity: object = None,
        severities: Mapping[str, str | None] = SEVERITIES,
        cves: Iterable[object] = (),
        score: object = None,
        solution: object = None,
        product: object = None,
        version: object = None,
        protocol: object = None,
        port: object = None,
        at: datetime | None = None,
        exploited: bool | None = None,
        solved: bool | None = None,
        is_repeatable: bool = False,
    ) -> None:
        """Add one scan finding.

        Rows with one key are one finding, with all their CVEs; `is_repeatable` numbers them instead. `severity` is the
        scanner's word, looked up in `severities`; an unknown one is reported, and the row stays. A check without an id
        or an invalid port loses the row.
        """
        at_port = parse_port(port)
        check_id = sanitize_text(check)
        if check_id is None or at_port is None:
            field, fits = ("check", "the check's id") if check_id is None else ("port", "0 to 65535")
            reason = f"missing, or none; {fits} would fit"
            self.records.reject(line=line, field=field, value=clean_text(port), reason=reason, row_lost=True)
            return
        severity_word = (clean_text(severity) or "").lower()
        if severity_word not in severities:
            reason = f"not a severity; {', '.join(list(severities)[:5])} fit"
            self.records.reject(line=line, field="severity", value=severity_word, reason=reason, row_lost=False)
        protocol_name = parse_protocol(protocol)
        if is_repeatable:
            check_id = self._number_check(device, check_id, protocol_name, at_port)
        self.records.put(
            "vulnerability_records",
            line=line,
            device_key=device,
            check_id=check_id,
            title=sanitize_text(title),
            severity=severities.get(severity_word),
            cves=extract_cves(*cves),
            known_exploited=exploited,
            cvss_tenths=parse_score(score),
            solution=sanitize_text(solution),
            product=sanitize_text(product),
            version=sanitize_text(version),
            protocol=protocol_name,
            port=at_port,
            reported_at=at,
            solved=solved,
        )

    def reject_row(self, *, line: int, field: str, reason: str, value: str | None = None) -> None:
        """Record the reason why a row is missing."""
        self.records.reject(line=line, field=field, value=value, reason=reason, row_lost=True)

    def build_reading(self, *tables: str, scope: str = "", incomplete: str = "") -> Reading:
        """Build the reading of everything so far, in these tables, even without rows."""
        return replace(self.records.build_reading(*tables), scope=scope, incomplete=incomplete)

    def _number_check(self, device: str, check: str, protocol: str | None, port: int) -> str:
        key = (device, check, protocol, port)
        self._repeats[key] = self._repeats.get(key, 0) + 1
        return check if self._repeats[key] == 1 else f"{check} ({self._repeats[key]})"


def extract_cves(*texts: object) -> list[str]:
    """Return the CVE ids in the texts, in upper case, sorted and once each."""
    return sorted({cve_id.upper() for item in texts if isinstance(item, str) for cve_id in _CVE.findall(item)})


def parse_score(raw: object) -> int | None:
    """Return the CVSS score at the beginning of a text (`8.1 (AV:N/…)`) in tenths; null for other text."""
    score_text = clean_text(raw)
    start = _VECTOR.match(score_text) if score_text else None
    return parse_cvss_tenths(start[0]) if start else None


def derive_severity(score: int | None) -> str | None:
    """Return the word for a CVSS score in tenths, by the bands of CVSS 3 and 4 (FIRST, section 6)."""
    return None if score is None else next(word for minimum, word in _BANDS if score >= minimum)


def parse_port(raw: object) -> int | None:
    """Return a port's number; 0 if there is no text, null if it is no number or too high."""
    digits = clean_text(raw) or "0"
    if not re.fullmatch(r"[0-9]{1,5}", digits):
        return None
    return int(digits) if int(digits) <= HIGHEST_PORT else None


def parse_protocol(raw: object) -> str | None:
    """Return tcp or udp; null for other words, such as an application's protocol."""
    name = (clean_text(raw) or "").lower()
    return name if name in ("tcp", "udp") else None


def parse_scan_time(raw: object) -> datetime | None:
    """Return a UTC time in the forms of `parse_timestamp` or of scanners (`20210228T225429678`).

    Null for 1970 and other text.
    """
    time_text = clean_text(raw)
    if time_text and (basic := re.fullmatch(r"(\d{8}T\d{6})\d{0,9}", time_text)):
        time_text = basic[1]
    timestamp = parse_timestamp(time_text)
    return timestamp if timestamp and timestamp.year >= _MIN_YEAR else None


def detect_platform_name(system: str | None) -> str | None:
    """Return the platform that the words for a system name.

    Null for other words, and for Cisco's IOS, which is not Apple's.
    """
    if not system or re.search(r"(?i)\bcisco\b", system):
        return None
    return str(name) if (name := _evaluate_platform(system)) else None


@lru_cache(maxsize=4096)
def _evaluate_platform(system: str) -> object:
    return pl.select(device_types.detect_platform(pl.lit(system))).item()


def build_scope(kind: str, names: Iterable[str]) -> str:
    """Build a load's scope from what the report covers: `task:Servers`, `hosts:a b`; empty if it states nothing.

    A scan decides only for loads of the same scope, so that one of other hosts removes nothing. Very many names are
    written as their number and a short hash of them all.
    """
    distinct_names = sorted({" ".join(name.split()) for name in names if name and name.strip()})
    if not distinct_names:
        return ""
    joined = " ".join(distinct_names)
    if len(joined) > _LONGEST_SCOPE:
        joined = f"{len(distinct_names)} of them, {sha256(joined.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return f"{kind}:{joined}"
