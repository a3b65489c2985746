"""Flaws as public feeds record them, put into `cves` and `cve_ranges`: what every feed's reader shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from homeroom.ingest.records import Records, moment, text

CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.IGNORECASE)
SEVERITIES = {
    "critical": "critical", "high": "high", "important": "high", "moderate": "medium", "medium": "medium", "low": "low",
    "negligible": "low", "none": None, "unknown": None,
}  # fmt: skip
PARTS = {"a": "application", "o": "system", "h": "hardware"}
LONGEST = 240
"""Characters of a title that are kept."""
_CPE = re.compile(r"(?<!\\):")
_SILENT = ("*", "-", "")


@dataclass(frozen=True, kw_only=True)
class Range:
    """One range of `cve_ranges` without what its record adds; `cve` where the record stands for several."""

    vendor: str | None = None
    product: str | None = None
    ecosystem: str | None = None
    part: str | None = None
    edition: str | None = None
    runs_on: tuple[str, ...] = ()
    scheme: str | None = None
    introduced: str | None = None
    introduced_after: bool | None = None
    fixed: str | None = None
    last_affected: str | None = None
    versions: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    remedy: str | None = None
    cve: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cpe:
    """The parts of a CPE 2.3 name that say what it is; null where it says any or none."""

    part: str | None
    vendor: str | None
    product: str | None
    version: str | None
    edition: str | None
    target: str | None
    any_version: bool


def cpe(written: object) -> Cpe | None:
    """A CPE 2.3 name (`cpe:2.3:a:mozilla:firefox:*:…`); None for other text. An update stands behind its version."""
    name = text(written) or ""
    parts = [part.replace("\\", "") for part in _CPE.split(name)]
    if len(parts) < 6 or parts[:2] != ["cpe", "2.3"]:
        return None
    parts += ["*"] * (13 - len(parts))
    said = [None if part in _SILENT else part.lower() for part in parts]
    version = " ".join(part for part in (said[5], said[6]) if part) if said[5] else None
    return Cpe(
        part=PARTS.get(parts[2]),
        vendor=said[3],
        product=said[4],
        version=version,
        edition=said[9],
        target=said[10],
        any_version=parts[5] == "*",
    )


def put(
    records: Records,
    *,
    line: int,
    id: str,
    ranges: Sequence[Range],
    cves: Iterable[str] = (),
    title: object = None,
    severity: object = None,
    cvss_tenths: int | None = None,
    cvss_vector: object = None,
    published: object = None,
    modified: object = None,
    status: object = None,
    rejected: bool = False,
) -> None:
    """One record with its ranges: every range once for each CVE that the record stands for, numbered from 1."""
    named = sorted({one.upper() for one in cves}) or [id]
    word = (text(status) or "").lower()
    records.put(
        "cves",
        line=line,
        id=id,
        cves=named,
        title=(text(title) or "")[:LONGEST] or None,
        severity=SEVERITIES.get((text(severity) or "").lower()),
        cvss_tenths=cvss_tenths,
        cvss_vector=text(cvss_vector),
        published_on=day(published),
        modified_at=moment(modified),
        status=word or None,
        rejected=rejected,
    )
    every = [(cve, one) for one in ranges for cve in ([one.cve] if one.cve else named)]
    if not every or rejected:
        records.put("cve_ranges", line=line, id=id, number=0, cve=named[0])
        return
    for number, (cve, one) in enumerate(every, start=1):
        records.put(
            "cve_ranges",
            line=line,
            id=id,
            number=number,
            cve=cve,
            ecosystem=one.ecosystem,
            vendor=one.vendor,
            product=one.product,
            part=one.part,
            edition=one.edition,
            runs_on=list(one.runs_on),
            scheme=one.scheme,
            introduced=one.introduced,
            introduced_after=one.introduced_after,
            fixed=one.fixed,
            last_affected=one.last_affected,
            versions=list(one.versions),
            spared=list(one.spared),
            remedy=one.remedy,
        )


def day(written: object) -> date | None:
    """The day of a time or date; None for other text."""
    at: datetime | None = moment(written)
    return at.date() if at else None


def cves_in(values: object) -> list[str]:
    """The CVE ids of a list of ids, in upper case."""
    found = values if isinstance(values, list) else [values]
    return [said.upper() for one in found if (said := text(one)) and CVE.fullmatch(said)]


def english(values: object) -> str | None:
    """The first English text of a list of {lang, value}."""
    for one in values if isinstance(values, list) else ():
        if isinstance(one, dict) and (text(one.get("lang")) or "").lower().startswith("en"):
            return text(one.get("value"))
    return None
