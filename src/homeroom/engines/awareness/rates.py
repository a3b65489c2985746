"""Rates of drills: who missed them and who reported them, in all and by school, without counts of few people."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

import polars as pl

from homeroom.domain.awareness.drill_events import EventOrigin
from homeroom.domain.awareness.drill_results import DrillResult, PeopleRate, SchoolRates
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.engines.awareness.judging import list_rules

SMALL_SCHOOLS = "Small schools"
NO_SCHOOL = "No school"


def compute_results(
    outcomes: pl.DataFrame, touches: pl.DataFrame, *, schools: Mapping[str, str] | None = None
) -> tuple[DrillResult, ...]:
    """Return the result of each drill, in the order of the files; `schools` are those of people by address."""
    removed = _count_removed(touches)
    return tuple(
        _compute_result(group, removed.get(int(str(sending)), (0, {})), schools)
        for (sending,), group in outcomes.group_by(["sending"], maintain_order=True)
    )


def _compute_result(
    people: pl.DataFrame,
    removed: tuple[int, Mapping[str, int]],
    schools: Mapping[str, str] | None,
) -> DrillResult:
    delivered = people.filter("delivered")
    minutes = [
        minute
        for minute in delivered.select(
            ((pl.col("reported_at") - pl.col("delivered_at")).dt.total_milliseconds() / 60_000).drop_nulls()
        ).to_series()
        if minute >= 0
    ]
    events, by_rule = removed
    return DrillResult(
        file=str(people["file"][0]),
        drill=str(people["drill"][0]),
        people=people.height,
        delivered=delivered.height,
        raw=int(delivered["raw"].sum()),
        missed=_count_missed(delivered),
        cannot_tell=int(delivered["missed"].null_count()),
        reported=_count_reported(delivered),
        first_minutes=min(minutes, default=None),
        median_minutes=median(minutes) if minutes else None,
        removed=events,
        by_rule=by_rule,
        schools=None if schools is None else compute_school_rates(delivered, schools),
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


def _count_removed(touches: pl.DataFrame) -> dict[int, tuple[int, dict[str, int]]]:
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
