"""The records of a log file through the reader of its kind, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import ObjectReader, Reading
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.events.log_files import iter_file_records
from homeroom.ingest.events.records import Broken
from homeroom.ingest.files.byte_source import ByteSource
from homeroom.ingest.rows.field_table import LINE, concat_rejects

_RECORDS_AT_ONCE = 2_000


def iter_log_readings(origin: ByteSource, reader: ObjectReader, *, limits: Limits) -> Iterator[Reading]:
    """Yield what the reader makes of the records of a file, with their numbers in it; one that is broken is a reject.

    At least one reading. Raise FileRefused.
    """
    records: list[Mapping[str, Any]] = []
    numbers: list[int] = []
    broken: list[tuple[int, str]] = []
    is_empty = True
    for _, record in iter_file_records(origin, limits=limits):
        if isinstance(record, Broken):
            broken.append((record.number, record.reason))
        else:
            records.append(record.value)
            numbers.append(record.number)
        if len(records) >= _RECORDS_AT_ONCE or len(broken) >= _RECORDS_AT_ONCE:
            yield _read_records(reader, records, numbers, broken)
            records, numbers, broken, is_empty = [], [], [], False
    if records or broken or is_empty:
        yield _read_records(reader, records, numbers, broken)


def _read_records(
    reader: ObjectReader, records: list[Mapping[str, Any]], numbers: list[int], broken: list[tuple[int, str]]
) -> Reading:
    reading = reader(records, 1)
    lines = pl.Series(LINE, [0, *numbers], dtype=pl.Int64)
    tables = {name: frame.with_columns(lines.gather(frame[LINE]).alias(LINE)) for name, frame in reading.tables.items()}
    rejects = reading.rejects.with_columns(lines.gather(reading.rejects["line"]).alias("line"))
    broken_rejects = pl.DataFrame(
        [
            {"line": number, "field": "record", "value": None, "reason": reason, "row_lost": True}
            for number, reason in broken
        ],
        schema=REJECT_SCHEMA,
    )
    return replace(reading, tables=tables, rejects=concat_rejects([rejects, broken_rejects]))
