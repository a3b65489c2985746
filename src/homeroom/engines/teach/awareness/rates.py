"""Rates of drills: who missed them and who reported them, in all and by school, without counts of few people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from homeroom.domain.small_counts import MIN_COUNT
from homeroom.domain.teach.awareness.drill_events import EventOrigin
from homeroom.domain.teach.awareness.drill_results import DrillResult, PeopleRate, SchoolRates
from homeroom.engines.teach.awareness.judging import list_rules

SMALL_SCHOOLS = "Small schools"
NO_SCHOOL = "No school"


def compute_results(
    outcomes: pl.DataFrame, touches: pl.DataFrame, *, schools: Mapping[str, str] | None = None
) -> tuple[DrillResult, ...]:
    """Return the result of each drill, in the order of the files; `schools` are those of people by address."""
    removed = count_removed(touches)
    by_school = {} if schools is None else _group_schools(outcomes, schools)
    return tuple(
        _build_result(row, removed.get(row["sending"], (0, {})), by_school.get(row["sending"]))
        for row in _sum_outcomes(outcomes).iter_rows(named=True)
    )


def _sum_outcomes(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of each sending; minutes are from a person's own delivery to the report."""
    minutes = (pl.col("reported_at") - pl.col("delivered_at")).dt.total_milliseconds() / 60_000
    is_delivered = pl.col("delivered")
    counted = outcomes.with_columns(
        minutes=pl.when(is_delivered & (minutes >= 0)).then(minutes),
        reported=is_delivered & pl.col("reported_at").is_not_null(),
        own=is_delivered & pl.col("missed").fill_null(value=False),
        known=is_delivered & pl.col("missed").is_not_null(),
        raw=is_delivered & pl.col("raw"),
    )
    return counted.group_by("sending", maintain_order=True).agg(
        pl.col("file", "drill").first().cast(pl.String),
        pl.len().alias("people"),
        pl.col("delivered", "raw", "own", "known", "reported").sum(),
        pl.col("minutes").min().alias("first_minutes"),
        pl.col("minutes").median().alias("median_minutes"),
    )


def _group_schools(outcomes: pl.DataFrame, schools: Mapping[str, str]) -> dict[int, tuple[SchoolRates, ...]]:
    groups = outcomes.filter("delivered").group_by(["sending"], maintain_order=True)
    rates = {int(str(sending)): compute_school_rates(people, schools) for (sending,), people in groups}
    return {**dict.fromkeys(outcomes["sending"].unique().to_list(), ()), **rates}


def _build_result(
    row: Mapping[str, Any], removed: tuple[int, Mapping[str, int]], schools: tuple[SchoolRates, ...] | None
) -> DrillResult:
    events, by_rule = removed
    return DrillResult(
        file=row["file"],
        drill=row["drill"],
        people=row["people"],
        delivered=row["delivered"],
        raw=row["raw"],
        missed=PeopleRate(people=row["own"], total=row["known"]),
        cannot_tell=row["delivered"] - row["known"],
        reported=PeopleRate(people=row["reported"], total=row["delivered"]),
        first_minutes=row["first_minutes"],
        median_minutes=row["median_minutes"],
        removed=events,
        by_rule=by_rule,
        schools=schools,
    )


def compute_school_rates(delivered: pl.DataFrame, schools: Mapping[str, str]) -> tuple[SchoolRates, ...]:
    """Return the rates of schools by name; schools with few people are one last row, with others until it has ten.

    Empty where all schools together have few people.
    """
    named = delivered.with_columns(
        school=pl.col("person").cast(pl.String).replace_strict(dict(schools), default=NO_SCHOOL, return_dtype=pl.String)
    )
    if named.height < MIN_COUNT:
        return ()
    sizes = sorted((size, name) for name, size in named.group_by("school").len().iter_rows())
    small = _choose_small([(size, name) for size, name in sizes])
    rows = [_build_school(name, named.filter(pl.col("school") == name)) for _, name in sizes if name not in small]
    rows.sort(key=lambda row: (row.school == NO_SCHOOL, row.school))
    if small:
        rows.append(_build_school(SMALL_SCHOOLS, named.filter(pl.col("school").is_in(small))))
    return tuple(rows)


def _choose_small(sizes: list[tuple[int, str]]) -> list[str]:
    """Choose the schools of the last row: those with few people, and the smallest others until it has enough."""
    chosen: list[str] = []
    total = 0
    for size, name in sizes:
        if size >= MIN_COUNT and (not chosen or total >= MIN_COUNT):
            break
        chosen.append(name)
        total += size
    return chosen


def _build_school(name: str, people: pl.DataFrame) -> SchoolRates:
    return SchoolRates(
        school=name, delivered=people.height, missed=_count_missed(people), reported=_count_reported(people)
    )


def _count_missed(people: pl.DataFrame) -> PeopleRate:
    clear = people["missed"].drop_nulls()
    return PeopleRate(people=int(clear.sum()), total=len(clear))


def _count_reported(people: pl.DataFrame) -> PeopleRate:
    return PeopleRate(people=people["reported_at"].count(), total=people.height)


def count_removed(touches: pl.DataFrame) -> dict[int, tuple[int, dict[str, int]]]:
    """Count by sending the events that a machine or another person made, and those of each rule."""
    removed = touches.filter(pl.col("whose").is_in([EventOrigin.MACHINE.value, EventOrigin.OTHER.value]))
    totals: dict[int, int] = {}
    rules: dict[int, dict[str, int]] = {}
    for sending, mask, count in removed.group_by("sending", "rules").len().iter_rows():
        totals[sending] = totals.get(sending, 0) + count
        by_rule = rules.setdefault(sending, {})
        for rule in list_rules(mask):
            by_rule[rule] = by_rule.get(rule, 0) + count
    return {sending: (total, dict(sorted(rules[sending].items()))) for sending, total in totals.items()}
