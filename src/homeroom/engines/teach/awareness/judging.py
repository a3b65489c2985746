"""Judge each open, click and post of a drill: the recipient did it, a machine, or somebody else.

No address alone decides. A known network or program, taken bait, speed that no hand has, and a page whose scripts did
not run are enough by themselves; the other rules ask what a place and a browser do for many people, and leave a
building's own exit alone.
"""

from __future__ import annotations

import polars as pl

from homeroom.domain.teach.awareness.drill_events import EventOrigin, JudgingRule
from homeroom.domain.teach.awareness.machines import KnownMachines
from homeroom.engines.teach.awareness.companions import mark_companions
from homeroom.engines.teach.awareness.groups import mark_crowds
from homeroom.engines.teach.awareness.reports import mark_reports
from homeroom.engines.teach.awareness.sittings import mark_sittings
from homeroom.engines.teach.awareness.soon import OPEN, SURE, mark_soon
from homeroom.engines.teach.awareness.touches import build_touches
from homeroom.engines.teach.awareness.visits import build_visits

BAIT_SHARE = 0.5
_VISIT_RULES = {
    JudgingRule.KNOWN_NETWORK: "is_scanner",
    JudgingRule.KNOWN_PROGRAM: "is_program",
    JudgingRule.TOO_FAST: "is_too_fast",
    JudgingRule.NO_SCRIPT: "is_no_script",
    JudgingRule.SERVES_MANY: "serves_many",
    JudgingRule.LOOKED_AGAIN: "looked_again",
}
_RULES = (*_VISIT_RULES, JudgingRule.TOOK_BAIT, JudgingRule.TOO_SOON, JudgingRule.AFTER_REPORT)
"""Rules that make an event a machine's, by their bit."""
_ALL_RULES = (*_RULES, JudgingRule.MANY_IN_A_SITTING)
_SITTING = 1 << len(_RULES)


def judge_touches(events: pl.DataFrame, recipients: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Return the opens, clicks and posts with `whose` they are and the `rules` that took them from the recipient.

    `events` have the columns of `add_recipients`, `recipients` are of `build_recipients`. The result has `n`,
    `file`, `row`, `event`, `sending`, `recipient`,
    `first_only`, `whose` and `rules`, in the order of the events.
    """
    touches = build_touches(events, recipients, machines)
    visits = mark_soon(mark_companions(touches, mark_crowds(build_visits(touches))))
    marks = _build_marks(visits)
    joined = (
        touches.select("n", "file", "row", "event", "sending", "recipient", "first_only", "visit", "bait", "is_click")
        .join(marks, on="visit", how="left", maintain_order="left")
        .join(mark_reports(touches, visits), on="n", how="left", maintain_order="left")
        .join(mark_sittings(touches, visits), on="n", how="left", maintain_order="left")
    )
    return _add_conclusions(joined)


def _build_marks(visits: pl.DataFrame) -> pl.DataFrame:
    """Return by visit the rules that hold for all of it as bits, and the chance that its clicks are a machine's."""
    bits = pl.sum_horizontal(
        pl.col(column).cast(pl.Int32) * (1 << _RULES.index(rule)) for rule, column in _VISIT_RULES.items()
    )
    own = visits.with_columns(pl.col("is_scanner") & ~pl.col("is_human"))
    took_bait = own["visit"].is_in(_list_bait_takers(visits).implode()).cast(pl.Int32)
    return own.select("visit", "chance", mask=bits + took_bait * (1 << _RULES.index(JudgingRule.TOOK_BAIT)))


def _list_bait_takers(visits: pl.DataFrame) -> pl.Series:
    """List the visits from an address and browser that took the bait in their sending.

    Where most people of a building have the same browser and left the bait, only its bait is the machine's.
    """
    keys = ("sending", "spot")
    takers = visits.filter(pl.col("bait") & (pl.col("place") > 0)).select(keys).unique()
    shared = visits.join(takers, on=keys, how="semi")
    groups = shared.group_by(keys).agg(pl.col("is_exit").any(), pl.col("bait").mean())
    machines = groups.filter(~(pl.col("is_exit") & (pl.col("bait") < BAIT_SHARE)))
    return shared.filter(~pl.col("is_human")).join(machines, on=keys, how="semi")["visit"]


def _add_conclusions(touches: pl.DataFrame) -> pl.DataFrame:
    """Add `whose` and `rules`: a machine, else another person, else open, else the recipient."""
    is_sure_report = (pl.col("reported") == "sure").fill_null(value=False)
    is_soon = pl.col("is_click") & (pl.col("chance") >= SURE)
    bits = {
        JudgingRule.TOOK_BAIT: pl.col("bait"),
        JudgingRule.TOO_SOON: is_soon,
        JudgingRule.AFTER_REPORT: is_sure_report,
    }
    mask = pl.col("mask")
    for rule, holds in bits.items():
        mask = mask | (holds.cast(pl.Int32) * (1 << _RULES.index(rule)))
    marked = touches.with_columns(mask=mask)
    is_open_report = (pl.col("reported") == "open").fill_null(value=False)
    is_open_soon = pl.col("is_click") & (pl.col("chance") >= OPEN)
    is_open = is_open_report | is_open_soon | (pl.col("is_sure") == pl.lit(value=False)).fill_null(value=False)
    open_bits = [
        is_open_report.cast(pl.Int32) * (1 << _RULES.index(JudgingRule.AFTER_REPORT)),
        is_open_soon.cast(pl.Int32) * (1 << _RULES.index(JudgingRule.TOO_SOON)),
        pl.col("is_sure").is_not_null().cast(pl.Int32) * _SITTING,
    ]
    origin = (
        pl.when(pl.col("mask") > 0)
        .then(pl.lit(EventOrigin.MACHINE.value))
        .when(pl.col("is_sure").fill_null(value=False))
        .then(pl.lit(EventOrigin.OTHER.value))
        .when(is_open)
        .then(pl.lit(EventOrigin.CANNOT_TELL.value))
        .otherwise(pl.lit(EventOrigin.OWN.value))
    )
    return marked.select(
        "n", "file", "row", "event", "sending", "recipient", "first_only", "is_click",
        whose=origin.cast(pl.Categorical),
        rules=pl.when(pl.col("mask") > 0).then(pl.col("mask")).otherwise(pl.sum_horizontal(open_bits)),
    )  # fmt: skip


def list_rules(mask: int) -> list[str]:
    """List the rules of an event from its `rules`, a number with a bit for each."""
    return [rule.value for number, rule in enumerate(_ALL_RULES) if mask >> number & 1]
