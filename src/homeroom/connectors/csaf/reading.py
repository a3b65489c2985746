"""CSAF advisories into flaws and the versions that they touch.

Source of the names: CSAF 2.0 (OASIS), 3.2.2 and 3.2.3: branches lead from vendor to product name to a version or a range
of versions, `product_status.known_affected` names their products by id. A range is read where it is one comparison or two
(`<10.0.1`, `>=4|<4.2`, `vers:generic/<8.00.01`); other words say nothing that can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.feeds import Range, cves_in, put
from homeroom.ingest.records import Records, inside, tenths, text

_CONDITION = re.compile(r"\s*(<=|>=|<|>|=)?\s*v?([0-9][\w.+~:-]*)\s*\Z")
_VERS = re.compile(r"\Avers:[a-z][a-z0-9.+-]*/")


def advisories(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Advisories into `cves` and `cve_ranges`; a record's id is the CVE with the advisory's own id behind it."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        products = dict(_products(inside(found, "product_tree.branches"), {}))
        tracking = inside(found, "document.tracking")
        given = found.get("vulnerabilities")
        for flaw in given if isinstance(given, list) else ():
            known = cves_in(inside(flaw, "cve"))
            if not known:
                reason, value = "not a CVE id; CVE-2026-12345 fits", text(inside(flaw, "cve"))
                records.reject(line=line, field="vulnerabilities.cve", value=value, reason=reason, row_lost=True)
                continue
            put(
                records,
                line=line,
                id=" ".join(one for one in (known[0], text(inside(tracking, "id"))) if one),
                cves=known,
                ranges=list(dict.fromkeys(_ranges(flaw, products))),
                title=inside(flaw, "title") or inside(found, "document.title"),
                published=inside(tracking, "initial_release_date"),
                modified=inside(tracking, "current_release_date"),
                status=inside(tracking, "status"),
                **_score(flaw),
            )
    return records.reading("cves", "cve_ranges")


def _products(branches: object, above: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each product's id with the names of the branches that lead to it, by category."""
    for branch in branches if isinstance(branches, list) else ():
        category, name = text(inside(branch, "category")), text(inside(branch, "name"))
        here = {**above, category: name} if category and name else above
        key = text(inside(branch, "product.product_id"))
        if key:
            yield key, here
        yield from _products(inside(branch, "branches"), here)


def _ranges(flaw: object, products: Mapping[str, Mapping[str, str]]) -> Iterator[Range]:
    given = inside(flaw, "product_status.known_affected")
    for key in given if isinstance(given, list) else ():
        about = products.get(text(key) or "", {})
        written = about.get("product_version_range") or about.get("product_version")
        span = _span(written) if written and "product_name" in about else None
        if span is not None:
            yield Range(vendor=about.get("vendor"), product=about["product_name"], **span)


def _span(written: str) -> dict[str, Any] | None:
    made: dict[str, Any] = {"introduced": "0"}
    for part in _VERS.sub("", written).split("|"):
        found = _CONDITION.match(part)
        if found is None:
            return None
        sign, version = found.groups()
        if sign in (None, "="):
            return {"versions": (version,)}
        made |= {
            "<": {"fixed": version},
            "<=": {"last_affected": version},
            ">=": {"introduced": version},
            ">": {"introduced": version, "introduced_after": True},
        }[sign]
    return made


def _score(flaw: object) -> dict[str, Any]:
    given = inside(flaw, "scores")
    every = [inside(one, "cvss_v3") for one in given] if isinstance(given, list) else []
    best = max(
        (one for one in every if isinstance(one, Mapping)),
        key=lambda one: tenths(one.get("baseScore")) or 0,
        default={},
    )
    return {
        "severity": best.get("baseSeverity"),
        "cvss_tenths": tenths(best.get("baseScore")),
        "cvss_vector": best.get("vectorString"),
    }
