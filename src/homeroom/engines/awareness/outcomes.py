"""What each person did in a drill, from its judged events."""

from __future__ import annotations

import polars as pl

from homeroom.domain.awareness.drill_events import DrillEventKind, Whose
from homeroom.engines.awareness.touches import PERSON


def build_outcomes(events: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each person who was written to in a drill.

    `missed` is true with an own click or post, null where nobody can tell, else false. Where a tool has first times
    alone, whose first click was a machine's cannot be told: a later one of the person is not in the log.
    """
    people = events.group_by(PERSON, maintain_order=True).agg(
        _has(DrillEventKind.BOUNCED).alias("bounced"),
        pl.coalesce(_first(DrillEventKind.DELIVERED), _first(DrillEventKind.SENT)).alias("delivered_at"),
        _first(DrillEventKind.REPORTED).alias("reported_at"),
    )
    misses = (
        touches.filter(pl.col("event").is_in([DrillEventKind.CLICKED, DrillEventKind.POSTED]))
        .group_by(PERSON)
        .agg(
            pl.lit(value=True).first().alias("raw"),
            (pl.col("whose") == Whose.OWN).any().alias("own"),
            (
                (pl.col("whose") == Whose.CANNOT_TELL)
                | (pl.col("first_only") & (pl.col("event") == DrillEventKind.CLICKED) & (pl.col("whose") != Whose.OWN))
            )
            .any()
            .alias("open"),
        )
    )
    missed = (
        pl.when(pl.col("own")).then(pl.lit(value=True)).when(pl.col("open")).then(None).otherwise(pl.lit(value=False))
    )
    return (
        people.join(misses, on=PERSON, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("raw", "own", "open").fill_null(value=False))
        .with_columns(missed=missed, delivered=~pl.col("bounced"))
        .drop("own", "open")
    )


def _has(kind: DrillEventKind) -> pl.Expr:
    return (pl.col("event") == kind).any()


def _first(kind: DrillEventKind) -> pl.Expr:
    return pl.col("at").filter(pl.col("event") == kind).min()
