"""Rows of the state database as Arrow, read in batches without the ORM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.db import connection

_BATCH_ROWS = 50_000


def read_arrow(query: str, values: Sequence[Any], *, schema: pa.Schema) -> pa.Table:
    """Return the rows of a query that names its district; its columns are in the order of the schema."""
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(_BATCH_ROWS):
            columns = zip(zip(*rows, strict=True), schema.types, strict=True)
            batches.append(pa.record_batch([pa.array(column, kind) for column, kind in columns], schema=schema))
    return pa.Table.from_batches(batches, schema=schema)
