"""A month of Microsoft's security updates into vulnerabilities and the builds that fix them.

Source of the names: the security update guide's CVRF document as JSON: `Remediations` of type 2 are updates, with the
KB number in `Description` and the first build that is not affected in `FixedBuild`; `Threats` of type 3 are severities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_cvss_tenths
from homeroom.ingest.rows.vulnerability_feeds import AffectedRange, add_vulnerability, filter_cve_ids

UPDATE, SEVERITY = "2", "3"
_BITS = re.compile(
    r"\s+(?:for|on)\s+(?:x64|x86|arm64|itanium|32-bit|64-bit)[\w -]*(?:systems|editions|system|edition)?\s*\Z"
    r"|\s*\((?:server core installation|\d\d-bit editions?)\)\s*\Z",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_KB = re.compile(r"(?:KB)?([0-9]{6,8})\Z")


def read_updates(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read documents into `cves` and `cve_ranges`; an update without a build is skipped, as it cannot be compared."""
    records = RecordBuilder()
    for line, document in enumerate(objects, start=first):
        products = dict(_iter_products(document))
        vulnerabilities = document.get("Vulnerability")
        for vulnerability in vulnerabilities if isinstance(vulnerabilities, list) else ():
            cve_ids = filter_cve_ids(get_by_path(vulnerability, "CVE"))
            if not cve_ids:
                reason, value = "not a CVE id; CVE-2026-12345 fits", clean_text(get_by_path(vulnerability, "CVE"))
                records.reject(line=line, field="Vulnerability.CVE", value=value, reason=reason, row_lost=True)
                continue
            score = _find_highest_score(vulnerability)
            add_vulnerability(
                records,
                line=line,
                id=cve_ids[0],
                ranges=list(dict.fromkeys(_iter_ranges(vulnerability, products))),
                title=get_by_path(vulnerability, "Title.Value"),
                severity=_find_severity(vulnerability),
                cvss_tenths=parse_cvss_tenths(score.get("BaseScore")),
                cvss_vector=score.get("Vector"),
                published=get_by_path(document, "DocumentTracking.InitialReleaseDate"),
                modified=get_by_path(document, "DocumentTracking.CurrentReleaseDate"),
                status="published",
            )
    return records.build_reading("cves", "cve_ranges")


def _iter_products(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    products = get_by_path(document, "ProductTree.FullProductName")
    for product in products if isinstance(products, list) else ():
        key, name = clean_text(get_by_path(product, "ProductID")), clean_text(get_by_path(product, "Value"))
        if key and name:
            yield key, _strip_platform(name)


def _strip_platform(name: str) -> str:
    """Strip the kind of processor and installation from the product, as these share a build."""
    while (stripped := _BITS.sub("", name)) != name:
        name = stripped
    return name


def _list_objects(vulnerability: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = vulnerability.get(name)
    return [item for item in values if isinstance(item, Mapping)] if isinstance(values, list) else []


def _find_highest_score(vulnerability: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the highest score of any product."""
    return max(
        _list_objects(vulnerability, "CVSSScoreSets"),
        key=lambda score: parse_cvss_tenths(score.get("BaseScore")) or 0,
        default={},
    )


def _find_severity(vulnerability: Mapping[str, Any]) -> str | None:
    order = ("low", "moderate", "important", "critical")
    severities = [
        (clean_text(get_by_path(threat, "Description.Value")) or "").lower()
        for threat in _list_objects(vulnerability, "Threats")
        if clean_text(threat.get("Type")) == SEVERITY
    ]
    return max((severity for severity in severities if severity in order), key=order.index, default=None)


def _iter_ranges(vulnerability: Mapping[str, Any], products: Mapping[str, str]) -> Iterator[AffectedRange]:
    for remediation in _list_objects(vulnerability, "Remediations"):
        build = clean_text(remediation.get("FixedBuild"))
        if clean_text(remediation.get("Type")) != UPDATE or build is None or not _VERSION.fullmatch(build):
            continue
        kb = _KB.match(clean_text(get_by_path(remediation, "Description.Value")) or "")
        keys = remediation.get("ProductID")
        for key in keys if isinstance(keys, list) else ():
            if (name := products.get(clean_text(key) or "")) is not None:
                yield AffectedRange(
                    vendor="Microsoft", product=name, introduced="0", fixed=build, remedy=f"KB{kb[1]}" if kb else None
                )
