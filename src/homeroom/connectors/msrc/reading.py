"""A month of Microsoft's security updates into flaws and the builds that close them.

Source of the names: the security update guide's CVRF document as JSON: `Remediations` of type 2 are updates, with the KB
number in `Description` and the first build that is not touched in `FixedBuild`; `Threats` of type 3 are severities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.feeds import Range, cves_in, put
from homeroom.ingest.records import Records, inside, tenths, text

UPDATE, SEVERITY = "2", "3"
_BITS = re.compile(
    r"\s+(?:for|on)\s+(?:x64|x86|arm64|itanium|32-bit|64-bit)[\w -]*(?:systems|editions|system|edition)?\s*\Z"
    r"|\s*\((?:server core installation|\d\d-bit editions?)\)\s*\Z",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_KB = re.compile(r"(?:KB)?([0-9]{6,8})\Z")


def updates(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Documents into `cves` and `cve_ranges`; an update that names no build is left out, as it can be compared with nothing."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        products = dict(_products(found))
        given = found.get("Vulnerability")
        for flaw in given if isinstance(given, list) else ():
            known = cves_in(inside(flaw, "CVE"))
            if not known:
                reason, value = "not a CVE id; CVE-2026-12345 fits", text(inside(flaw, "CVE"))
                records.reject(line=line, field="Vulnerability.CVE", value=value, reason=reason, row_lost=True)
                continue
            score = _score(flaw)
            put(
                records,
                line=line,
                id=known[0],
                ranges=list(dict.fromkeys(_ranges(flaw, products))),
                title=inside(flaw, "Title.Value"),
                severity=_severity(flaw),
                cvss_tenths=tenths(score.get("BaseScore")),
                cvss_vector=score.get("Vector"),
                published=inside(found, "DocumentTracking.InitialReleaseDate"),
                modified=inside(found, "DocumentTracking.CurrentReleaseDate"),
                status="published",
            )
    return records.reading("cves", "cve_ranges")


def _products(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = inside(found, "ProductTree.FullProductName")
    for one in given if isinstance(given, list) else ():
        key, name = text(inside(one, "ProductID")), text(inside(one, "Value"))
        if key and name:
            yield key, _plain(name)


def _plain(name: str) -> str:
    """The product without the kind of processor and installation, which share a build."""
    while (bare := _BITS.sub("", name)) != name:
        name = bare
    return name


def _listed(flaw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    given = flaw.get(name)
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _score(flaw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The highest score of any product."""
    return max(_listed(flaw, "CVSSScoreSets"), key=lambda one: tenths(one.get("BaseScore")) or 0, default={})


def _severity(flaw: Mapping[str, Any]) -> str | None:
    order = ("low", "moderate", "important", "critical")
    said = [
        (text(inside(one, "Description.Value")) or "").lower()
        for one in _listed(flaw, "Threats")
        if text(one.get("Type")) == SEVERITY
    ]
    return max((word for word in said if word in order), key=order.index, default=None)


def _ranges(flaw: Mapping[str, Any], products: Mapping[str, str]) -> Iterator[Range]:
    for one in _listed(flaw, "Remediations"):
        build = text(one.get("FixedBuild"))
        if text(one.get("Type")) != UPDATE or build is None or not _VERSION.fullmatch(build):
            continue
        kb = _KB.match(text(inside(one, "Description.Value")) or "")
        keys = one.get("ProductID")
        for key in keys if isinstance(keys, list) else ():
            if (name := products.get(text(key) or "")) is not None:
                yield Range(
                    vendor="Microsoft", product=name, introduced="0", fixed=build, remedy=f"KB{kb[1]}" if kb else None
                )
