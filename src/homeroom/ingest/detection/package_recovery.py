"""Recovery of a package with a file that was refused: XML is repaired, and a bundle loads without the member.

What the loss of a member costs is part of the reason why the bundle is not complete.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from homeroom.ingest.contract.connector import Connector, CsvKind, XmlKind
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.detection.package import Package, PackageFile
from homeroom.ingest.xml_files.cut_reports import UnrepairableXml
from homeroom.ingest.xml_files.repair import repair_xml

_COSTS = {
    "academic_sessions": "no terms: classes have no days",
    "classes": "no classes: enrollments lead nowhere",
    "courses": "no courses: classes have no subject",
    "enrollments": "no enrollments: classes are empty",
    "guardian_links": "no guardians: students have no contact",
    "orgs": "no schools: people and classes belong to none",
    "person_records": "no people: enrollments lead to nobody",
    "role_records": "no roles: what people are is unknown",
}
"""What a bundle lacks without the rows of a table."""


def describe_losses(names: Iterable[str], *, connectors: Iterable[Connector]) -> str:
    """Return why a bundle without these members is not complete, and what each costs."""
    kinds = [kind for connector in connectors for kind in connector.kinds if isinstance(kind, CsvKind)]
    sentences = []
    for name in names:
        tables = {table for kind in kinds if kind.member.casefold() == name.casefold() for table in kind.tables}
        sentences.append(_describe_loss(name, tables))
    return "; ".join(sentences)


def recover_package(package: Package, error: FileRefused) -> tuple[Package, tuple[Problem, ...]]:
    """Return the package with the refused file repaired, or without it, and the problems that remain.

    Raise the error again if it can neither be repaired nor left out.
    """
    refused_names = {problem.file for problem in error.problems}
    refused = [file for file in package.files if file.name in refused_names]
    if len(refused) == 1 and refused[0].sniffed.xml is not None:
        return _repair_file(package, refused[0], error), ()
    return _remove_members(package, refused, error), error.problems


def _repair_file(package: Package, file: PackageFile, error: FileRefused) -> Package:
    """Return the package with an XML file repaired. Raise the error again if it is not repairable."""
    kind, xml = file.kind, file.sniffed.xml
    if xml is None or not isinstance(kind, XmlKind):
        raise error
    try:
        repaired = repair_xml(xml, record=kind.record, notes=file.sniffed.notes)
    except UnrepairableXml:
        raise error from None
    sound = replace(file, sniffed=replace(file.sniffed, xml=repaired.document))
    files = tuple(sound if other is file else other for other in package.files)
    incomplete = repaired.incomplete or package.incomplete
    return replace(package, files=files, complete=not incomplete, incomplete=incomplete)


def _remove_members(package: Package, lost_files: Sequence[PackageFile], error: FileRefused) -> Package:
    """Return the bundle without these members, which makes it incomplete.

    Raise the error again if the package is no bundle, or no other member remains.
    """
    remaining = tuple(file for file in package.files if file not in lost_files)
    if (
        not lost_files
        or not remaining
        or not all(isinstance(file.kind, CsvKind) and file.kind.member for file in lost_files)
    ):
        raise error
    sentences = [_describe_loss(file.sniffed.origin.base_name, file.kind.tables) for file in lost_files]
    reasons = "; ".join(filter(None, (package.incomplete, *sentences)))
    return replace(package, files=remaining, complete=False, incomplete=reasons)


def _describe_loss(name: str, tables: Collection[str]) -> str:
    costs = [_COSTS[table] for table in sorted(tables) if table in _COSTS]
    return f"{name} was refused or is missing{f' ({", ".join(costs)})' if costs else ''}"
