"""A test connector that reads complete objects, XML and texts, and helpers that detect and read files with it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from homeroom.ingest.contract.connector import KIND_CLASSES, Connector, FileKind, XmlKind
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.detection.package import DetectionResult, PackageFile


def _build_kind(id: str, *, form: str, **more: Any) -> FileKind:
    return KIND_CLASSES[form](id=id, title=f"A {id}", stream=f"forms.{id}", reader="none", **more)


FORMS_CONNECTOR = Connector(
    name="forms",
    title="Forms",
    kinds=(
        _build_kind(
            "hosts",
            form="json",
            objects=True,
            needs=("hostname", "os.name"),
            envelope="hosts",
            more="meta.has_next_results",
        ),
        _build_kind("results", form="json", objects=True, needs=("Results", "MetaData.Tool"), drops=("Raw",)),
        _build_kind(
            "visits", form="json", objects=True, needs=("who", "door"), envelope="visits", adds=("id", "site.name")
        ),
        _build_kind("alerts", form="json", objects=True, needs=("rule.level", "agent.name")),
        _build_kind("users", form="json", needs=("login",), envelope="users"),
        _build_kind("scan", form="xml", needs=("scanrun",), record="host"),
        _build_kind("calendar", form="text", marks=("^BEGIN:DAYS",)),
        _build_kind("bells", form="text", marks=("^BEGIN:DAYS", "^BELLS"), beside=("types.bell", "meta.json")),
    ),
    readers={},
)


def write_and_detect(folder: Path, files: dict[str, str | bytes], *, limits: Limits = STANDARD) -> DetectionResult:
    """Write these files into one folder and return what is detected there."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return detect_packages([folder], connectors=[FORMS_CONNECTOR], limits=limits)


def get_only_file(result: DetectionResult) -> PackageFile:
    """Return the only file of the only package."""
    assert result.problems == ()
    ((file,),) = [package.files for package in result.packages]
    return file


def list_objects(file: PackageFile) -> list[dict[str, Any]]:
    """List all objects, each with its ordinal under `#`."""
    items: list[dict[str, Any]] = []
    for objects, first in file.iter_objects():
        items += [{"#": first + number, **item} for number, item in enumerate(objects)]
    return items


def list_records(file: PackageFile) -> list[tuple[int | None, dict[str, str]]]:
    """List each record's line and attributes."""
    return [
        (record.sourceline, {str(name): str(value) for name, value in record.attrib.items()})
        for records, _ in file.iter_elements()
        for record in records
    ]


def find_read_problem(file: PackageFile) -> Problem:
    """Return the problem that stops a detected file from being read to its end."""
    try:
        Counter(
            len(batch) for batch, _ in (file.iter_elements() if isinstance(file.kind, XmlKind) else file.iter_objects())
        )
    except FileRefused as error:
        return error.problems[0]
    raise AssertionError("was read")
