"""How recognised files become packages: one alone, several of one stream, a text and those beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from homeroom.ingest.kinds import Match, Miss
from homeroom.ingest.looking import Look
from homeroom.ingest.packages import Package, PackageFile
from homeroom.ingest.problems import Problem


def file_of(look: Look, match: Match, *, mode: str = "full") -> PackageFile:
    """One recognised file."""
    survey = look.survey
    return PackageFile(
        name=look.origin.name,
        kind=match.kind,
        sha256=survey.sha256,
        size=survey.size,
        mode=mode,
        look=look,
        void=match.void,
    )


def package_of(files: Sequence[tuple[Look, Match]], *, incomplete: str = "") -> Package:
    """A full package of these files, which are all of one stream."""
    match = files[0][1]
    return Package(
        connector=match.connector,
        stream=match.kind.stream,
        mode="full",
        complete=not incomplete,
        files=tuple(file_of(look, found) for look, found in files),
        incomplete=incomplete,
    )


def text_package(look: Look, match: Match, *, beside: Sequence[Look]) -> Package:
    """A text file and those that stand beside it."""
    files = (look, *beside)
    names = {name.casefold(): name for name in match.kind.beside}
    texts = {names.get(one.origin.base.casefold(), one.origin.base): one.text for one in files}
    made = [replace(file_of(one, match), carried=bool(number)) for number, one in enumerate(files)]
    made[0] = replace(made[0], texts=texts)
    kind = match.kind
    return Package(connector=match.connector, stream=kind.stream, mode="full", complete=True, files=tuple(made))


def together(packages: Sequence[Package]) -> list[Package]:
    """The same packages, those of kinds of which a record is a file put together by stream, in the order of their files."""
    made: list[Package] = []
    places: dict[tuple[str, str], int] = {}
    files: dict[tuple[str, str], list[PackageFile]] = {}
    for package in packages:
        stream = (package.connector.name, package.stream)
        if not all(file.kind.together for file in package.files):
            made.append(package)
        elif stream in places:
            files[stream] += package.files
        else:
            places[stream], files[stream] = len(made), list(package.files)
            made.append(package)
    for stream, place in places.items():
        made[place] = replace(made[place], files=tuple(files[stream]))
    return made


def problem_of(look: Look, miss: Miss) -> Problem:
    """A file that no kind fits."""
    return Problem(file=look.origin.name, reason=miss.reason, fits=miss.fits)
