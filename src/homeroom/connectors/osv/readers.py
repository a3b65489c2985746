"""OSV advisories into vulnerabilities and the versions of packages that they affect.

Source of the names and rules: the OSV schema (ossf.github.io/osv-schema): events of a range follow one another from
`introduced` to `fixed` or `last_affected`; an introduced 0 is every older version; ranges of git commits name no
version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path
from homeroom.ingest.rows.vulnerability_feeds import AffectedRange, add_vulnerability, filter_cve_ids

SCHEMES = {
    "pypi": "python", "npm": "semver", "go": "semver", "crates": "semver", "hex": "semver", "pub": "semver",
    "swifturl": "semver", "github actions": "semver", "maven": "maven", "rubygems": "gem", "nuget": "nuget",
    "debian": "deb", "ubuntu": "deb", "alpine": "apk", "wolfi": "apk", "chainguard": "apk", "red hat": "rpm",
    "rocky linux": "rpm", "almalinux": "rpm", "suse": "rpm", "opensuse": "rpm", "mageia": "rpm", "openeuler": "rpm",
}  # fmt: skip
"""Version schemes by the part of the ecosystem's name before a colon; plain numbers elsewhere."""


def read_advisories(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read advisories into `cves` and `cve_ranges`; a withdrawn advisory affects nothing any more."""
    records = RecordBuilder()
    for line, advisory in enumerate(objects, start=first):
        advisory_id = clean_text(advisory.get("id"))
        if advisory_id is None:
            reason = "no id, so the advisory cannot be told from others"
            records.reject(line=line, field="id", value=None, reason=reason, row_lost=True)
            continue
        score = _find_vector(advisory.get("severity"))
        add_vulnerability(
            records,
            line=line,
            id=advisory_id,
            cves=filter_cve_ids([advisory_id])
            or [*filter_cve_ids(advisory.get("aliases")), *filter_cve_ids(advisory.get("upstream"))],
            ranges=list(_iter_ranges(advisory.get("affected"))),
            title=advisory.get("summary") or advisory.get("details"),
            severity=get_by_path(advisory, "database_specific.severity")
            or _find_severity_word(advisory.get("severity")),
            cvss_vector=score,
            published=advisory.get("published"),
            modified=advisory.get("modified"),
            status="withdrawn" if clean_text(advisory.get("withdrawn")) else "published",
            rejected=clean_text(advisory.get("withdrawn")) is not None,
        )
    return records.build_reading("cves", "cve_ranges")


def _find_vector(severities: object) -> str | None:
    vectors = [clean_text(get_by_path(entry, "score")) for entry in severities] if isinstance(severities, list) else []
    return next((entry for entry in reversed(vectors) if entry and entry.startswith("CVSS:")), None)


def _find_severity_word(severities: object) -> str | None:
    """Find the severity word that Ubuntu writes in place of a vector."""
    words = [clean_text(get_by_path(entry, "score")) for entry in severities] if isinstance(severities, list) else []
    return next((entry for entry in words if entry and entry.isalpha()), None)


def _iter_ranges(affected: object) -> Iterator[AffectedRange]:
    for package in affected if isinstance(affected, list) else ():
        ecosystem, name = (
            clean_text(get_by_path(package, "package.ecosystem")),
            clean_text(get_by_path(package, "package.name")),
        )
        if ecosystem is None or name is None:
            continue
        product: dict[str, Any] = {
            "ecosystem": ecosystem,
            "product": name,
            "scheme": SCHEMES.get(ecosystem.partition(":")[0].lower().removesuffix(".io"), "plain"),
        }
        raw_ranges = get_by_path(package, "ranges")
        spans = (
            [span for raw_range in raw_ranges for span in _iter_spans(raw_range)]
            if isinstance(raw_ranges, list)
            else []
        )
        yield from (AffectedRange(**product, **span) for span in spans)
        versions = get_by_path(package, "versions")
        if not spans and isinstance(versions, list):
            yield AffectedRange(
                **product, versions=tuple(version_text for version in versions if (version_text := clean_text(version)))
            )


def _iter_spans(raw_range: object) -> Iterator[dict[str, Any]]:
    events = get_by_path(raw_range, "events")
    if (clean_text(get_by_path(raw_range, "type")) or "").upper() == "GIT" or not isinstance(events, list):
        return
    start: str | None = None
    for event in events:
        introduced, fixed = clean_text(get_by_path(event, "introduced")), clean_text(get_by_path(event, "fixed"))
        last = clean_text(get_by_path(event, "last_affected"))
        if introduced is not None and start is None:
            start = introduced
        elif (fixed or last) and start is not None:
            yield {"introduced": start, "fixed": fixed, "last_affected": None if fixed else last}
            start = None
    if start is not None:
        yield {"introduced": start}
