"""CSAF advisories into vulnerabilities and the versions that they affect.

Source of the names: CSAF 2.0 (OASIS), 3.2.2 and 3.2.3: branches lead from vendor to product name to a version or a
range of versions, `product_status.known_affected` names their products by id. A range is read where it is one
comparison or two (`<10.0.1`, `>=4|<4.2`, `vers:generic/<8.00.01`); other words cannot be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_cvss_tenths
from homeroom.ingest.rows.vulnerability_feeds import AffectedRange, add_vulnerability, filter_cve_ids

_CONDITION = re.compile(r"\s*(<=|>=|<|>|=)?\s*v?([0-9][\w.+~:-]*)\s*\Z")
_VERS = re.compile(r"\Avers:[a-z][a-z0-9.+-]*/")


def read_advisories(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read advisories into `cves` and `cve_ranges`; a record's id is the CVE followed by the advisory's own id.

    An informational advisory has no vulnerabilities, and no rows.
    """
    records = RecordBuilder()
    for line, advisory in enumerate(objects, start=first):
        products = dict(_iter_products(get_by_path(advisory, "product_tree.branches"), {}))
        tracking = get_by_path(advisory, "document.tracking")
        vulnerabilities = advisory.get("vulnerabilities")
        for vulnerability in vulnerabilities if isinstance(vulnerabilities, list) else ():
            cve_ids = filter_cve_ids(get_by_path(vulnerability, "cve"))
            if not cve_ids:
                reason, value = "not a CVE id; CVE-2026-12345 fits", clean_text(get_by_path(vulnerability, "cve"))
                records.reject(line=line, field="vulnerabilities.cve", value=value, reason=reason, row_lost=True)
                continue
            add_vulnerability(
                records,
                line=line,
                id=" ".join(part for part in (cve_ids[0], clean_text(get_by_path(tracking, "id"))) if part),
                cves=cve_ids,
                ranges=list(dict.fromkeys(_iter_ranges(vulnerability, products))),
                title=get_by_path(vulnerability, "title") or get_by_path(advisory, "document.title"),
                published=get_by_path(tracking, "initial_release_date"),
                modified=get_by_path(tracking, "current_release_date"),
                status=get_by_path(tracking, "status"),
                **_select_score(vulnerability),
            )
    return records.build_reading("cves", "cve_ranges")


def _iter_products(branches: object, parent_names: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each product's id with the names of the branches that lead to it, by category."""
    for branch in branches if isinstance(branches, list) else ():
        category, name = clean_text(get_by_path(branch, "category")), clean_text(get_by_path(branch, "name"))
        branch_names = {**parent_names, category: name} if category and name else parent_names
        key = clean_text(get_by_path(branch, "product.product_id"))
        if key:
            yield key, branch_names
        yield from _iter_products(get_by_path(branch, "branches"), branch_names)


def _iter_ranges(vulnerability: object, products: Mapping[str, Mapping[str, str]]) -> Iterator[AffectedRange]:
    product_ids = get_by_path(vulnerability, "product_status.known_affected")
    for key in product_ids if isinstance(product_ids, list) else ():
        product = products.get(clean_text(key) or "", {})
        version_text = product.get("product_version_range") or product.get("product_version")
        span = _parse_range(version_text) if version_text and "product_name" in product else None
        if span is not None:
            yield AffectedRange(vendor=product.get("vendor"), product=product["product_name"], **span)


def _parse_range(range_text: str) -> dict[str, Any] | None:
    bounds: dict[str, Any] = {"introduced": "0"}
    for part in _VERS.sub("", range_text).split("|"):
        match = _CONDITION.match(part)
        if match is None:
            return None
        sign, version = match.groups()
        if sign in (None, "="):
            return {"versions": (version,)}
        bounds |= {
            "<": {"fixed": version},
            "<=": {"last_affected": version},
            ">=": {"introduced": version},
            ">": {"introduced": version, "introduced_after": True},
        }[sign]
    return bounds


def _select_score(vulnerability: object) -> dict[str, Any]:
    scores = get_by_path(vulnerability, "scores")
    cvss_scores = [get_by_path(score, "cvss_v3") for score in scores] if isinstance(scores, list) else []
    best = max(
        (score for score in cvss_scores if isinstance(score, Mapping)),
        key=lambda score: parse_cvss_tenths(score.get("baseScore")) or 0,
        default={},
    )
    return {
        "severity": best.get("baseSeverity"),
        "cvss_tenths": parse_cvss_tenths(best.get("baseScore")),
        "cvss_vector": best.get("vectorString"),
    }
