"""Whose event it is: of each open, click and post of a drill whether the recipient, a machine or somebody else did it.

No address alone decides. A known network or program, taken bait, speed that no hand has, and a page whose scripts did
not run are enough by themselves; the other rules ask what a place and a browser do for many people, and leave a
building's own exit alone.
"""

from __future__ import annotations

import polars as pl

from homeroom.domain.awareness.drill_events import DrillEventKind, JudgingRule, Whose
from homeroom.domain.awareness.machines import KnownMachines
from homeroom.engines.awareness.companions import mark_companions
from homeroom.engines.awareness.groups import mark_crowds
from homeroom.engines.awareness.reports import mark_reports
from homeroom.engines.awareness.sittings import mark_sittings
from homeroom.engines.awareness.soon import OPEN, SURE, mark_soon
from homeroom.engines.awareness.touches import VISIT, build_touches
from homeroom.engines.awareness.visits import build_visits

BAIT_SHARE = 0.5
_MACHINE_RULES = {
    JudgingRule.KNOWN_NETWORK: "is_scanner",
    JudgingRule.KNOWN_PROGRAM: "is_program",
    JudgingRule.TOOK_BAIT: "took_bait",
    JudgingRule.TOO_FAST: "is_too_fast",
    JudgingRule.NO_SCRIPT: "is_no_script",
    JudgingRule.SERVES_MANY: "serves_many",
    JudgingRule.LOOKED_AGAIN: "looked_again",
    JudgingRule.AFTER_REPORT: "after_report",
    JudgingRule.TOO_SOON: "too_soon",
}


def judge_touches(events: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Return the opens, clicks and posts with `whose` they are and the `rules` that took them from the recipient.

    `events` has the columns of `DRILL_FRAME`; the result has them too, in the order of the events.
    """
    touches = build_touches(events, machines)
    visits = mark_crowds(build_visits(touches))
    visits = mark_companions(touches, visits)
    visits = mark_soon(visits)
    judged = _join_marks(touches, visits)
    return _conclude(judged).sort("n").drop("n")


def _join_marks(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Add to each touch the marks of its visit, of its report, and of its sitting."""
    bait = _spread_bait(visits)
    marks = ("is_too_fast", "is_no_script", "serves_many", "looked_again", "chance", "is_human")
    joined = touches.join(visits.select(*VISIT, *marks), on=VISIT, how="left", nulls_equal=True).join(
        bait, on=VISIT, how="left", nulls_equal=True
    )
    reports = mark_reports(touches, visits)
    sittings = mark_sittings(touches, visits)
    return (
        joined.join(reports, on="n", how="left")
        .join(sittings, on="n", how="left")
        .with_columns(
            took_bait=(pl.col("bait") | pl.col("took_bait").fill_null(value=False)),
            is_scanner=pl.col("is_scanner") & ~pl.col("is_human"),
            after_report=(pl.col("reported") == "sure").fill_null(value=False),
            too_soon=(pl.col("event") == DrillEventKind.CLICKED) & (pl.col("chance") >= SURE),
        )
    )


def _spread_bait(visits: pl.DataFrame) -> pl.DataFrame:
    """List the visits from an address and browser that took the bait in the drill.

    Where most people of a building have the same browser and left the bait, only its bait is the machine's.
    """
    keys = ("file", "drill", "place", "browser")
    groups = visits.group_by(keys).agg(
        pl.col("bait").any().alias("has_bait"),
        (pl.col("is_exit").any() & (pl.col("bait").mean() < BAIT_SHARE)).alias("is_shared"),
    )
    machines = groups.filter(pl.col("has_bait") & ~pl.col("is_shared") & (pl.col("place") >= 0)).select(keys)
    spread = visits.filter(~pl.col("is_human")).join(machines, on=keys, how="semi", nulls_equal=True)
    return spread.select(VISIT).with_columns(took_bait=pl.lit(value=True))


def _conclude(touches: pl.DataFrame) -> pl.DataFrame:
    """Add `whose` and `rules`: a machine, else another person, else open, else the recipient."""
    is_machine = pl.any_horizontal(*_MACHINE_RULES.values())
    is_click = pl.col("event") == DrillEventKind.CLICKED
    is_open = (
        (pl.col("reported") == "open").fill_null(value=False)
        | (is_click & (pl.col("chance") >= OPEN))
        | (pl.col("is_sure") == pl.lit(value=False)).fill_null(value=False)
    )
    whose = (
        pl.when(is_machine)
        .then(pl.lit(Whose.MACHINE))
        .when(pl.col("is_sure").fill_null(value=False))
        .then(pl.lit(Whose.OTHER))
        .when(is_open)
        .then(pl.lit(Whose.CANNOT_TELL))
        .otherwise(pl.lit(Whose.OWN))
    )
    rules = [pl.when(pl.col(column)).then(pl.lit(rule.value)) for rule, column in _MACHINE_RULES.items()]
    rules += [
        pl.when(pl.col("is_sure").is_not_null()).then(pl.lit(JudgingRule.MANY_IN_A_SITTING.value)),
        pl.when((pl.col("reported") == "open") & ~is_machine).then(pl.lit(JudgingRule.AFTER_REPORT.value)),
        pl.when(is_click & pl.col("chance").is_between(OPEN, SURE, closed="left") & ~is_machine).then(
            pl.lit(JudgingRule.TOO_SOON.value)
        ),
    ]
    judged = touches.with_columns(whose=whose.cast(pl.String), rules=pl.concat_list(rules).list.drop_nulls())
    return judged.with_columns(
        rules=pl.when(pl.col("whose") == Whose.OWN)
        .then(pl.lit([], dtype=pl.List(pl.String)))
        .otherwise(pl.col("rules"))
    )
