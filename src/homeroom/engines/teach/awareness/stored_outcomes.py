"""What each address did in the drills of stored events, and the facts of each drill that its people do not have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from homeroom.domain.teach.awareness.drill_events import EventOrigin, JudgingRule
from homeroom.domain.teach.awareness.machines import KnownMachines
from homeroom.engines.teach.awareness.judging import judge_touches, list_rules
from homeroom.engines.teach.awareness.outcomes import build_outcomes
from homeroom.engines.teach.awareness.rates import count_removed
from homeroom.engines.teach.awareness.touches import add_recipients, build_recipients, split_strangers
from homeroom.evidence.drill_frames import DRILL_FRAME, compute_drill_ends

TEXTS = pl.List(pl.String)
MOMENT = pl.Datetime("us", "UTC")
OUTCOME_FRAME = pl.Schema(
    {
        "drill": pl.String(),
        "drill_name": pl.String(),
        "lure": pl.String(),
        "connector": pl.String(),
        "sent_on": pl.Date(),
        "ended_on": pl.Date(),
        "old_key": pl.String(),
        "email": pl.String(),
        "person": pl.Int64(),
        "delivered": pl.Boolean(),
        "missed": pl.Boolean(),
        "clicked": pl.Boolean(),
        "delivered_at": MOMENT,
        "reported_at": MOMENT,
        "rules": TEXTS,
    }
)
"""A row for each address in a drill; a stored outcome has its key and person instead of the address."""
FACT_FRAME = pl.Schema(
    {
        "key": pl.String(),
        "drill": pl.String(),
        "name": pl.String(),
        "lure": pl.String(),
        "connector": pl.String(),
        "instance": pl.String(),
        "sent_on": pl.Date(),
        "ended_on": pl.Date(),
        "removed_events": pl.Int64(),
        "removed_by_rule": TEXTS,
    }
)
"""A row for each drill."""


@dataclass(frozen=True, kw_only=True)
class StoredOutcomes:
    """Outcomes by address (OUTCOME_FRAME) and the facts of their drills (FACT_FRAME)."""

    outcomes: pl.DataFrame
    drills: pl.DataFrame


def judge_stored_events(events: pl.DataFrame, machines: KnownMachines, *, zone: ZoneInfo) -> StoredOutcomes:
    """Judge events with the columns of `drill_events`, their connector and instance; days are those of the zone.

    Events of people who were not written to, in drills that list who was, count nowhere.
    """
    if events.is_empty():
        return StoredOutcomes(outcomes=pl.DataFrame(schema=OUTCOME_FRAME), drills=pl.DataFrame(schema=FACT_FRAME))
    numbered = add_recipients(_build_frame(events))
    recipients = build_recipients(numbered)
    sent_events, _ = split_strangers(numbered, recipients)
    touches = judge_touches(sent_events, recipients, machines)
    outcomes = build_outcomes(sent_events, recipients, touches)
    facts = _describe_drills(events, zone=zone).join(_sum_removed(outcomes, touches), on=["instance", "drill"])
    return StoredOutcomes(
        outcomes=_describe_outcomes(outcomes, facts, _list_rules_by_recipient(touches), _list_hidden(touches)),
        drills=facts.select(FACT_FRAME.names()).cast(FACT_FRAME),
    )


def build_drill_key(instance: str, drill: str) -> str:
    """Return the key of a drill: 16 hex digits of its source instance and the tool's id."""
    return hashlib.sha256(f"{instance}\n{drill}".encode()).hexdigest()[:16]


def _build_frame(events: pl.DataFrame) -> pl.DataFrame:
    columns = events.with_columns(
        pl.col("instance").alias("file"),
        pl.col("email").alias("person"),
        pl.col("at").dt.replace_time_zone(None).cast(pl.Datetime("ns")),
        pl.col("first_only").fill_null(value=False),
        row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    return columns.select(DRILL_FRAME.names()).cast(DRILL_FRAME)


def _describe_drills(events: pl.DataFrame, *, zone: ZoneInfo) -> pl.DataFrame:
    """Return the key, names, source and days of each drill, by instance and drill.

    A drill in which people got several lures has none: it is of no lure, and so is compared with no other drill.
    """
    is_mail = pl.col("event").cast(pl.String).is_in(["sent", "delivered"])
    first_at = pl.coalesce(pl.col("at").filter(is_mail).min(), pl.col("at").min())
    lures = pl.col("lure").drop_nulls().unique()
    described = events.group_by("instance", "drill").agg(
        pl.col("connector").first(),
        name=pl.col("drill_name").sort_by("at").drop_nulls().last(),
        lure=pl.when(lures.len() == 1).then(lures.first()),
        sent_on=pl.coalesce(pl.col("sent_on").min(), first_at.dt.convert_time_zone(zone.key).dt.date()),
    )
    described = described.with_columns(pl.col("instance", "drill", "connector", "name", "lure").cast(pl.String))
    key = [build_drill_key(instance, drill) for instance, drill in described["instance", "drill"].iter_rows()]
    named = described.with_columns(pl.Series("key", key, dtype=pl.String), pl.coalesce("name", "drill").alias("name"))
    return named.join(compute_drill_ends(events), on=["instance", "drill"])


def _sum_removed(outcomes: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return how many events of each drill were removed, and by which rules."""
    removed = count_removed(touches)
    sendings = outcomes.group_by("sending").agg(pl.col("file", "drill").first().cast(pl.String)).rows(named=True)
    rows = [
        {
            "instance": row["file"],
            "drill": row["drill"],
            "removed_events": removed.get(row["sending"], (0, {}))[0],
            "removed_by_rule": [f"{rule}={count}" for rule, count in removed.get(row["sending"], (0, {}))[1].items()],
        }
        for row in sendings
    ]
    schema = pl.Schema(
        {"instance": pl.String(), "drill": pl.String(), "removed_events": pl.Int64(), "removed_by_rule": TEXTS}
    )
    return pl.DataFrame(rows, schema=schema)


def _list_rules_by_recipient(touches: pl.DataFrame) -> pl.DataFrame:
    masks = touches.filter(pl.col("rules") > 0).group_by("recipient").agg(pl.col("rules").bitwise_or())
    unique = masks["rules"].unique()
    names = pl.DataFrame(
        {"rules": unique, "names": pl.Series([sorted(list_rules(mask)) for mask in unique], dtype=TEXTS)}
    )
    return masks.join(names, on="rules").select("recipient", rules="names")


def _list_hidden(touches: pl.DataFrame) -> pl.Series:
    """Return the recipients whose first click, the only one in the log, was not their own."""
    is_other = pl.col("first_only") & pl.col("is_click") & (pl.col("whose") != EventOrigin.OWN.value)
    return touches.filter(is_other)["recipient"].unique()


def _describe_outcomes(
    outcomes: pl.DataFrame, facts: pl.DataFrame, rules: pl.DataFrame, first_only: pl.Series
) -> pl.DataFrame:
    """Return outcomes as OUTCOME_FRAME; `rules` are by recipient, `first_only` recipients with a hidden later click."""
    plain = outcomes.with_columns(pl.col("file", "drill", "person").cast(pl.String))
    named = facts.select(
        "instance", "drill", "lure", "connector", "sent_on", "ended_on", drill_key="key", drill_name="name"
    )
    joined = plain.join(named, left_on=["file", "drill"], right_on=["instance", "drill"]).join(
        rules, on="recipient", how="left"
    )
    is_hidden = pl.col("missed").is_null() & pl.col("recipient").is_in(first_only.implode())
    hidden = pl.lit([JudgingRule.FIRST_TIME_ONLY.value], dtype=TEXTS)
    all_rules = pl.when(is_hidden).then(pl.concat_list(pl.col("rules").fill_null([]), hidden).list.sort())
    moments = [pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for name in _MOMENTS]
    filled = joined.select(
        pl.col("drill_key").alias("drill"),
        *("drill_name", "lure", "connector", "sent_on", "ended_on"),
        pl.lit(None, dtype=pl.String).alias("old_key"),
        pl.col("person").alias("email"),
        pl.lit(None, dtype=pl.Int64).alias("person"),
        *("delivered", "missed"),
        pl.col("raw").alias("clicked"),
        *moments,
        all_rules.otherwise("rules").alias("rules"),
    )
    return filled.cast(OUTCOME_FRAME)


_MOMENTS = ("delivered_at", "reported_at")
