"""CVE records into vulnerabilities and the versions that they affect.

Source of the names and rules: the CVE record format 5 (CVE_Record_Format.json): a version object is affected from
`version` up to `lessThan` or `lessThanOrEqual`, `changes` turn its status at a version, and `defaultStatus` applies to
every version that no object names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_cvss_tenths
from homeroom.ingest.rows.vulnerability_feeds import (
    AffectedRange,
    add_vulnerability,
    filter_cve_ids,
    get_english_text,
    parse_cpe,
)

SCORES = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")
ANY = ("", "0", "*", "-", "n/a", "unspecified", "unknown", "all", "all versions", "any", "none")
SCHEMES = {"semver": "semver", "python": "python", "maven": "maven", "rpm": "rpm", "deb": "deb", "npm": "semver"}
ECOSYSTEMS = {
    "pypi": "PyPI", "npmjs": "npm", "crates": "crates", "rubygems": "RubyGems", "nuget": "NuGet",
    "packagist": "Packagist", "maven": "Maven", "pkg": "Go",
}  # fmt: skip
"""The package ecosystem, by a part of the host name of a record's package collection."""


def read_records(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read records into `cves` and `cve_ranges`."""
    records = RecordBuilder()
    for line, record in enumerate(objects, start=first):
        cve_ids = filter_cve_ids(get_by_path(record, "cveMetadata.cveId"))
        if not cve_ids:
            reason, value = "not a CVE id; CVE-2026-12345 fits", clean_text(get_by_path(record, "cveMetadata.cveId"))
            records.reject(line=line, field="cveMetadata.cveId", value=value, reason=reason, row_lost=True)
            continue
        containers = list(_iter_containers(record))
        score = _find_score(containers)
        state = clean_text(get_by_path(record, "cveMetadata.state")) or ""
        main_container = containers[0] if containers else {}
        add_vulnerability(
            records,
            line=line,
            id=cve_ids[0],
            ranges=[
                version_range for container in containers for version_range in _iter_ranges(container.get("affected"))
            ],
            title=main_container.get("title")
            or get_english_text(main_container.get("descriptions"))
            or get_english_text(main_container.get("rejectedReasons")),
            severity=score.get("baseSeverity"),
            cvss_tenths=parse_cvss_tenths(score.get("baseScore")),
            cvss_vector=score.get("vectorString"),
            published=get_by_path(record, "cveMetadata.datePublished"),
            modified=get_by_path(record, "cveMetadata.dateUpdated"),
            status=state,
            rejected=state.upper() == "REJECTED",
        )
    return records.build_reading("cves", "cve_ranges")


def _iter_containers(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the container of the CVE's own authority first, then those that others added to it."""
    cna_container, adp_containers = get_by_path(record, "containers.cna"), get_by_path(record, "containers.adp")
    if isinstance(cna_container, Mapping):
        yield cna_container
    yield from (
        (container for container in adp_containers if isinstance(container, Mapping))
        if isinstance(adp_containers, list)
        else ()
    )


def _find_score(containers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    for name in SCORES:
        for container in containers:
            metrics = container.get("metrics")
            for metric in metrics if isinstance(metrics, list) else ():
                if isinstance(score := get_by_path(metric, name), Mapping):
                    return score
    return {}


@dataclass(frozen=True, kw_only=True)
class _VersionSpan:
    """A span of versions, affected or not, from `start` up to `end`, which is included where `closed`."""

    touched: bool
    start: str
    end: str | None
    closed: bool
    scheme: str | None
    alone: bool


def _iter_ranges(affected: object) -> Iterator[AffectedRange]:
    for entry in affected if isinstance(affected, list) else ():
        if isinstance(entry, Mapping):
            spans = list(_iter_version_ranges(entry))
            for product in _build_products(entry):
                yield from (_merge_ranges(product, span) for span in spans)


def _build_products(entry: Mapping[str, Any]) -> list[AffectedRange]:
    """Return the products of the entry: its package, its CPE names, or maker and product as written."""
    names = [name for cpe_name in entry.get("cpes") or () if (name := parse_cpe(cpe_name)) is not None]
    runs_on = _list_platforms(entry)
    host_labels = (urlsplit(clean_text(entry.get("collectionURL")) or "").hostname or "").split(".")
    ecosystem = next((ECOSYSTEMS[part] for part in host_labels if part in ECOSYSTEMS), None)
    if ecosystem is not None and (package := clean_text(entry.get("packageName"))):
        return [AffectedRange(ecosystem=ecosystem, product=package, runs_on=runs_on)]
    plain = AffectedRange(
        vendor=clean_text(entry.get("vendor")), product=clean_text(entry.get("product")), runs_on=runs_on
    )
    products = {
        (name.vendor, name.product, name.edition): AffectedRange(
            vendor=name.vendor, product=name.product, part=name.part, edition=name.edition, runs_on=runs_on
        )
        for name in names
    }
    return list(products.values()) or [plain]


def _list_platforms(entry: Mapping[str, Any]) -> tuple[str, ...]:
    platforms = entry.get("platforms")
    return (
        tuple(name.lower() for platform in platforms if (name := clean_text(platform)))
        if isinstance(platforms, list)
        else ()
    )


def _merge_ranges(product: AffectedRange, span: AffectedRange) -> AffectedRange:
    return AffectedRange(
        vendor=product.vendor,
        product=product.product,
        ecosystem=product.ecosystem,
        part=product.part,
        edition=product.edition,
        runs_on=product.runs_on,
        scheme=span.scheme,
        introduced=span.introduced,
        fixed=span.fixed,
        last_affected=span.last_affected,
        versions=span.versions,
        spared=span.spared,
    )


def _iter_version_ranges(entry: Mapping[str, Any]) -> Iterator[AffectedRange]:
    versions = entry.get("versions")
    spans = (
        [part for version in versions if isinstance(version, Mapping) for part in _split_at_changes(version)]
        if isinstance(versions, list)
        else []
    )
    affected = [version for version in spans if version.touched]
    for version in affected:
        if version.alone and version.start.lower() not in ANY:
            yield AffectedRange(scheme=version.scheme, versions=(version.start,))
        elif not version.alone:
            yield _build_range(version)
    if (clean_text(entry.get("defaultStatus")) or "").lower() == "affected" and not affected:
        yield from _iter_ranges_except(spans)


def _build_range(version: _VersionSpan) -> AffectedRange:
    # Where a maker writes the fixed version twice, every older one is meant.
    start = (
        "0" if version.start.lower() in ANY or (version.start == version.end and not version.closed) else version.start
    )
    return AffectedRange(
        scheme=version.scheme,
        introduced=start,
        fixed=None if version.closed else version.end,
        last_affected=version.end if version.closed else None,
    )


def _iter_ranges_except(unaffected: Sequence[_VersionSpan]) -> Iterator[AffectedRange]:
    """Yield the ranges of all versions except those named.

    Where every version from one on is unaffected, these are all older ones.
    """
    alone = tuple(version.start for version in unaffected if version.alone and version.start.lower() not in ANY)
    open_ended = [version for version in unaffected if not version.alone and version.end is None]
    if open_ended:
        yield from (
            AffectedRange(scheme=version.scheme, introduced="0", fixed=version.start, spared=alone)
            for version in open_ended
            if version.start.lower() not in ANY
        )
    elif alone:
        yield AffectedRange(introduced="0", spared=alone)


def _split_at_changes(version: Mapping[str, Any]) -> Iterator[_VersionSpan]:
    """Yield a version object as the pieces between its changes of status."""
    start, affected = (
        clean_text(version.get("version")) or "",
        (clean_text(version.get("status")) or "").lower() == "affected",
    )
    less_than, less_or_equal = clean_text(version.get("lessThan")), clean_text(version.get("lessThanOrEqual"))
    end = less_than or less_or_equal
    scheme = SCHEMES.get((clean_text(version.get("versionType")) or "").lower())
    changes = version.get("changes")
    status_changes = [change for change in changes if isinstance(change, Mapping)] if isinstance(changes, list) else []
    for change in status_changes:
        at, status = clean_text(change.get("at")), (clean_text(change.get("status")) or "").lower()
        if at is None:
            continue
        yield _VersionSpan(touched=affected, start=start, end=at, closed=False, scheme=scheme, alone=False)
        start, affected = at, status == "affected"
    yield _VersionSpan(
        touched=affected,
        start=start,
        end=None if end == "*" else end,
        closed=less_than is None and less_or_equal not in (None, "*"),
        scheme=scheme,
        alone=end is None and not status_changes,
    )
