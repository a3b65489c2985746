"""What each person did in a drill, from its judged events."""

from __future__ import annotations

import polars as pl

from homeroom.domain.teach.awareness.drill_events import DrillEventKind, EventOrigin


def build_outcomes(events: pl.DataFrame, recipients: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each recipient, in the order of the sendings.

    `missed` is true with an own click or post, null where it is unknown, else false. Where a tool has first times
    alone, it is unknown of people whose first click was a machine's: a later one of theirs is not in the log.
    """
    people = _select_first_events(events)
    mails = recipients.select("sending", "delivered_at", "reported_at", "bounced")[people["recipient"] - 1]
    missed = (
        pl.when(pl.col("own")).then(pl.lit(value=True)).when(pl.col("open")).then(None).otherwise(pl.lit(value=False))
    )
    return (
        people.hstack(mails)
        .join(_build_misses(touches), on="recipient", how="left", maintain_order="left")
        .with_columns(pl.col("raw", "own", "open").fill_null(value=False))
        .with_columns(missed=missed, delivered=~pl.col("bounced"))
        .select(
            *("file", "drill", "person", "sending", "recipient"),
            *("delivered_at", "reported_at", "raw", "missed", "delivered"),
        )
    )


def _select_first_events(events: pl.DataFrame) -> pl.DataFrame:
    """Return the first event of each recipient, in their order."""
    places = events.select("recipient", place=pl.int_range(pl.len())).group_by("recipient").agg(pl.col("place").min())
    return events.select("recipient", "file", "drill", "person")[places["place"].sort()]


def _build_misses(touches: pl.DataFrame) -> pl.DataFrame:
    """Return by recipient with a click or post whether any is the recipient's own, and whether that is open."""
    is_hidden = pl.col("first_only") & pl.col("is_click") & (pl.col("whose") != EventOrigin.OWN.value)
    missing = touches.filter(pl.col("event") != DrillEventKind.OPENED.value)
    return missing.group_by("recipient").agg(
        raw=pl.lit(value=True),
        own=(pl.col("whose") == EventOrigin.OWN.value).any(),
        open=((pl.col("whose") == EventOrigin.CANNOT_TELL.value) | is_hidden).any(),
    )
