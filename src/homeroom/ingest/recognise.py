"""What lies at some paths: packages of files that are loaded together, and each file that cannot be, with its reason.

Rules that no single file can decide:

- OneRoster: a folder or zip with manifest.csv, or with users.csv and orgs.csv, is one package. It is complete where
  every file is said to be bulk (or nothing is said) and none was refused. A member alone is a package, not complete.
- JSON pages: files of one kind in one folder are pages of one package where at least one says that another page
  follows, or that there are more rows than it has. It is complete where exactly one says nothing of the sort, the last,
  or where the pages have as many rows as they say; also where none says so but one has no rows, the page after the last.
  Else each file is a package of its own.
- Text: a file that is known by its marks, and those that its kind wants beside it, are one package.
- CSV and XML: each file is a package of its own, complete, the largest first.
- Files of a log, which accumulate, follow each other by name: numbers by their value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapping_
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from homeroom.ingest.archives import Found, found_at
from homeroom.ingest.bundles import bundle_of
from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.kinds import UNKNOWN, Match, Miss, match_of
from homeroom.ingest.limits import STANDARD, Limits
from homeroom.ingest.looking import CSV, JSON, TEXT, XML, YAML, Look, alike_of, beside_at, looked_at
from homeroom.ingest.origins import Origin
from homeroom.ingest.packages import Mapping as Mapping
from homeroom.ingest.packages import Package as Package
from homeroom.ingest.packages import PackageFile as PackageFile
from homeroom.ingest.packages import Place as Place
from homeroom.ingest.packages import Recognised as Recognised
from homeroom.ingest.packaging import package_of, problem_of, text_package, together
from homeroom.ingest.pages import Natural, documents_of, natural, other_version
from homeroom.ingest.problems import Problem, Refused, refused

_AT_ONCE = 2
"""Files that are looked at together: one is read, hashed or taken apart by Arrow while another keeps the interpreter busy."""


def packages(
    paths: Iterable[Path],
    *,
    connectors: Sequence[Connector],
    limits: Limits = STANDARD,
    places: Mapping_[str, Place] | None = None,
) -> Recognised:
    """Recognise every file at the paths (files, zips, folders) by its content. Never raises for a bad file.

    `places` says by the kind's id where each mapping file lies: of several that fit a list alike, the nearest one reads it.
    """
    found = _found(paths, limits)
    looks, refusals, texts = _looks(found.origins, connectors, limits)
    ignored = [*found.ignored, *(look.origin.name for look in looks if look.homeroom == "truth")]
    rest = [look for look in looks if look.homeroom != "truth"]
    mappings = [
        Mapping(name=look.origin.name, text=look.text, sha256=look.survey.sha256, place=_place(look))
        for look in rest
        if look.form == YAML and look.homeroom == "mapping"
    ]
    results = [Recognised(problems=(*found.problems, *refusals), ignored=tuple(ignored), mappings=tuple(mappings))]
    results.append(Recognised(packages=texts))
    broken = {problem.file for problem in refusals}
    for folder in _by_folder(rest):
        bundle, others = bundle_of(folder, connectors=connectors, broken=broken)
        results.append(bundle)
        results.append(documents_of([look for look in others if look.form == JSON], connectors=connectors))
        results += [_alone(look, _nearest(look, connectors, places)) for look in others if look.form in (CSV, XML)]
        results += [_facts(look, connectors) for look in others if look.form == YAML and look.homeroom != "mapping"]
    return _hinted(_joined(results), connectors)


def _hinted(found: Recognised, connectors: Sequence[Connector]) -> Recognised:
    """The same, where a file that nobody reads by itself has the name of one that is read beside another."""
    beside = _companions(connectors)

    def hinted(problem: Problem) -> Problem:
        kind = beside.get(problem.file.rpartition("/")[2].casefold())
        if kind is None or not problem.reason.startswith(UNKNOWN):
            return problem
        return replace(problem, fits=f"one folder with it and {kind.title[:1].lower()}{kind.title[1:]}")

    return replace(found, problems=tuple(hinted(problem) for problem in found.problems))


def _companions(connectors: Sequence[Connector]) -> dict[str, Kind]:
    """The kinds that want a file of that name, in lower case, beside them."""
    return {name.casefold(): kind for one in connectors for kind in one.kinds for name in kind.beside}


def _found(paths: Iterable[Path], limits: Limits) -> Found:
    every = [found_at(path, limits=limits) for path in paths]
    origins = {(origin.folder, origin.base): origin for found in every for origin in found.origins}
    return Found(
        origins=tuple(origins.values()),
        problems=tuple(problem for found in every for problem in found.problems),
        ignored=tuple(name for found in every for name in found.ignored),
    )


def _looks(
    origins: Sequence[Origin], connectors: Sequence[Connector], limits: Limits
) -> tuple[list[Look], list[Problem], tuple[Package, ...]]:
    """What each file is, why some are refused, and the packages of texts, whose files are in neither."""
    companions = _companions(connectors)
    waiting = {
        (origin.folder, origin.base.casefold()): origin for origin in origins if origin.base.casefold() in companions
    }
    looks: list[Look] = []
    problems: list[Problem] = []
    packages: list[Package] = []
    alike = alike_of(connectors, limits=limits)

    def look_at(origin: Origin) -> Look | Refused:
        try:
            return looked_at(origin, limits=limits, connectors=connectors, alike=alike)
        except Refused as refusal:
            return refusal

    def take(look: Look | Refused) -> None:
        try:
            if isinstance(look, Refused):
                raise look
            if look.form == TEXT:
                packages.append(_text(look, _claimed(look, waiting), limits))
            else:
                looks.append(look)
        except Refused as refusal:
            problems.extend(refusal.problems)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as workers:
        for look in workers.map(look_at, [one for one in origins if one.base.casefold() not in companions]):
            take(look)
    for origin in tuple(waiting.values()):  # those that stand beside nothing
        take(look_at(origin))
    return looks, problems, tuple(packages)


def _claimed(look: Look, waiting: dict[tuple[str, str], Origin]) -> dict[str, Origin | None]:
    """The files that a text wants beside it, by name, taken out of those that wait."""
    kind = look.match.kind if isinstance(look.match, Match) else None
    return {name: waiting.pop((look.origin.folder, name.casefold()), None) for name in (kind.beside if kind else ())}


def _text(look: Look, beside: Mapping_[str, Origin | None], limits: Limits) -> Package:
    """A text with those that stand beside it. Raises Refused where one is missing or cannot be read."""
    if not isinstance(look.match, Match):
        reason = look.match.reason if look.match else "is no known kind of text"
        raise refused(look.origin.name, reason, fits=look.match.fits if look.match else "")
    there = [origin for origin in beside.values() if origin is not None]
    if len(there) < len(beside):
        missing = ", ".join(name for name, origin in beside.items() if origin is None)
        fits = f"one folder with {', '.join((look.origin.base, *beside))}"
        raise refused(look.origin.name, f"{missing} is not in its folder", field=missing, fits=fits)
    return text_package(look, look.match, beside=[beside_at(origin, limits=limits) for origin in there])


def _by_folder(looks: Sequence[Look]) -> list[list[Look]]:
    folders: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        folders[look.origin.folder].append(look)
    return list(folders.values())


def _joined(results: Sequence[Recognised]) -> Recognised:
    every = together([package for result in results for package in result.packages])
    return Recognised(
        packages=tuple(sorted(every, key=_largest_first)),
        problems=tuple(problem for result in results for problem in result.problems),
        ignored=tuple(name for result in results for name in result.ignored),
        mappings=tuple(mapping for result in results for mapping in result.mappings),
    )


def _largest_first(package: Package) -> tuple[str, str, int, Natural]:
    size = 0 if package.accumulates else sum(file.size for file in package.files)
    return package.connector.name, package.stream, -size, natural(package.files[0].name)


def _alone(look: Look, connectors: Sequence[Connector]) -> Recognised:
    """A CSV or XML file of its own."""
    match = match_of(look.names, form=look.form, connectors=connectors)
    if isinstance(match, Miss) and look.form == XML:
        return Recognised(problems=(_unread_xml(look, connectors),))
    if isinstance(match, Miss):
        return Recognised(problems=(problem_of(look, match),))
    if newer := other_version(look, match.kind):
        return Recognised(problems=(newer,))
    incomplete = "one file of a bundle, without the others" if match.kind.member else ""
    return Recognised(packages=(package_of([(look, match)], incomplete=incomplete),))


def _place(look: Look) -> Place:
    return look.origin.folder, look.origin.base.partition(".")[0].casefold()


def _nearest(look: Look, connectors: Sequence[Connector], places: Mapping_[str, Place] | None) -> Sequence[Connector]:
    """Without the mapping files for the same headings that lie farther off: beside the list, and named as it is, is near."""
    if not places:
        return connectors
    folder, stem = _place(look)

    def off(kind: Kind) -> tuple[bool, bool]:
        return places[kind.id][0] != folder, places[kind.id][1] != stem

    mapped = [kind for one in connectors for kind in one.kinds if kind.id in places]
    far = {
        kind.id
        for kind in mapped
        if any(set(kind.needs) == set(other.needs) and off(other) < off(kind) for other in mapped)
    }
    return [one for one in connectors if not any(kind.id in far for kind in one.kinds)]


def _unread_xml(look: Look, connectors: Sequence[Connector]) -> Problem:
    root = look.names[0]
    roots = sorted({name for one in connectors for kind in one.kinds if kind.form == XML for name in kind.needs})
    fits = f"XML with the root element {' or '.join(roots)}" if roots else "an export as CSV or JSON"
    if root.casefold() == "html":
        fits = "the export itself, downloaded while signed in"
    reason = f"is an XML document with the root element {root}, which nobody reads"
    if same := [name for name in roots if _unversioned(name) == _unversioned(root)]:
        reason, fits = f"is {root}, a version whose files nobody here can read", " or ".join(same)
    return Problem(file=look.origin.name, reason=reason, fits=fits)


def _unversioned(root: str) -> str:
    """The name of a root element without the version that it may end in, as in NessusClientData_v2."""
    return re.sub(r"[_.-]?v?\d[\d.]*$", "", root.casefold())


def _facts(look: Look, connectors: Sequence[Connector]) -> Recognised:
    """A YAML file whose first word names the connector that reads it."""
    named = [connector for connector in connectors if connector.name == look.homeroom]
    match = match_of(look.names, form=YAML, connectors=named)
    if isinstance(match, Miss):
        words = ", ".join(sorted({c.name for c in connectors for k in c.kinds if k.form == YAML} | {"mapping"}))
        reason = f"says homeroom: {look.homeroom or 'nothing'}, which nobody reads"
        fits = f"homeroom: followed by one of {words}" if not named else match.fits
        return Recognised(problems=(Problem(file=look.origin.name, reason=reason, field="homeroom", fits=fits),))
    return Recognised(packages=(package_of([(look, match)]),))
