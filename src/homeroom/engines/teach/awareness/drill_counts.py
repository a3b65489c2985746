"""The counts of each drill from the outcomes of its people; they stay when outcomes, events and people are gone."""

from __future__ import annotations

import polars as pl

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables.awareness import DRILLS

COUNTS = ("people", "delivered", "raw", "own", "cannot_tell", "reported")
MINUTES = ("first_minutes", "median_minutes")
_REMOVED = ("removed_events", "removed_by_rule")


def build_drills(
    facts: pl.DataFrame,
    results: pl.DataFrame,
    *,
    before: pl.DataFrame,
    results_before: pl.DataFrame,
    closed: pl.Series,
) -> pl.DataFrame:
    """Return the rows of `drills` by key.

    `facts` (FACT_FRAME) are of the drills with events, `results` are rows of `drill_results`. `before` and
    `results_before` are those of the last time, without the outcomes of people who were erased since: a drill had more
    people than outcomes then where some of them were erased, and they count on. Drills of the keys `closed` stay as
    they were.
    """
    current = facts.filter(~pl.col("key").is_in(closed.implode()))
    counted = current.join(_count(results), on="key", how="left").with_columns(pl.col(COUNTS).fill_null(0))
    erased = _subtract(before, _count(results_before)).select(
        "key", *(pl.col(name).alias(f"{name}_more") for name in COUNTS)
    )
    added = counted.join(erased, on="key", how="left").with_columns(
        pl.col(name) + pl.col(f"{name}_more").fill_null(0) for name in COUNTS
    )
    stored = before.filter(pl.col("key").is_in(closed.implode()))
    rows = [cast_to_table(frame, table=DRILLS) for frame in (stored, _keep_figures(added, before).select(DRILLS.names))]
    return pl.concat(rows).sort("key")


def _count(results: pl.DataFrame) -> pl.DataFrame:
    """Return the counts and minutes of each drill from the outcomes of its people."""
    is_delivered = pl.col("delivered").fill_null(value=False)
    minutes = (pl.col("reported_at") - pl.col("delivered_at")).dt.total_seconds() / 60
    timed = pl.when(is_delivered & (minutes >= 0)).then(minutes)
    return results.group_by(key="drill").agg(
        pl.len().cast(pl.Int64).alias("people"),
        is_delivered.sum().cast(pl.Int64).alias("delivered"),
        (is_delivered & pl.col("clicked")).sum().cast(pl.Int64).alias("raw"),
        (is_delivered & pl.col("missed")).sum().cast(pl.Int64).alias("own"),
        (is_delivered & pl.col("missed").is_null()).sum().cast(pl.Int64).alias("cannot_tell"),
        (is_delivered & pl.col("reported_at").is_not_null()).sum().cast(pl.Int64).alias("reported"),
        first_minutes=timed.min().round().cast(pl.Int64),
        median_minutes=timed.median().round().cast(pl.Int64),
    )


def _subtract(before: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    joined = before.select("key", *COUNTS).join(counts, on="key", how="left", suffix="_now")
    return joined.select("key", *(pl.col(name) - pl.col(f"{name}_now").fill_null(0) for name in COUNTS))


def _keep_figures(drills: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return drills with the minutes and removed events of before where people were erased, and no count changed."""
    names = (*COUNTS, *MINUTES, *_REMOVED)
    joined = drills.join(before.select("key", *names), on="key", how="left", suffix="_before")
    is_same = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_before") for name in COUNTS)
    is_kept = (is_same & (pl.col("people_more") > 0)).fill_null(value=False)
    return joined.with_columns(
        pl.when(is_kept).then(f"{name}_before").otherwise(name).alias(name) for name in (*MINUTES, *_REMOVED)
    )
