"""NVD's vulnerabilities into CVEs and the versions that they affect.

Source of the names: NVD's schema of its CVE API 2.0 (cve_api_json_2.0.schema); the yearly feeds have the same form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_cvss_tenths
from homeroom.ingest.rows.vulnerability_feeds import (
    AffectedRange,
    CpeName,
    add_vulnerability,
    filter_cve_ids,
    get_english_text,
    parse_cpe,
)

SCORES = ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2")


def read_cves(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read `vulnerabilities` of a page or a feed into `cves` and `cve_ranges`."""
    records = RecordBuilder()
    for line, item in enumerate(objects, start=first):
        cve = item.get("cve")
        cve_ids = filter_cve_ids(get_by_path(cve, "id"))
        if not cve_ids or not isinstance(cve, Mapping):
            reason = "not a CVE id; CVE-2026-12345 fits"
            records.reject(
                line=line, field="cve.id", value=clean_text(get_by_path(cve, "id")), reason=reason, row_lost=True
            )
            continue
        status = clean_text(cve.get("vulnStatus")) or ""
        score = _find_score(cve.get("metrics"))
        add_vulnerability(
            records,
            line=line,
            id=cve_ids[0],
            ranges=list(_iter_ranges(cve.get("configurations"))),
            title=get_english_text(cve.get("descriptions")),
            severity=score.get("baseSeverity"),
            cvss_tenths=parse_cvss_tenths(score.get("baseScore")),
            cvss_vector=score.get("vectorString"),
            published=cve.get("published"),
            modified=cve.get("lastModified"),
            status=status,
            rejected=status.lower() == "rejected",
        )
    return records.build_reading("cves", "cve_ranges")


def _find_score(metrics: object) -> Mapping[str, Any]:
    """Find the newest version's score, NVD's own (Primary) before others.

    In CVSS version 2 the severity is beside the data.
    """
    for name in SCORES:
        raw_metrics = get_by_path(metrics, name)
        entries = [entry for entry in raw_metrics if isinstance(entry, dict)] if isinstance(raw_metrics, list) else []
        for entry in sorted(entries, key=lambda entry: entry.get("type") != "Primary"):
            data = entry.get("cvssData")
            if isinstance(data, dict):
                return {"baseSeverity": entry.get("baseSeverity"), **data}
    return {}


def _iter_ranges(configurations: object) -> Iterator[AffectedRange]:
    """Yield the vulnerable ranges of each configuration, with the platforms that the same configuration requires."""
    for configuration in configurations if isinstance(configurations, list) else ():
        cpe_matches = list(_iter_cpe_matches(configuration))
        hosts = tuple(
            f"{name.vendor}:{name.product}" for name, match in cpe_matches if match.get("vulnerable") is False
        )
        is_and_operator = (clean_text(get_by_path(configuration, "operator")) or "").upper() == "AND"
        for name, match in cpe_matches:
            if match.get("vulnerable") is not False:
                yield _build_range(name, match, hosts if is_and_operator else ())


def _iter_cpe_matches(configuration: object) -> Iterator[tuple[CpeName, Mapping[str, Any]]]:
    nodes = get_by_path(configuration, "nodes")
    for node in nodes if isinstance(nodes, list) else ():
        matches = get_by_path(node, "cpeMatch")
        for match in matches if isinstance(matches, list) else ():
            name = parse_cpe(get_by_path(match, "criteria"))
            if name is not None and isinstance(match, Mapping):
                yield name, match


def _build_range(name: CpeName, match: Mapping[str, Any], hosts: tuple[str, ...]) -> AffectedRange:
    start, start_excluded = (
        clean_text(match.get("versionStartIncluding")),
        clean_text(match.get("versionStartExcluding")),
    )
    fixed, last = clean_text(match.get("versionEndExcluding")), clean_text(match.get("versionEndIncluding"))
    if name.any_version and (fixed or last) and not (start or start_excluded):
        start = "0"
    return AffectedRange(
        vendor=name.vendor,
        product=name.product,
        part=name.part,
        edition=name.edition,
        runs_on=(*hosts, *((name.target,) if name.target else ())),
        introduced=start or start_excluded,
        introduced_after=True if start_excluded and not start else None,
        fixed=fixed,
        last_affected=last,
        versions=(name.version,) if name.version else (),
    )
