"""Tables of events as views of a session: a dataset of files by day, opened when a query needs their day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from homeroom.evidence.event_files.catalog import UNDATED, Catalog
from homeroom.evidence.files.blobs import get_blob_path
from homeroom.evidence.tables import TABLES

if TYPE_CHECKING:
    import duckdb


def register_events(connection: duckdb.DuckDBPyConnection, name: str, *, folder: Path, catalog: Catalog) -> None:
    """Create the view of a table of events in a session.

    DuckDB hands the conditions of a query on to the dataset, which knows the times of each file without opening it.
    """
    import pyarrow.dataset as ds  # imported here, since most sessions have no events
    from pyarrow.fs import LocalFileSystem

    from homeroom.evidence.event_files.segment_schema import build_segment_schema

    schema = build_segment_schema(TABLES[name])
    form, files = ds.ParquetFileFormat(), LocalFileSystem()
    fragments = [
        form.make_fragment(str(get_blob_path(folder, segment.blob)), files, partition_expression=_build_bounds(day))
        for day in catalog.list_days(name)
        for segment in catalog.list_segments(name, day)
    ]
    dataset = ds.FileSystemDataset(fragments, schema, form, filesystem=files)
    connection.register(f"_{name}", dataset)
    columns = ", ".join(f'"{column}"' for column in TABLES[name].names)
    connection.execute(
        f"CREATE VIEW {name} AS SELECT source AS connector, instance, "
        f"'e' || lpad(CAST(load_number AS VARCHAR), 8, '0') AS load_id, seen_at, {columns} FROM _{name}"
    )


def _build_bounds(day: str) -> Any:
    """Return what is true of all rows of a day's files."""
    import pyarrow.compute as pc

    if day == UNDATED:
        return pc.field("at").is_null()
    first = datetime.fromisoformat(day).replace(tzinfo=UTC)
    kind = pa.timestamp("us", tz="UTC")
    at = pc.field("at")
    return (at >= pa.scalar(first, kind)) & (at < pa.scalar(first + timedelta(days=1), kind))
