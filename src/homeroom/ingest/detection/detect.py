"""Detection of packages at some paths: files that are loaded together.

Each file that cannot be loaded is returned with its reason.

Rules that no single file can decide:

- OneRoster: a folder or zip with manifest.csv, or with users.csv and orgs.csv, is one package. It is complete if
  every file is declared bulk (or nothing is declared) and none was refused. A member alone is a package, not complete.
- JSON pages: files of one kind in one folder are pages of one package if at least one of them announces another page,
  or more rows than it has. It is complete if exactly one announces nothing, the last, or if the pages have as many rows
  as they declare; also if none announces more but one has no rows, the page after the last, or if the files are
  numbered and share no row. Otherwise each file is a package of its own.
- Text: a file that is recognized by its marks, and the companions that its kind requires, are one package.
- CSV and XML: each file is a package of its own, complete, the largest first.
- Logs: all files of one stream are one package, whatever folder they are in.
- Files of other lists that accumulate follow each other by name: numbers by their value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapping_
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from homeroom.evidence.files.reading_journal import get_journal
from homeroom.ingest.containers.archives import SourceFiles, find_sources
from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind, NamedKind, TextKind, XmlKind, YamlKind
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal
from homeroom.ingest.contract.faults import FITS, convert_fault
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.detection.file_kinds import UNKNOWN, KindMatch, NoMatch, match_kind, match_root
from homeroom.ingest.detection.json_pages import (
    NaturalSortKey,
    build_json_packages,
    build_natural_sort_key,
    check_version,
)
from homeroom.ingest.detection.log_files import LOG, build_log_packages, has_other_rows, sniff_log
from homeroom.ingest.detection.oneroster_bundle import detect_bundle
from homeroom.ingest.detection.package import DetectionResult as DetectionResult
from homeroom.ingest.detection.package import FileLocation as FileLocation
from homeroom.ingest.detection.package import MappingFile as MappingFile
from homeroom.ingest.detection.package import Package as Package
from homeroom.ingest.detection.package import PackageFile as PackageFile
from homeroom.ingest.detection.package_builder import build_package, build_problem, build_text_package, merge_by_stream
from homeroom.ingest.detection.page_splitter import split_pages
from homeroom.ingest.detection.sniffer import (
    CSV,
    JSON,
    TEXT,
    XML,
    YAML,
    YAML_HEAD,
    SniffedFile,
    build_schema_cache,
    read_companion,
    sniff_file,
)
from homeroom.ingest.files.byte_source import ByteSource, iter_blocks

_ALIKE = 0.75
"""How alike two root elements of XML are, at least, for one to be named where the other is not known."""
MAPPING = "mapping"
"""The word after the top key `homeroom` of a mapping file."""
BYTES_PER_CHARACTER = 4
"""The most that an encoding takes for a character of ASCII."""
_AT_ONCE = 2
"""Files that are sniffed together.

One is read, hashed or parsed by Arrow while another keeps the interpreter busy.
"""


def detect_packages(
    paths: Iterable[Path],
    *,
    connectors: Sequence[Connector],
    limits: Limits = STANDARD,
    locations: Mapping_[str, FileLocation] | None = None,
) -> DetectionResult:
    """Recognize every file at the paths (files, zips, folders) by its content.

    A bad file never raises an exception. `locations` has the location of each mapping file by the kind's id: of several
    that fit a list equally, the nearest reads it.
    """
    sources = _find_all_sources(paths, limits)
    sniffed, refusals, texts = _sniff_all(sources.origins, connectors, limits)
    logs, files = [file for file in sniffed if file.form == LOG], [file for file in sniffed if file.form != LOG]
    ignored = [*sources.ignored, *(file.origin.name for file in files if file.homeroom == "truth")]
    rest = [file for file in files if file.homeroom != "truth"]
    results = [DetectionResult(problems=(*sources.problems, *refusals), ignored=tuple(ignored))]
    results.append(DetectionResult(packages=(*texts, *build_log_packages(logs))))
    broken = {problem.file for problem in (*sources.problems, *refusals)}
    for folder_files in _group_by_folder(rest):
        bundle, remaining_files = detect_bundle(folder_files, connectors=connectors, broken=broken)
        results.append(bundle)
        results.append(
            build_json_packages([file for file in remaining_files if file.form == JSON], connectors=connectors)
        )
        results += [
            _build_csv_package(file, _select_nearest(file, connectors, locations))
            if file.form == CSV
            else _build_xml_package(file, connectors)
            for file in remaining_files
            if file.form in (CSV, XML)
        ]
        results += [
            _build_yaml_package(file, connectors)
            for file in remaining_files
            if file.form == YAML and file.homeroom != MAPPING
        ]
    return _add_companion_hints(_merge_results(results), connectors)


def find_mappings(
    paths: Iterable[Path], *, connectors: Sequence[Connector], limits: Limits = STANDARD
) -> tuple[MappingFile, ...]:
    """Return the mapping files at the paths, not yet parsed.

    Only files that may be one are read beyond their first bytes. One that cannot be read is left to `detect_packages`,
    which returns the problem.
    """
    candidates = [origin for origin in _find_all_sources(paths, limits).origins if _may_be_mapping(origin)]
    files, _, _ = _sniff_all(candidates, connectors, limits)
    return tuple(
        MappingFile(name=file.origin.name, text=file.text, place=_get_location(file))
        for file in files
        if file.form == YAML and file.homeroom == MAPPING
    )


def _may_be_mapping(origin: ByteSource) -> bool:
    """Check whether the first bytes, in any encoding, hold the key with which a mapping file begins."""
    try:
        head = next(iter_blocks(origin, size=YAML_HEAD * BYTES_PER_CHARACTER), b"")
    except FileRefused:
        return False
    return b"homeroom" in head.replace(b"\0", b"")


def _add_companion_hints(result: DetectionResult, connectors: Sequence[Connector]) -> DetectionResult:
    """Return the result with a hint for each unrecognized file that has the name of another file's companion."""
    companions = _list_companions(connectors)

    def add_hint(problem: Problem) -> Problem:
        kind = companions.get(problem.file.rpartition("/")[2].casefold())
        if kind is None or not problem.reason.startswith(UNKNOWN):
            return problem
        return replace(problem, fits=f"one folder with it and {kind.title[:1].lower()}{kind.title[1:]}")

    return replace(result, problems=tuple(add_hint(problem) for problem in result.problems))


def _list_companions(connectors: Sequence[Connector]) -> dict[str, TextKind]:
    """Return the kinds that require a companion of that name, by the name in lower case."""
    text_kinds = [kind for connector in connectors for kind in connector.kinds if isinstance(kind, TextKind)]
    return {name.casefold(): kind for kind in text_kinds for name in kind.beside}


def _find_all_sources(paths: Iterable[Path], limits: Limits) -> SourceFiles:
    contents = [find_sources(path, limits=limits) for path in paths]
    origins = {
        (origin.folder, origin.base_name): origin for source_files in contents for origin in source_files.origins
    }
    return SourceFiles(
        origins=tuple(origins.values()),
        problems=tuple(problem for source_files in contents for problem in source_files.problems),
        ignored=tuple(name for source_files in contents for name in source_files.ignored),
    )


def _sniff_all(
    origins: Sequence[ByteSource], connectors: Sequence[Connector], limits: Limits
) -> tuple[list[SniffedFile], list[Problem], tuple[Package, ...]]:
    """Return the sniffed files, the problems of refused ones, and the packages of texts, whose files are in neither."""
    companions = _list_companions(connectors)
    unclaimed = {
        (origin.folder, origin.base_name.casefold()): origin
        for origin in origins
        if origin.base_name.casefold() in companions
    }
    files: list[SniffedFile] = []
    problems: list[Problem] = []
    packages: list[Package] = []
    schema_cache, journal = build_schema_cache(connectors, limits=limits), get_journal()

    def sniff(origin: ByteSource) -> Sequence[SniffedFile | FileRefused]:
        identity = (f"look {origin.name}", origin.size)
        if verdict := journal.take_verdict(*identity):
            return [build_refusal(origin.name, verdict, fits=FITS)]
        try:
            with journal.watch(identity):
                log = sniff_log(origin, connectors=connectors, limits=limits)
                if log is not None and not has_other_rows(origin):
                    journal.clear(*identity)
                    return [log]
                file = sniff_file(origin, limits=limits, connectors=connectors, schema_cache=schema_cache)
                pages = split_pages(file, connectors=connectors, limits=limits, schema_cache=schema_cache)
            journal.clear(*identity)
        except FileRefused as refusal:
            return [refusal]
        except Exception as error:  # noqa: BLE001  (whatever it is, it costs this file alone)
            return [convert_fault(error, file=origin.name)]
        return [log, *pages] if log is not None else pages

    def add(file: SniffedFile | FileRefused) -> None:
        try:
            if isinstance(file, FileRefused):
                raise file
            if file.form == TEXT:
                packages.append(_build_text_package(file, _claim_companions(file, unclaimed), limits))
            else:
                files.append(file)
        except FileRefused as refusal:
            problems.extend(refusal.problems)

    with ThreadPoolExecutor(max_workers=1 if journal.has_suspects() else _AT_ONCE) as workers:
        for sniffed in workers.map(
            sniff, [candidate for candidate in origins if candidate.base_name.casefold() not in companions]
        ):
            for file in sniffed:
                add(file)
    for origin in tuple(unclaimed.values()):  # those that stand beside nothing
        for file in sniff(origin):
            add(file)
    return files, problems, tuple(packages)


def _claim_companions(file: SniffedFile, unclaimed: dict[tuple[str, str], ByteSource]) -> dict[str, ByteSource | None]:
    """Return the companions that a text requires, by name, and remove them from those not claimed yet."""
    kind = file.match.kind if isinstance(file.match, KindMatch) else None
    return {name: unclaimed.pop((file.origin.folder, name.casefold()), None) for name in (kind.beside if kind else ())}


def _build_text_package(file: SniffedFile, companions: Mapping_[str, ByteSource | None], limits: Limits) -> Package:
    """Build the package of a text and its companions.

    Raise FileRefused if one is missing or cannot be read.
    """
    if not isinstance(file.match, KindMatch):
        reason = file.match.reason if file.match else "is not a recognized kind of text"
        raise build_refusal(file.origin.name, reason, fits=file.match.fits if file.match else "")
    present = [origin for origin in companions.values() if origin is not None]
    if len(present) < len(companions):
        missing = ", ".join(name for name, origin in companions.items() if origin is None)
        fits = f"one folder with {', '.join((file.origin.base_name, *companions))}"
        raise build_refusal(file.origin.name, f"{missing} is not in its folder", field=missing, fits=fits)
    return build_text_package(
        file, file.match, companions=[read_companion(origin, limits=limits) for origin in present]
    )


def _group_by_folder(files: Sequence[SniffedFile]) -> list[list[SniffedFile]]:
    folders: dict[str, list[SniffedFile]] = defaultdict(list)
    for file in files:
        folders[file.origin.folder].append(file)
    return list(folders.values())


def _merge_results(results: Sequence[DetectionResult]) -> DetectionResult:
    packages = merge_by_stream([package for result in results for package in result.packages])
    return DetectionResult(
        packages=tuple(sorted(packages, key=_sort_key)),
        problems=tuple(problem for result in results for problem in result.problems),
        ignored=tuple(name for result in results for name in result.ignored),
    )


def _sort_key(package: Package) -> tuple[str, str, int, NaturalSortKey]:
    size = 0 if package.accumulates else sum(file.size for file in package.files)
    return package.connector.name, package.stream, -size, build_natural_sort_key(package.files[0].name)


def _build_csv_package(file: SniffedFile, connectors: Sequence[Connector]) -> DetectionResult:
    match = match_kind(file.names, kind_class=CsvKind, connectors=connectors)
    if isinstance(match, NoMatch):  # members of one form may have one header
        by_name = match_kind(file.names, kind_class=CsvKind, connectors=connectors, member=file.origin.base_name)
        match = by_name if isinstance(by_name, KindMatch) else match
    if isinstance(match, NoMatch):
        return DetectionResult(problems=(build_problem(file, match),))
    incomplete = "one file of a bundle, without the others" if match.kind.member else ""
    return DetectionResult(packages=(build_package([(file, match)], incomplete=incomplete),))


def _build_xml_package(file: SniffedFile, connectors: Sequence[Connector]) -> DetectionResult:
    match = match_root(file.names[0], connectors=connectors)
    if match is None:
        return DetectionResult(problems=(_build_xml_problem(file, connectors),))
    if version_problem := check_version(file, match.kind):
        return DetectionResult(problems=(version_problem,))
    return DetectionResult(packages=(build_package([(file, match)]),))


def _get_location(file: SniffedFile) -> FileLocation:
    return file.origin.folder, file.origin.base_name.partition(".")[0].casefold()


def _select_nearest(
    file: SniffedFile, connectors: Sequence[Connector], locations: Mapping_[str, FileLocation] | None
) -> Sequence[Connector]:
    """Return the connectors without farther mapping files for the same headings.

    The nearest one is in the same folder and has the same name.
    """
    if not locations:
        return connectors
    folder, stem = _get_location(file)

    def build_distance_key(kind: FileKind) -> tuple[bool, bool]:
        return locations[kind.id][0] != folder, locations[kind.id][1] != stem

    mapped = [
        kind
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, NamedKind) and kind.id in locations
    ]
    farther = {
        kind.id
        for kind in mapped
        if any(
            set(kind.needs) == set(rival.needs) and build_distance_key(rival) < build_distance_key(kind)
            for rival in mapped
        )
    }
    return [connector for connector in connectors if not any(kind.id in farther for kind in connector.kinds)]


def _build_xml_problem(file: SniffedFile, connectors: Sequence[Connector]) -> Problem:
    root = file.names[0]
    kinds = [kind for connector in connectors for kind in connector.kinds if isinstance(kind, XmlKind)]
    roots = {name.casefold(): name for kind in kinds for name in kind.needs}
    near = get_close_matches(root.casefold(), roots, cutoff=_ALIKE)
    names = " or ".join(roots[name] for name in near)
    fits = f"XML with the root element {names}" if near else "an export that a connector reads, as CSV, JSON or XML"
    if root.casefold() == "html":
        fits = "the export itself, downloaded while signed in"
    reason = f"is an XML document with the root element {root}, which nobody reads"
    if versions := [name for name in roots.values() if _remove_version(name) == _remove_version(root)]:
        reason, fits = f"is {root}, a version whose files nobody here can read", " or ".join(versions)
    return Problem(file=file.origin.name, reason=reason, fits=fits)


def _remove_version(root: str) -> str:
    """Return the name of a root element without the version that it may end in, as in NessusClientData_v2."""
    return re.sub(r"[_.-]?v?\d[\d.]*$", "", root.casefold())


def _list_kinds_of_word(connector: Connector, word: str) -> tuple[FileKind, ...]:
    """Return the kinds of YAML whose files say `homeroom:` and that word."""
    return tuple(
        kind for kind in connector.kinds if isinstance(kind, YamlKind) and (kind.word or connector.name) == word
    )


def _build_yaml_package(file: SniffedFile, connectors: Sequence[Connector]) -> DetectionResult:
    """Build the package of a YAML file whose first word names the connector that reads it, or one of its kinds."""
    named = [
        replace(connector, kinds=kinds)
        for connector in connectors
        if (kinds := _list_kinds_of_word(connector, file.homeroom))
    ]
    match = match_kind(file.names, kind_class=YamlKind, connectors=named)
    if isinstance(match, NoMatch):
        names = {kind.word or c.name for c in connectors for kind in c.kinds if isinstance(kind, YamlKind)}
        words = ", ".join(sorted(names | {"mapping"}))
        reason = f"says homeroom: {file.homeroom or 'nothing'}, which nobody reads"
        fits = f"homeroom: followed by one of {words}" if not named else match.fits
        return DetectionResult(problems=(Problem(file=file.origin.name, reason=reason, field="homeroom", fits=fits),))
    return DetectionResult(packages=(build_package([(file, match)]),))
