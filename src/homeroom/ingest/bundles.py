"""OneRoster bundles: the one place where a file's name counts, since the specification fixes it.

Source: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech), section on the manifest: `propertyName,value` rows, of which
`file.<member>` says bulk (all rows), delta (changes) or absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from homeroom.ingest.connector import Connector
from homeroom.ingest.csvs import Csv
from homeroom.ingest.kinds import Match, Miss, match_of
from homeroom.ingest.looking import CSV, Look
from homeroom.ingest.packages import Package, PackageFile, Recognised
from homeroom.ingest.packaging import file_of, problem_of
from homeroom.ingest.problems import Notes, Problem, Refused

MANIFEST = "manifest.csv"
_VERSION_FIELD = "oneroster.version"
_COLUMNS = ("propertyname", "value")
_MODES = {"bulk": "full", "delta": "delta", "absent": "absent"}
_VERSION = re.compile(r"v?1([.p][0-2]([.p]\d+)*)?", re.IGNORECASE)
_ALWAYS = ("users.csv", "orgs.csv")  # without a manifest, these two together make a bundle


@dataclass(frozen=True, kw_only=True)
class BundleManifest:
    """What manifest.csv says: the OneRoster version, and for each member, in lower case, full, delta or absent."""

    version: str
    modes: Mapping[str, str]


def is_manifest(csv: Csv) -> bool:
    """Whether the header is that of a manifest."""
    return tuple(name.casefold() for name in csv.dialect.names[:2]) == _COLUMNS


def manifest_of(csv: Csv, *, notes: Notes) -> tuple[BundleManifest, tuple[Problem, ...]]:
    """Read a manifest. A mode that the specification does not have is a problem, and that file counts as unsaid."""
    said: dict[str, str] = {}
    problems: list[Problem] = []
    modes: dict[str, str] = {}
    for frame in csv.chunks(notes=notes, names=dict(zip(csv.dialect.names, _COLUMNS, strict=False))):
        for name, value, line in frame.select(*_COLUMNS, "_line").iter_rows():
            said[(name or "").strip().casefold()] = (value or "").strip()
            if not (name or "").strip().casefold().startswith("file."):
                continue
            member = f"{name.strip().casefold().removeprefix('file.')}.csv"
            mode = _MODES.get((value or "").strip().casefold())
            if mode:
                modes[member] = mode
            else:
                problems.append(_unknown_mode(csv.origin.name, line=line, field=name))
    return BundleManifest(version=said.get("oneroster.version", ""), modes=modes), tuple(problems)


def contradictions(manifest: BundleManifest, *, members: Mapping[str, object], file: str) -> tuple[Problem, ...]:
    """Where the manifest and the files that are there say different things."""
    absent = [
        Problem(file=file, reason="the manifest says absent, but the file is there", field=name, fits="one of the two")
        for name, mode in manifest.modes.items()
        if mode == "absent" and name in members
    ]
    missing = [
        Problem(file=file, reason=f"the manifest says {mode}, but the file is missing", field=name, fits="the file")
        for name, mode in manifest.modes.items()
        if mode != "absent" and name not in members
    ]
    return (*absent, *missing)


def _unknown_mode(file: str, *, line: int, field: str) -> Problem:
    return Problem(file=file, reason="an unknown mode", line=line, field=field, fits="bulk, delta or absent")


def bundle_of(
    folder: Sequence[Look], *, connectors: Sequence[Connector], broken: AbstractSet[str]
) -> tuple[Recognised, list[Look]]:
    """The bundle of one folder, where there is one, and the files that are not of it.

    `broken` are the names of files that were refused before: a bundle that lacks one of its members is not complete.
    """
    known = {kind.member.casefold() for connector in connectors for kind in connector.kinds if kind.member}
    named = {look.origin.base.casefold(): look for look in folder if look.form == CSV}
    members = {name: look for name, look in named.items() if name in known}
    manifest = next((look for look in named.values() if _is_manifest(look)), None)
    matches = _matched(members, connectors)
    sure = {name: match for name, match in matches.items() if isinstance(match, Match)}
    if manifest is None and not all(name in sure for name in _ALWAYS):
        return Recognised(), list(folder)
    modes, problems, read = _said(manifest, members=named)
    taken = [*([manifest] if manifest else []), *members.values()]
    if any(problem.field == _VERSION_FIELD for problem in problems):
        return Recognised(problems=tuple(problems)), [look for look in folder if look not in taken]
    problems += [problem_of(members[name], match) for name, match in matches.items() if isinstance(match, Miss)]
    kept = {name: match for name, match in sorted(sure.items()) if modes.get(name) != "absent"}
    whole = read and not problems and not _lacks_one(folder, known, broken)
    files = [file_of(members[name], match, mode=modes.get(name, "full")) for name, match in kept.items()]
    unread = {name for name in named if name in modes and name not in members}
    taken += [named[name] for name in unread]
    return (
        Recognised(
            packages=(_bundled(files, next(iter(kept.values())), whole=whole),) if kept else (),
            problems=tuple(problems),
            ignored=tuple(named[name].origin.name for name in sorted(unread)),
        ),
        [look for look in folder if look not in taken],
    )


def _matched(members: Mapping[str, Look], connectors: Sequence[Connector]) -> dict[str, Match | Miss]:
    """What each member is. All are of one system: of the one that the people are of, where several have such files."""

    def asked(of: Sequence[Connector]) -> dict[str, Match | Miss]:
        return {name: match_of(look.names, form=CSV, connectors=of, member=name) for name, look in members.items()}

    found = asked(connectors)
    people = next((match for name in _ALWAYS if isinstance(match := found.get(name), Match)), None)
    alike = {match.connector.name if isinstance(match, Match) else "" for match in found.values()}
    return asked([people.connector]) if people is not None and len(alike) > 1 else found


def _is_manifest(look: Look) -> bool:
    return look.origin.base.casefold() == MANIFEST and look.csv is not None and is_manifest(look.csv)


def _said(look: Look | None, *, members: Mapping[str, Look]) -> tuple[Mapping[str, str], list[Problem], bool]:
    """What the manifest says of each member, what is wrong with it, and whether it could be read."""
    if look is None or look.csv is None:
        return {}, [], True
    try:
        manifest, problems = manifest_of(look.csv, notes=look.notes)
    except Refused as refusal:
        return {}, list(refusal.problems), False
    problems = (*_of_another_version(manifest.version, file=look.origin.name), *problems)
    return manifest.modes, [*problems, *contradictions(manifest, members=members, file=look.origin.name)], True


def _of_another_version(version: str, *, file: str) -> tuple[Problem, ...]:
    if not version or _VERSION.fullmatch(version):
        return ()
    reason = "a version whose files nobody here can read"
    return (Problem(file=file, reason=reason, field=_VERSION_FIELD, value=version[:20], fits="1.0, 1.1 or 1.2"),)


def _bundled(files: Sequence[PackageFile], match: Match, *, whole: bool) -> Package:
    delta = any(file.mode == "delta" for file in files)
    incomplete = "it holds changes only" if delta else ("" if whole else "a file of the bundle was refused or missing")
    return Package(
        connector=match.connector,
        stream=match.kind.stream,
        mode="delta" if delta else "full",
        complete=not incomplete,
        files=tuple(files),
        incomplete=incomplete,
    )


def _lacks_one(folder: Sequence[Look], known: AbstractSet[str], broken: AbstractSet[str]) -> bool:
    prefix = folder[0].origin.name.removesuffix(folder[0].origin.base)
    refused = {name.casefold() for name in broken}
    return any(f"{prefix}{name}".casefold() in refused for name in (MANIFEST, *known))
