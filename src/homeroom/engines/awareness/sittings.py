"""Other people who open many people's links in a sitting: the technician who looks into forwarded mail."""

from __future__ import annotations

import polars as pl

from homeroom.domain.awareness.drill_events import DrillEventKind
from homeroom.engines.awareness.touches import PERSON, VISIT

GAP_SECONDS = 900.0
"""A longer pause ends a sitting."""
PACE_SECONDS = 180.0
"""In a sitting, half of the pauses are shorter."""
MIN_PEOPLE = 3
SURE_PEOPLE = 5
LATE_SECONDS = 600.0
"""Sooner after delivery, people of one building click shortly after each other too."""
REPORTED_SHARE = 0.5
"""Where so many of the people had reported the mail before, the sitting is that of who looks into reports."""
CHANCE = 0.01
"""Where others share the place: the chance that so many clicks in a row come from this browser by itself."""
_GROUP = ("file", "place", "browser")


def mark_sittings(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Return the clicks by `n` that are of a sitting, and whether that is sure."""
    machine = visits.filter(pl.col("is_known") | pl.col("serves_many") | pl.col("looked_again")).select(VISIT)
    marks = visits.select(*VISIT, "is_exit", "place_browsers")
    clicks = (
        touches.filter((pl.col("event") == DrillEventKind.CLICKED) & (pl.col("place") >= 0) & (pl.col("browser") >= 0))
        .join(machine, on=VISIT, how="anti", nulls_equal=True)
        .join(marks, on=VISIT, how="left", nulls_equal=True)
    )
    shares = _build_shares(clicks)
    runs = _add_runs(clicks)
    posted = touches.filter(pl.col("event") == DrillEventKind.POSTED).select(_GROUP).unique()
    sittings = (
        runs.group_by(*_GROUP, "run")
        .agg(
            pl.col("n"),
            pl.struct(*PERSON).n_unique().alias("people"),
            pl.col("pause").median().alias("pace"),
            pl.col("is_exit").any(),
            pl.col("delay").median().alias("delay"),
            (pl.col("reported_at") <= pl.col("at")).fill_null(value=False).mean().alias("reported"),
        )
        .join(shares, on=("place", "browser"))
        .join(posted.with_columns(has_posts=pl.lit(value=True)), on=_GROUP, how="left")
        .filter((pl.col("people") >= MIN_PEOPLE) & (pl.col("pace") <= PACE_SECONDS) & pl.col("has_posts").is_null())
    )
    is_rare = pl.col("share") ** pl.col("people") < CHANCE
    is_alone = ~pl.col("is_exit") & (pl.col("total") == pl.col("n").list.len())
    is_late = (pl.col("delay") > LATE_SECONDS).fill_null(value=True)
    was_reported = pl.col("reported") >= REPORTED_SHARE
    is_sure = (is_alone | is_rare) & (was_reported | ((pl.col("people") >= SURE_PEOPLE) & is_late))
    return sittings.filter(is_sure | is_alone).select("n", is_sure=is_sure).explode("n").unique("n")


def _build_shares(clicks: pl.DataFrame) -> pl.DataFrame:
    """Return by place and browser how many clicks it has, and its share of the clicks of the place."""
    counts = clicks.group_by("place", "browser").agg(pl.len().alias("total"))
    return counts.with_columns(share=pl.col("total") / pl.col("total").sum().over("place"))


def _add_runs(clicks: pl.DataFrame) -> pl.DataFrame:
    """Add the numbers of runs: of a browser at a place that no long pause interrupts."""
    ordered = clicks.sort(*_GROUP, "at", "n")
    pause = (pl.col("at").diff().over(_GROUP)).dt.total_milliseconds() / 1000
    return ordered.with_columns(pause=pause).with_columns(
        run=(pl.col("pause") > GAP_SECONDS).fill_null(value=False).cum_sum().over(_GROUP)
    )
