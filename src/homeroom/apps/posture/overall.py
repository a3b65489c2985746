"""Where the district stands over all controls, and how that went: one interval a day, counted from the controls' numbers.

The measure, in full. Every control that anybody is asked about counts as another one. At least `passing / population` of it is met,
at most `(passing + cannot tell) / population`; the district stands at the mean of both. A control that could judge nobody spans all
of it, so that the width is what nobody knows; *measured* is the share of controls that could judge somebody. Who is excepted
does not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast

from homeroom.apps.posture.models import Assessment, ControlResult
from homeroom.apps.posture.queries import SEVERITIES, Judgement, Result
from homeroom.apps.posture.shelf import control_of
from homeroom.domain.controls import Control

DAYS = 35
WEEKS = 53
POINTS = 26
"""How many of the days the line of one control is drawn over."""
_MET = Cast("passing", FloatField()) / F("population")
_MIGHT = Cast(F("passing") + F("cannot_tell"), FloatField()) / F("population")


@dataclass(frozen=True, kw_only=True)
class Day:
    """How the district stood in the last judgement of one day; shares from 0 to 1, `failing` by severity."""

    on: date
    assessment: int
    low: float
    high: float
    measured: float
    controls: int
    cannot_tell: int
    failing: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """{at_least, at_most, measured, controls}."""
        shares = {"at_least": self.low, "at_most": self.high, "measured": self.measured}
        return {**{name: round(one, 4) for name, one in shares.items()}, "controls": self.controls}


@dataclass(frozen=True, kw_only=True)
class Past:
    """One control's failing and untellable subjects over days, the oldest first, as far as it was judged then."""

    control: Control
    days: tuple[date, ...]
    failing: tuple[int, ...]
    cannot_tell: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Met:
    """The share of some controls that is met, at least and at most."""

    low: float
    high: float


def met(found: Sequence[Result]) -> Met:
    """The measure over some controls, of which each asks about somebody."""
    low = sum(one.numbers.passing / one.numbers.population for one in found) / len(found)
    unknown = sum(one.numbers.cannot_tell / one.numbers.population for one in found) / len(found)
    return Met(low=low, high=min(1.0, low + unknown))


def overall(*, district: Any, of: Judgement) -> Day | None:
    """Where the district stands in that judgement; None where no control asked about anybody."""
    found = _stood(district, {of.number: of.today})
    return found[0] if found else None


def over_time(*, district: Any, of: Judgement) -> tuple[Day, ...]:
    """The last judgement of each of the newest 35 days, and before them of each of 53 weeks; the oldest first."""
    return _stood(district, _kept(district, of))


def every_control(*, district: Any, of: Judgement) -> tuple[Past, ...]:
    """Every control that the judgement has, over the newest of those days: most severe first, then by title."""
    kept = dict(sorted(_kept(district, of).items())[-POINTS:])
    rows = ControlResult.objects.of(district).filter(assessment__in=list(kept)).order_by("assessment")
    found: dict[str, list[tuple[int, str, int, int]]] = {}
    for row in rows.values_list("control", "assessment", "severity", "failing", "cannot_tell"):
        found.setdefault(row[0], []).append(row[1:])
    past = [_past(control, stood, kept) for control, stood in found.items() if stood[-1][0] == of.number]
    return tuple(sorted(past, key=lambda one: (SEVERITIES.index(one.control.severity), one.control.title)))


def _past(control: str, stood: Sequence[tuple[int, str, int, int]], kept: Mapping[int, date]) -> Past:
    return Past(
        control=control_of(control, severity=stood[-1][1]),
        days=tuple(kept[number] for number, *_ in stood),
        failing=tuple(failing for *_, failing, _ in stood),
        cannot_tell=tuple(unknown for *_, unknown in stood),
    )


def _kept(district: Any, of: Judgement) -> dict[int, date]:
    """{number: day} of the judgements that tell of a day or week; a later one of the same day takes its place."""
    since = of.today - timedelta(weeks=WEEKS)
    rows = Assessment.objects.of(district).filter(number__lte=of.number, today__gte=since, today__lte=of.today)
    last = {day: number for number, day in rows.order_by("number").values_list("number", "today")}
    recent = {number: day for day, number in last.items() if day > of.today - timedelta(days=DAYS)}
    weeks = {_week(day): (number, day) for day, number in sorted(last.items()) if number not in recent}
    return recent | dict(weeks.values())


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _stood(district: Any, kept: Mapping[int, date]) -> tuple[Day, ...]:
    rows = ControlResult.objects.of(district).filter(assessment__in=list(kept), population__gt=0)
    told = rows.values("assessment").annotate(
        low=Avg(_MET),
        high=Avg(_MIGHT),
        controls=Count("pk"),
        judged=Count("pk", filter=Q(population__gt=F("cannot_tell"))),
        unknown=Sum("cannot_tell"),
        **{f"failing_{one}": Sum("failing", filter=Q(severity=one), default=0) for one in SEVERITIES},
    )
    return tuple(_days(told, kept))


def _days(told: Iterable[Mapping[str, Any]], kept: Mapping[int, date]) -> list[Day]:
    found = [
        Day(
            on=kept[row["assessment"]],
            assessment=row["assessment"],
            low=row["low"],
            high=row["high"],
            measured=row["judged"] / row["controls"],
            controls=row["controls"],
            cannot_tell=row["unknown"],
            failing={one: row[f"failing_{one}"] for one in SEVERITIES},
        )
        for row in told
    ]
    return sorted(found, key=lambda one: (one.on, one.assessment))
