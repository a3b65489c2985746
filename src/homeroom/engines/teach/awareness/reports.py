"""Programs that look at a mail after somebody reported it: the mail program, a preview, the Report button."""

from __future__ import annotations

import polars as pl

from homeroom.domain.teach.awareness.drill_events import DrillEventKind

BUTTON_SECONDS = 5.0
"""A Report button looks at the links up to this long before the report is written."""
LOOK_SECONDS = 60.0
"""A program that looks right after a report does so within this time."""
MIN_PEOPLE = 3
SHARE = 0.8
"""Share of a browser's people whose links it opens after their reports alone."""


def mark_reports(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Return the touches by `n` that follow the person's report: `reported` is sure or open.

    What comes from a place and browser that the person used before the report, or posts, is the person's own.
    """
    reported = touches.filter(pl.col("reported_at").is_not_null())
    after = (reported["at"] - reported["reported_at"]).dt.total_milliseconds() / 1000
    timed = reported.with_columns(after=after)
    earlier = timed.filter(pl.col("after") < -BUTTON_SECONDS).select("visit").unique()
    human = visits.filter(pl.col("is_human")).select("visit")
    looked = (
        timed.filter((pl.col("after") >= -BUTTON_SECONDS) & (pl.col("event") != DrillEventKind.POSTED.value))
        .join(earlier, on="visit", how="anti")
        .join(human, on="visit", how="anti")
    )
    lookers = _list_lookers(touches).with_columns(is_looker=pl.lit(value=True))
    is_sure = (pl.col("after") <= LOOK_SECONDS) | pl.col("is_looker").is_not_null()
    return looked.join(lookers, on="spot", how="left").select(
        "n", reported=pl.when(is_sure).then(pl.lit("sure")).otherwise(pl.lit("open"))
    )


def _list_lookers(touches: pl.DataFrame) -> pl.DataFrame:
    """List the browsers at a place that open links of several people, nearly always after their reports."""
    visits = touches.group_by("visit").agg(
        pl.col("spot", "recipient").first(),
        is_after=(pl.col("at").min() >= pl.col("reported_at").first()).fill_null(value=False),
    )
    groups = visits.group_by("spot").agg(
        pl.col("recipient").n_unique().alias("people"), pl.col("is_after").mean().alias("share")
    )
    is_looker = (pl.col("people") >= MIN_PEOPLE) & (pl.col("share") >= SHARE)
    return groups.filter(is_looker).select("spot")
