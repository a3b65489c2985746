"""OSV advisories into flaws and the versions of packages that they touch.

Source of the names and rules: the OSV schema (ossf.github.io/osv-schema): events of a range follow one another from
`introduced` to `fixed` or `last_affected`; an introduced 0 is every older version; ranges of git commits name no version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.feeds import Range, cves_in, put
from homeroom.ingest.records import Records, inside, text

SCHEMES = {
    "pypi": "python", "npm": "semver", "go": "semver", "crates": "semver", "hex": "semver", "pub": "semver",
    "swifturl": "semver", "github actions": "semver", "maven": "maven", "rubygems": "gem", "nuget": "nuget",
    "debian": "deb", "ubuntu": "deb", "alpine": "apk", "wolfi": "apk", "chainguard": "apk", "red hat": "rpm",
    "rocky linux": "rpm", "almalinux": "rpm", "suse": "rpm", "opensuse": "rpm", "mageia": "rpm", "openeuler": "rpm",
}  # fmt: skip
"""How the versions of an ecosystem are compared, by the part of its name before a colon; plain numbers elsewhere."""


def advisories(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Advisories into `cves` and `cve_ranges`. One that was withdrawn touches nothing any more."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        known = text(found.get("id"))
        if known is None:
            reason = "no id, so the advisory cannot be told from others"
            records.reject(line=line, field="id", value=None, reason=reason, row_lost=True)
            continue
        score = _vector(found.get("severity"))
        put(
            records,
            line=line,
            id=known,
            cves=cves_in([known]) or [*cves_in(found.get("aliases")), *cves_in(found.get("upstream"))],
            ranges=list(_ranges(found.get("affected"))),
            title=found.get("summary") or found.get("details"),
            severity=inside(found, "database_specific.severity") or _word(found.get("severity")),
            cvss_vector=score,
            published=found.get("published"),
            modified=found.get("modified"),
            status="withdrawn" if text(found.get("withdrawn")) else "published",
            rejected=text(found.get("withdrawn")) is not None,
        )
    return records.reading("cves", "cve_ranges")


def _vector(given: object) -> str | None:
    vectors = [text(inside(one, "score")) for one in given] if isinstance(given, list) else []
    return next((one for one in reversed(vectors) if one and one.startswith("CVSS:")), None)


def _word(given: object) -> str | None:
    """Ubuntu writes its own word in place of a vector."""
    words = [text(inside(one, "score")) for one in given] if isinstance(given, list) else []
    return next((one for one in words if one and one.isalpha()), None)


def _ranges(affected: object) -> Iterator[Range]:
    for one in affected if isinstance(affected, list) else ():
        world, name = text(inside(one, "package.ecosystem")), text(inside(one, "package.name"))
        if world is None or name is None:
            continue
        about: dict[str, Any] = {
            "ecosystem": world,
            "product": name,
            "scheme": SCHEMES.get(world.partition(":")[0].lower().removesuffix(".io"), "plain"),
        }
        given = inside(one, "ranges")
        spans = [span for part in given for span in _spans(part)] if isinstance(given, list) else []
        yield from (Range(**about, **span) for span in spans)
        versions = inside(one, "versions")
        if not spans and isinstance(versions, list):
            yield Range(**about, versions=tuple(said for version in versions if (said := text(version))))


def _spans(given: object) -> Iterator[dict[str, Any]]:
    events = inside(given, "events")
    if (text(inside(given, "type")) or "").upper() == "GIT" or not isinstance(events, list):
        return
    start: str | None = None
    for event in events:
        introduced, fixed = text(inside(event, "introduced")), text(inside(event, "fixed"))
        last = text(inside(event, "last_affected"))
        if introduced is not None and start is None:
            start = introduced
        elif (fixed or last) and start is not None:
            yield {"introduced": start, "fixed": fixed, "last_affected": None if fixed else last}
            start = None
    if start is not None:
        yield {"introduced": start}
