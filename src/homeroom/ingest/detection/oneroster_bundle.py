"""OneRoster bundles: the one place where a file's name counts, since the specification fixes it.

Source: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech), section on the manifest: `propertyName,value` rows, where
`file.<member>` is bulk (all rows), delta (changes) or absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from homeroom.ingest.contract.connector import Connector, CsvKind
from homeroom.ingest.contract.errors import FileRefused, Notes, Problem
from homeroom.ingest.csv_files.reader import CsvDocument
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, match_kind, score_match
from homeroom.ingest.detection.package import DetectionResult, Package, PackageFile
from homeroom.ingest.detection.package_builder import build_package_file, build_problem
from homeroom.ingest.detection.package_recovery import describe_losses
from homeroom.ingest.detection.sniffer import CSV, SniffedFile

MANIFEST = "manifest.csv"
_VERSION_FIELD = "oneroster.version"
_COLUMNS = ("propertyname", "value")
_MODES = {"bulk": "full", "delta": "delta", "absent": "absent"}
_VERSION = re.compile(r"v?1([.p][0-2]([.p]\d+)*)?", re.IGNORECASE)
_ALWAYS = (("users.csv", "orgs.csv"), ("school.csv", "student.csv"), ("school.csv", "teacher.csv"))
"""Members that together make a bundle without a manifest: of OneRoster and of School Data Sync's forms."""
_DOUBTFUL = "the manifest and the files of the bundle disagree"


@dataclass(frozen=True, kw_only=True)
class BundleManifest:
    """Content of manifest.csv: the OneRoster version, and for each member, in lower case, full, delta or absent."""

    version: str
    modes: Mapping[str, str]


def is_manifest(csv: CsvDocument) -> bool:
    """Check whether the header is that of a manifest."""
    return tuple(name.casefold() for name in csv.dialect.names[:2]) == _COLUMNS


def read_bundle_manifest(csv: CsvDocument, *, notes: Notes) -> tuple[BundleManifest, tuple[Problem, ...]]:
    """Read a manifest.

    A mode that the specification does not have is a problem, and that file counts as not listed.
    """
    properties: dict[str, str] = {}
    problems: list[Problem] = []
    modes: dict[str, str] = {}
    for frame in csv.iter_chunks(notes=notes, names=dict(zip(csv.dialect.names, _COLUMNS, strict=False))):
        for name, value, line in frame.select(*_COLUMNS, "_line").iter_rows():
            properties[(name or "").strip().casefold()] = (value or "").strip()
            if not (name or "").strip().casefold().startswith("file."):
                continue
            member = f"{name.strip().casefold().removeprefix('file.')}.csv"
            mode = _MODES.get((value or "").strip().casefold())
            if mode:
                modes[member] = mode
            else:
                problems.append(_build_mode_problem(csv.origin.name, line=line, field=name))
    return BundleManifest(version=properties.get("oneroster.version", ""), modes=modes), tuple(problems)


def find_contradictions(manifest: BundleManifest, *, members: Mapping[str, object], file: str) -> tuple[Problem, ...]:
    """Return a problem for each file on which the manifest and the folder disagree."""
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


def _build_mode_problem(file: str, *, line: int, field: str) -> Problem:
    return Problem(file=file, reason="an unknown mode", line=line, field=field, fits="bulk, delta or absent")


def detect_bundle(
    folder: Sequence[SniffedFile], *, connectors: Sequence[Connector], broken: AbstractSet[str]
) -> tuple[DetectionResult, list[SniffedFile]]:
    """Return the bundle of one folder, if there is one, and the files that do not belong to it.

    `broken` are the names of files that were refused before: a bundle that lacks one of its members is not complete.
    """
    member_names = {name for connector in connectors for name in _list_members(connector)}
    by_name = {file.origin.base_name.casefold(): file for file in folder if file.form == CSV}
    members = {name: file for name, file in by_name.items() if name in member_names}
    manifest = next((file for file in by_name.values() if _is_manifest(file)), None)
    matches = _match_members(members, connectors)
    members = {name: file for name, file in members.items() if name in matches}
    kind_matches = {name: match for name, match in matches.items() if isinstance(match, KindMatch)}
    if manifest is None and not any(all(name in kind_matches for name in pair) for pair in _ALWAYS):
        return DetectionResult(), list(folder)
    modes, problems, is_readable = _read_modes(manifest, members=by_name)
    used_files = [*([manifest] if manifest else []), *members.values()]
    if any(problem.field == _VERSION_FIELD for problem in problems):
        return DetectionResult(problems=tuple(problems)), [file for file in folder if file not in used_files]
    problems += [build_problem(members[name], match) for name, match in matches.items() if isinstance(match, NoMatch)]
    present_members = {name: match for name, match in sorted(kind_matches.items()) if modes.get(name) != "absent"}
    lost_names = [
        *_list_lost_members(folder, (MANIFEST, *sorted(member_names)), broken),
        *(name for name, match in matches.items() if isinstance(match, NoMatch)),
        *(name for name, mode in modes.items() if mode != "absent" and name not in by_name),
    ]
    is_whole = is_readable and not problems and not lost_names
    losses = describe_losses(dict.fromkeys(lost_names), connectors=connectors)
    files = [
        build_package_file(members[name], match, mode=modes.get(name, "full"))
        for name, match in present_members.items()
    ]
    unread = {name for name in by_name if name in modes and name not in members}
    used_files += [by_name[name] for name in unread]
    return (
        DetectionResult(
            packages=(
                _build_bundle_package(
                    files, next(iter(present_members.values())), incomplete="" if is_whole else losses or _DOUBTFUL
                ),
            )
            if present_members
            else (),
            problems=tuple(problems),
            ignored=tuple(by_name[name].origin.name for name in sorted(unread)),
        ),
        [file for file in folder if file not in used_files],
    )


def _match_members(
    members: Mapping[str, SniffedFile], connectors: Sequence[Connector]
) -> dict[str, KindMatch[CsvKind] | NoMatch]:
    """Return the match of each member of one system: the one that reads most of them, of several the one by most names.

    A file that only has the name of another system's member is no member.
    """
    by_connector = {
        connector.name: {
            name: match_kind(file.names, kind_class=CsvKind, connectors=[connector], member=name)
            for name, file in members.items()
            if name in _list_members(connector)
        }
        for connector in connectors
    }

    def rank(matches: Mapping[str, KindMatch[CsvKind] | NoMatch]) -> tuple[int, int, int]:
        fitting = {name: match for name, match in matches.items() if isinstance(match, KindMatch)}
        score = sum(score_match(match, members[name].names) for name, match in fitting.items())
        return len(fitting), score, len(matches)

    return max(by_connector.values(), key=rank, default={})


def _list_members(connector: Connector) -> set[str]:
    return {kind.member.casefold() for kind in connector.kinds if isinstance(kind, CsvKind) and kind.member}


def _is_manifest(file: SniffedFile) -> bool:
    return file.origin.base_name.casefold() == MANIFEST and file.csv is not None and is_manifest(file.csv)


def _read_modes(
    manifest_file: SniffedFile | None, *, members: Mapping[str, SniffedFile]
) -> tuple[Mapping[str, str], list[Problem], bool]:
    """Return the mode of each member, the problems of the manifest, and whether it could be read."""
    if manifest_file is None or manifest_file.csv is None:
        return {}, [], True
    try:
        manifest, problems = read_bundle_manifest(manifest_file.csv, notes=manifest_file.notes)
    except FileRefused as refusal:
        return {}, list(refusal.problems), False
    problems = (*_check_version(manifest.version, file=manifest_file.origin.name), *problems)
    return (
        manifest.modes,
        [*problems, *find_contradictions(manifest, members=members, file=manifest_file.origin.name)],
        True,
    )


def _check_version(version: str, *, file: str) -> tuple[Problem, ...]:
    if not version or _VERSION.fullmatch(version):
        return ()
    reason = "a version whose files nobody here can read"
    return (Problem(file=file, reason=reason, field=_VERSION_FIELD, value=version[:20], fits="1.0, 1.1 or 1.2"),)


def _build_bundle_package(files: Sequence[PackageFile], match: KindMatch[CsvKind], *, incomplete: str) -> Package:
    delta = any(file.mode == "delta" for file in files)
    incomplete = "it holds changes only" if delta else incomplete
    return Package(
        connector=match.connector,
        stream=match.kind.stream,
        mode="delta" if delta else "full",
        complete=not incomplete,
        files=tuple(files),
        incomplete=incomplete,
    )


def _list_lost_members(folder: Sequence[SniffedFile], names: Sequence[str], broken: AbstractSet[str]) -> Sequence[str]:
    """Return the members that were refused; the zip itself if it is damaged."""
    origin = folder[0].origin
    prefix = origin.name.removesuffix(origin.base_name)
    refused_names = {name.casefold() for name in broken}
    damaged_zips = [name for name in sorted(broken) if prefix.startswith(f"{name}/")]
    return damaged_zips + [name for name in names if f"{prefix}{name}".casefold() in refused_names]
