"""A connector that reads whole objects, XML and texts, and what the door makes of some files with it, for tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.limits import STANDARD, Limits
from homeroom.ingest.packages import PackageFile, Recognised
from homeroom.ingest.problems import Problem, Refused
from homeroom.ingest.recognise import packages


def _kind(id: str, *, form: str, **more: Any) -> Kind:
    return Kind(id=id, title=f"A {id}", form=form, stream=f"forms.{id}", tables=(), reader="none", **more)


FORMS = Connector(
    name="forms",
    title="Forms",
    kinds=(
        _kind(
            "hosts",
            form="json",
            objects=True,
            needs=("hostname", "os.name"),
            envelope="hosts",
            more="meta.has_next_results",
        ),
        _kind("results", form="json", objects=True, needs=("Results", "MetaData.Tool"), drops=("Raw",)),
        _kind("alerts", form="json", objects=True, needs=("rule.level", "agent.name")),
        _kind("users", form="json", needs=("login",), envelope="users"),
        _kind("scan", form="xml", needs=("scanrun",), record="host"),
        _kind("calendar", form="text", marks=("^BEGIN:DAYS",)),
        _kind("bells", form="text", marks=("^BEGIN:DAYS", "^BELLS"), beside=("types.bell", "meta.json")),
    ),
    readers={},
)


def recognised(folder: Path, files: dict[str, str | bytes], *, limits: Limits = STANDARD) -> Recognised:
    """What the door makes of these files in one folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return packages([folder], connectors=[FORMS], limits=limits)


def the_file(found: Recognised) -> PackageFile:
    """The only file of the only package."""
    assert found.problems == ()
    ((file,),) = [package.files for package in found.packages]
    return file


def objects_of(file: PackageFile) -> list[dict[str, Any]]:
    """Every whole object, each with its ordinal under `#`."""
    made: list[dict[str, Any]] = []
    for objects, first in file.objects():
        made += [{"#": first + number, **one} for number, one in enumerate(objects)]
    return made


def records_of(file: PackageFile) -> list[tuple[int | None, dict[str, str]]]:
    """Every record's line and attributes."""
    return [
        (one.sourceline, {str(name): str(value) for name, value in one.attrib.items()})
        for records, _ in file.elements()
        for one in records
    ]


def problem_of(file: PackageFile) -> Problem:
    """Why a file that was recognised cannot be read to its end."""
    try:
        Counter(len(batch) for batch, _ in (file.elements() if file.kind.form == "xml" else file.objects()))
    except Refused as refusal:
        return refusal.problems[0]
    raise AssertionError("was read")
