"""Building of packages from recognized files: one alone, several of one stream, a text and its companions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from homeroom.ingest.contract.connector import FileKind, TextKind
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch
from homeroom.ingest.detection.package import Package, PackageFile
from homeroom.ingest.detection.sniffer import SniffedFile


def build_package_file(file: SniffedFile, match: KindMatch[FileKind], *, mode: str = "full") -> PackageFile:
    """Build the package file of one recognized file."""
    survey = file.survey
    return PackageFile(
        name=file.origin.name,
        kind=match.kind,
        sha256=survey.sha256,
        size=survey.size,
        mode=mode,
        sniffed=file,
        is_empty=match.is_empty,
    )


def build_package(files: Sequence[tuple[SniffedFile, KindMatch[FileKind]]], *, incomplete: str = "") -> Package:
    """Build a full package of these files, which are all of one stream; a damaged file makes it incomplete."""
    match = files[0][1]
    incomplete = next((file.incomplete for file, _ in files if file.incomplete), incomplete)
    return Package(
        connector=match.connector,
        stream=match.kind.stream,
        mode="full",
        complete=not incomplete,
        files=tuple(build_package_file(file, file_match) for file, file_match in files),
        incomplete=incomplete,
    )


def build_text_package(file: SniffedFile, match: KindMatch[TextKind], *, companions: Sequence[SniffedFile]) -> Package:
    """Build the package of a text file and its companions."""
    files = (file, *companions)
    names = {name.casefold(): name for name in match.kind.beside}
    texts = {names.get(member.origin.base_name.casefold(), member.origin.base_name): member.text for member in files}
    package_files = [
        replace(build_package_file(member, match), is_companion=bool(number)) for number, member in enumerate(files)
    ]
    package_files[0] = replace(package_files[0], texts=texts)
    kind = match.kind
    return Package(
        connector=match.connector, stream=kind.stream, mode="full", complete=True, files=tuple(package_files)
    )


def merge_by_stream(packages: Sequence[Package]) -> list[Package]:
    """Merge packages by stream if each of their files is one record.

    Other packages stay the same, in the same order.
    """
    merged: list[Package] = []
    positions: dict[tuple[str, str], int] = {}
    files: dict[tuple[str, str], list[PackageFile]] = {}
    for package in packages:
        stream = (package.connector.name, package.stream)
        if not all(file.kind.together for file in package.files):
            merged.append(package)
        elif stream in positions:
            files[stream] += package.files
        else:
            positions[stream], files[stream] = len(merged), list(package.files)
            merged.append(package)
    for stream, position in positions.items():
        merged[position] = replace(merged[position], files=tuple(files[stream]))
    return merged


def build_problem(file: SniffedFile, miss: NoMatch) -> Problem:
    """Build the problem of a file that matches no kind."""
    return Problem(file=file.origin.name, reason=miss.reason, fits=miss.fits)
