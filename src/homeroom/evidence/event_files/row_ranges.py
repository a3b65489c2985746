"""Row ranges: the rows of a log that the manifest of a load names, as ranges of their ordinals."""

from __future__ import annotations

import polars as pl

from homeroom.evidence.event_files.event_loads import Range
from homeroom.evidence.event_files.segment_schema import FIRST_LOAD, ORDINAL


def build_ranges(rows: pl.DataFrame) -> tuple[Range, ...]:
    """Return the identities of rows as ranges."""
    if not rows.height:
        return ()
    ordered = rows.select(FIRST_LOAD, ORDINAL).unique().sort(FIRST_LOAD, ORDINAL)
    gap = (pl.col(ORDINAL) - pl.col(ORDINAL).shift(1) != 1) | (pl.col(FIRST_LOAD) != pl.col(FIRST_LOAD).shift(1))
    runs = ordered.with_columns(gap.fill_null(value=True).cum_sum().alias("_run"))
    ranges = runs.group_by("_run").agg(
        pl.col(FIRST_LOAD).first(), pl.col(ORDINAL).min(), pl.col(ORDINAL).max().alias("_last")
    )
    return tuple(ranges.sort("_run").select(FIRST_LOAD, ORDINAL, "_last").iter_rows())


def is_in_ranges(ranges: tuple[Range, ...]) -> pl.Expr:
    """Return whether a row's identity is in one of the ranges."""
    conditions = [
        (pl.col(FIRST_LOAD) == load) & pl.col(ORDINAL).is_between(first, last) for load, first, last in ranges
    ]
    return pl.any_horizontal(conditions) if conditions else pl.lit(value=False)
