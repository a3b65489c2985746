"""Frames of rejected rows and fields, as readers return them."""

from __future__ import annotations

import polars as pl

REJECT_SCHEMA: dict[str, pl.DataType] = {
    "line": pl.Int64(),
    "field": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "row_lost": pl.Boolean(),
}


def build_empty_rejects() -> pl.DataFrame:
    """Return an empty frame of rejects."""
    return pl.DataFrame(schema=REJECT_SCHEMA)
