"""CVE records into flaws and the versions that they touch.

Source of the names and rules: the CVE record format 5 (CVE_Record_Format.json): a version object is affected from
`version` up to `lessThan` or `lessThanOrEqual`, `changes` turn its status at a version, and `defaultStatus` speaks for
every version that no object names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from homeroom.ingest.connector import Reading
from homeroom.ingest.feeds import Range, cpe, cves_in, english, put
from homeroom.ingest.records import Records, inside, tenths, text

SCORES = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")
ANY = ("", "0", "*", "-", "n/a", "unspecified", "unknown", "all", "all versions", "any", "none")
SCHEMES = {"semver": "semver", "python": "python", "maven": "maven", "rpm": "rpm", "deb": "deb", "npm": "semver"}
WORLDS = {
    "pypi": "PyPI", "npmjs": "npm", "crates": "crates", "rubygems": "RubyGems", "nuget": "NuGet",
    "packagist": "Packagist", "maven": "Maven", "pkg": "Go",
}  # fmt: skip
"""The world of packages by a part of the host under which a record says that its package is kept."""


def records(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Records into `cves` and `cve_ranges`."""
    made = Records()
    for line, found in enumerate(objects, start=first):
        known = cves_in(inside(found, "cveMetadata.cveId"))
        if not known:
            reason, value = "not a CVE id; CVE-2026-12345 fits", text(inside(found, "cveMetadata.cveId"))
            made.reject(line=line, field="cveMetadata.cveId", value=value, reason=reason, row_lost=True)
            continue
        holders = list(_containers(found))
        score = _score(holders)
        state = text(inside(found, "cveMetadata.state")) or ""
        about = holders[0] if holders else {}
        put(
            made,
            line=line,
            id=known[0],
            ranges=[one for holder in holders for one in _ranges(holder.get("affected"))],
            title=about.get("title") or english(about.get("descriptions")) or english(about.get("rejectedReasons")),
            severity=score.get("baseSeverity"),
            cvss_tenths=tenths(score.get("baseScore")),
            cvss_vector=score.get("vectorString"),
            published=inside(found, "cveMetadata.datePublished"),
            modified=inside(found, "cveMetadata.dateUpdated"),
            status=state,
            rejected=state.upper() == "REJECTED",
        )
    return made.reading("cves", "cve_ranges")


def _containers(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The maker's own part first, then what others added to it."""
    own, others = inside(found, "containers.cna"), inside(found, "containers.adp")
    if isinstance(own, Mapping):
        yield own
    yield from (one for one in others if isinstance(one, Mapping)) if isinstance(others, list) else ()


def _score(holders: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    for name in SCORES:
        for holder in holders:
            metrics = holder.get("metrics")
            for one in metrics if isinstance(metrics, list) else ():
                if isinstance(found := inside(one, name), Mapping):
                    return found
    return {}


@dataclass(frozen=True, kw_only=True)
class _Version:
    """One version object: touched or not from `start` up to `end`, which is within where `closed`."""

    touched: bool
    start: str
    end: str | None
    closed: bool
    scheme: str | None
    alone: bool


def _ranges(affected: object) -> Iterator[Range]:
    for entry in affected if isinstance(affected, list) else ():
        if isinstance(entry, Mapping):
            spans = list(_spans(entry))
            for about in _subjects(entry):
                yield from (_joined(about, span) for span in spans)


def _subjects(entry: Mapping[str, Any]) -> list[Range]:
    """What the entry is about: its package, its CPE names, or maker and product as written."""
    names = [name for one in entry.get("cpes") or () if (name := cpe(one)) is not None]
    runs_on = _platforms(entry)
    hosted = (urlsplit(text(entry.get("collectionURL")) or "").hostname or "").split(".")
    world = next((WORLDS[part] for part in hosted if part in WORLDS), None)
    if world is not None and (package := text(entry.get("packageName"))):
        return [Range(ecosystem=world, product=package, runs_on=runs_on)]
    plain = Range(vendor=text(entry.get("vendor")), product=text(entry.get("product")), runs_on=runs_on)
    made = {
        (name.vendor, name.product, name.edition): Range(
            vendor=name.vendor, product=name.product, part=name.part, edition=name.edition, runs_on=runs_on
        )
        for name in names
    }
    return list(made.values()) or [plain]


def _platforms(entry: Mapping[str, Any]) -> tuple[str, ...]:
    given = entry.get("platforms")
    return tuple(said.lower() for one in given if (said := text(one))) if isinstance(given, list) else ()


def _joined(about: Range, span: Range) -> Range:
    return Range(
        vendor=about.vendor,
        product=about.product,
        ecosystem=about.ecosystem,
        part=about.part,
        edition=about.edition,
        runs_on=about.runs_on,
        scheme=span.scheme,
        introduced=span.introduced,
        fixed=span.fixed,
        last_affected=span.last_affected,
        versions=span.versions,
        spared=span.spared,
    )


def _spans(entry: Mapping[str, Any]) -> Iterator[Range]:
    given = entry.get("versions")
    every = (
        [part for one in given if isinstance(one, Mapping) for part in _parts(one)] if isinstance(given, list) else []
    )
    touched = [one for one in every if one.touched]
    for one in touched:
        if one.alone and one.start.lower() not in ANY:
            yield Range(scheme=one.scheme, versions=(one.start,))
        elif not one.alone:
            yield _span(one)
    if (text(entry.get("defaultStatus")) or "").lower() == "affected" and not touched:
        yield from _but(every)


def _span(one: _Version) -> Range:
    # Where a maker writes the fixed version twice, every older one is meant.
    start = "0" if one.start.lower() in ANY or (one.start == one.end and not one.closed) else one.start
    return Range(
        scheme=one.scheme,
        introduced=start,
        fixed=None if one.closed else one.end,
        last_affected=one.end if one.closed else None,
    )


def _but(spared: Sequence[_Version]) -> Iterator[Range]:
    """Every version is touched but for those named: all older ones where the rest from a version on is not."""
    alone = tuple(one.start for one in spared if one.alone and one.start.lower() not in ANY)
    onwards = [one for one in spared if not one.alone and one.end is None]
    if onwards:
        yield from (
            Range(scheme=one.scheme, introduced="0", fixed=one.start, spared=alone)
            for one in onwards
            if one.start.lower() not in ANY
        )
    elif alone:
        yield Range(introduced="0", spared=alone)


def _parts(one: Mapping[str, Any]) -> Iterator[_Version]:
    """A version object as the pieces between its changes."""
    start, touched = text(one.get("version")) or "", (text(one.get("status")) or "").lower() == "affected"
    less, most = text(one.get("lessThan")), text(one.get("lessThanOrEqual"))
    end = less or most
    scheme = SCHEMES.get((text(one.get("versionType")) or "").lower())
    changes = one.get("changes")
    turns = [turn for turn in changes if isinstance(turn, Mapping)] if isinstance(changes, list) else []
    for turn in turns:
        at, status = text(turn.get("at")), (text(turn.get("status")) or "").lower()
        if at is None:
            continue
        yield _Version(touched=touched, start=start, end=at, closed=False, scheme=scheme, alone=False)
        start, touched = at, status == "affected"
    yield _Version(
        touched=touched,
        start=start,
        end=None if end == "*" else end,
        closed=less is None and most not in (None, "*"),
        scheme=scheme,
        alone=end is None and not turns,
    )
