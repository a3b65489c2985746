"""Recordings through the real door: recognised by content, read by the reader of their kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homeroom.evidence.schema import fitted
from homeroom.evidence.tables import TABLES
from homeroom.ingest.connector import Reading
from homeroom.ingest.recognise import PackageFile, packages
from homeroom.library.connectors import connectors

RECORDINGS = Path(__file__).parents[1] / "recordings"
GIVEN = Path(__file__).parents[3] / "shared" / "data"
"""Files that others made; where they are absent the tests that need them are skipped."""


def readings(path: Path) -> list[tuple[PackageFile, Reading]]:
    """What the reader makes of each part of the file, or of each file of a zip. Nothing may be refused."""
    found = packages([path], connectors=connectors())
    assert found.problems == ()
    made: list[tuple[PackageFile, Reading]] = []
    for package in found.packages:
        for file in package.files:
            known = package.connector
            if file.kind.form == "xml":
                made += [(file, known.element_readers[file.kind.reader](*part)) for part in file.elements()]
            elif file.kind.objects:
                made += [(file, known.object_readers[file.kind.reader](*part)) for part in file.objects()]
            else:
                made += [(file, known.readers[file.kind.reader](part)) for part in file.chunks()]
    return made


def recording(name: str) -> tuple[str, Reading]:
    """The kind and the reading of one recording, such as openvas/report.xml."""
    ((file, reading),) = readings(RECORDINGS / name)
    return file.kind.id, reading


def picked(reading: Reading, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of a table's rows, in order."""
    return [
        tuple(row[name] for name in columns) for row in fitted(reading.tables[table], table=TABLES[table]).to_dicts()
    ]
