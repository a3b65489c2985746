"""Recordings read through the real ingest: detected by content, read by the reader of their kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.connector import JsonKind, LogKind, Reading, XmlKind
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.detection.detect import PackageFile, detect_packages
from homeroom.ingest.events.log_reading import iter_log_readings
from homeroom.library.know.connectors import load_connectors

RECORDINGS = Path(__file__).parents[1] / "recordings"
SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"
"""Files from other projects; tests that need them are skipped where they are absent."""


def read_files(path: Path) -> list[tuple[PackageFile, Reading]]:
    """Read each part of the file, or of each file of a zip; fail if any file is refused."""
    detection = detect_packages([path], connectors=load_connectors())
    assert detection.problems == ()
    results: list[tuple[PackageFile, Reading]] = []
    for package in detection.packages:
        for file in package.files:
            reader = package.connector.readers[file.kind.reader]
            if isinstance(file.kind, XmlKind):
                results += [(file, reader(*part)) for part in file.iter_elements()]
            elif isinstance(file.kind, LogKind):
                read_objects = file.kind.get_object_reader(package.connector.readers)
                readings = iter_log_readings(file.sniffed.origin, read_objects, limits=STANDARD)
                results += [(file, reading) for reading in readings]
            elif isinstance(file.kind, JsonKind) and file.kind.objects:
                results += [(file, reader(*part)) for part in file.iter_objects()]
            else:
                results += [(file, reader(part)) for part in file.iter_chunks()]
    return results


def read_recording(name: str) -> tuple[str, Reading]:
    """Return the kind and the reading of one recording, such as openvas/report.xml."""
    ((file, reading),) = read_files(RECORDINGS / name)
    return file.kind.id, reading


def select_columns(reading: Reading, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return the given columns of a table's rows, in order."""
    return [
        tuple(row[name] for name in columns)
        for row in cast_to_table(reading.tables[table], table=TABLES[table]).to_dicts()
    ]
