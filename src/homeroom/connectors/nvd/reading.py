"""NVD's vulnerabilities into flaws and the versions that they touch.

Source of the names: NVD's schema of its CVE API 2.0 (cve_api_json_2.0.schema); the yearly feeds have the same form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.feeds import Cpe, Range, cpe, cves_in, english, put
from homeroom.ingest.records import Records, inside, tenths, text

SCORES = ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2")


def cves(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """`vulnerabilities` of a page or a feed into `cves` and `cve_ranges`."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        about = found.get("cve")
        known = cves_in(inside(about, "id"))
        if not known or not isinstance(about, Mapping):
            reason = "not a CVE id; CVE-2026-12345 fits"
            records.reject(line=line, field="cve.id", value=text(inside(about, "id")), reason=reason, row_lost=True)
            continue
        status = text(about.get("vulnStatus")) or ""
        score = _score(about.get("metrics"))
        put(
            records,
            line=line,
            id=known[0],
            ranges=list(_ranges(about.get("configurations"))),
            title=english(about.get("descriptions")),
            severity=score.get("baseSeverity"),
            cvss_tenths=tenths(score.get("baseScore")),
            cvss_vector=score.get("vectorString"),
            published=about.get("published"),
            modified=about.get("lastModified"),
            status=status,
            rejected=status.lower() == "rejected",
        )
    return records.reading("cves", "cve_ranges")


def _score(metrics: object) -> Mapping[str, Any]:
    """The newest version's score, NVD's own (Primary) before others; of version 2 the severity stands beside the data."""
    for name in SCORES:
        given = inside(metrics, name)
        every = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        for one in sorted(every, key=lambda one: one.get("type") != "Primary"):
            data = one.get("cvssData")
            if isinstance(data, dict):
                return {"baseSeverity": one.get("baseSeverity"), **data}
    return {}


def _ranges(configurations: object) -> Iterator[Range]:
    """What is vulnerable in each configuration; what it must run on stands beside it in the same one."""
    for configuration in configurations if isinstance(configurations, list) else ():
        named = list(_named(configuration))
        hosts = tuple(f"{name.vendor}:{name.product}" for name, match in named if match.get("vulnerable") is False)
        together = (text(inside(configuration, "operator")) or "").upper() == "AND"
        for name, match in named:
            if match.get("vulnerable") is not False:
                yield _range(name, match, hosts if together else ())


def _named(configuration: object) -> Iterator[tuple[Cpe, Mapping[str, Any]]]:
    nodes = inside(configuration, "nodes")
    for node in nodes if isinstance(nodes, list) else ():
        matches = inside(node, "cpeMatch")
        for match in matches if isinstance(matches, list) else ():
            name = cpe(inside(match, "criteria"))
            if name is not None and isinstance(match, Mapping):
                yield name, match


def _range(name: Cpe, match: Mapping[str, Any], hosts: tuple[str, ...]) -> Range:
    start, after = text(match.get("versionStartIncluding")), text(match.get("versionStartExcluding"))
    fixed, last = text(match.get("versionEndExcluding")), text(match.get("versionEndIncluding"))
    if name.any_version and (fixed or last) and not (start or after):
        start = "0"
    return Range(
        vendor=name.vendor,
        product=name.product,
        part=name.part,
        edition=name.edition,
        runs_on=(*hosts, *((name.target,) if name.target else ())),
        introduced=start or after,
        introduced_after=True if after and not start else None,
        fixed=fixed,
        last_affected=last,
        versions=(name.version,) if name.version else (),
    )
