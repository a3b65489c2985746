"""Deadlines of a clock: every reading of it, the earliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from homeroom.domain.laws.cases import ClockCase, DeadlineReading, find_earliest
from homeroom.domain.laws.clocks import (
    ClockUnit,
    DateClock,
    MomentClock,
    Period,
    PeriodClock,
    PeriodRule,
    PromptClock,
    TimeLimit,
)
from homeroom.domain.laws.facts import FISCAL_YEAR_STARTS
from homeroom.domain.laws.law import Law, LawDuty
from homeroom.domain.laws.moments import CaseMoment
from homeroom.engines.laws.applicability import check_condition, list_unknown_facts
from homeroom.engines.laws.counting import (
    CountedTime,
    CountingCalendars,
    count_from_day,
    count_from_moment,
    roll_to_business_day,
)

CALENDAR, TIMEZONE = "calendar", "timezone"
"""What deadlines in school days and in hours wait for."""
_YEARS_AROUND = (-1, 0, 1, 2)
"""Periods near a day, in years: a time limit of a period may end in the next."""


@dataclass(frozen=True, kw_only=True)
class DeadlineReadings:
    """The readings of a deadline and what it waits for.

    `is_claimed` is false where the earliest reading may not be among them, `is_certain` where facts leave other dates.
    """

    readings: tuple[DeadlineReading, ...] = ()
    waits_for: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    is_claimed: bool = True
    is_certain: bool = True


def find_start(case: ClockCase, starts: tuple[str, ...]) -> CaseMoment | None:
    """Return the earliest known moment of those that start a clock, or None."""
    return find_earliest(case.moments[name] for name in starts if name in case.moments)


def read_deadline(case: ClockCase, law: Law, duty: LawDuty) -> DeadlineReadings:
    """Return the readings of a duty's deadline in a case."""
    counter = _DeadlineCounter(case, law, duty)
    match duty.clock:
        case MomentClock():
            return counter.read_moment_clock(duty.clock)
        case DateClock():
            return _read_date_clock(duty.clock, case.facts)
        case PeriodClock():
            return counter.read_period_clock(duty.clock)
        case PromptClock():
            return counter.read_prompt_clock(duty.clock)


class _DeadlineCounter:
    """Counts the deadlines of one duty in one case."""

    def __init__(self, case: ClockCase, law: Law, duty: LawDuty) -> None:
        self._case = case
        self._law = law
        self._duty = duty
        self._calendars = CountingCalendars(business=law.business, school_days=case.school_days, zone=case.zone)

    def read_moment_clock(self, clock: MomentClock) -> DeadlineReadings:
        """Read a clock that a moment starts; it claims nothing unless every reading is counted to its end."""
        start = find_start(self._case, clock.starts)
        if start is None:
            return DeadlineReadings(waits_for=clock.starts, is_claimed=False)
        readings = (self._count(start, clock.within), *self._iter_doubtful(clock.starts))
        waits_for = self._list_missing_calendars(readings)
        return DeadlineReadings(readings=readings, waits_for=waits_for, is_claimed=not waits_for)

    def read_prompt_clock(self, clock: PromptClock) -> DeadlineReadings:
        """Read a clock without a number; sources that differ may have one."""
        doubt = self._duty.doubt
        readings = tuple(self._iter_doubtful(()))
        waits = doubt is not None and doubt.or_within is not None and find_start(self._case, doubt.starts) is None
        return DeadlineReadings(
            readings=(DeadlineReading(text=f"{clock.wording}: no date", due=None), *readings),
            waits_for=doubt.starts if doubt and waits else (),
            because=(clock.wording,),
            is_certain=False,
        )

    def read_period_clock(self, clock: PeriodClock) -> DeadlineReadings:
        """Read a clock that ends in each period; it claims nothing while a period is unknown."""
        first = self._case.first_moment
        day = first.day if first else self._case.today
        ends = [self._find_period_end(rule, day) for rule in clock.rules]
        waits_for = [_name_period_source(rule) for rule, end in zip(clock.rules, ends, strict=True) if not end]
        if waits_for:
            readings = tuple(reading for end in ends for reading in end)
            return DeadlineReadings(readings=readings, waits_for=tuple(dict.fromkeys(waits_for)), is_claimed=False)
        return DeadlineReadings(readings=min(ends, key=lambda end: end[0].due or date.max))

    def _list_missing_calendars(self, readings: Sequence[DeadlineReading]) -> tuple[str, ...]:
        if all(reading.due is not None for reading in readings):
            return ()
        return (CALENDAR,) if self._case.zone is not None or not self._uses_hours() else (TIMEZONE,)

    def _uses_hours(self) -> bool:
        limits = [self._duty.clock.within] if isinstance(self._duty.clock, MomentClock) else []
        if self._duty.doubt and self._duty.doubt.or_within:
            limits.append(self._duty.doubt.or_within)
        return any(limit.unit is ClockUnit.HOURS for limit in limits)

    def _iter_doubtful(self, starts: tuple[str, ...]) -> Iterator[DeadlineReading]:
        """Yield the other reading of a duty on which sources differ, if it has one and its moment is known."""
        doubt = self._duty.doubt
        if doubt is None or doubt.or_within is None:
            return
        start = find_start(self._case, doubt.starts or starts)
        if start is not None and (doubt.since is None or start.day >= doubt.since):
            yield self._count(start, doubt.or_within)

    def _count(self, start: CaseMoment, limit: TimeLimit) -> DeadlineReading:
        text = f"{limit} after {start.name} ({start.day})"
        if limit.unit is ClockUnit.HOURS and self._case.zone is None:
            return DeadlineReading(text=f"{text}: hours need a time zone", due=None)
        counted = count_from_moment(start, limit, calendars=self._calendars)
        if counted.due is None:
            return DeadlineReading(text=f"{text}: {_describe_reach(counted)}", due=None)
        return DeadlineReading(
            text=text, due=counted.due, due_at=counted.due_at, extended_to=self._find_extension(counted)
        )

    def _find_extension(self, counted: CountedTime) -> date | None:
        """Return the later day to which the law extends a deadline, or None; one in hours is never extended."""
        if counted.due is None or counted.due_at is not None:
            return None
        extended = counted.due
        if self._duty.extension is not None:
            extended = count_from_day(extended, self._duty.extension.within, calendars=self._calendars).due or extended
        if self._law.rolls is not None:
            extended = roll_to_business_day(extended, business=self._law.business)
        return extended if extended > counted.due else None

    def _find_period_end(self, rule: PeriodRule, day: date) -> tuple[DeadlineReading, ...]:
        """Return the readings of the next end of a period's limit on a day or after it; none if it is unknown."""
        for first, last in _list_periods(rule.period, day, self._case):
            readings = [self._read_period(rule, rule.within, first, last)]
            if rule.or_within:
                readings.append(self._read_period(rule, rule.or_within, first, last))
            readings.sort(key=lambda reading: reading.due or date.max)
            if readings[0].due is not None and readings[0].due >= day:
                return tuple(readings)
        return ()

    def _read_period(self, rule: PeriodRule, limit: TimeLimit | None, first: date, last: date) -> DeadlineReading:
        if limit is None:
            counted, text = CountedTime(due=last), f"the last day of the {rule.period} that begins on {first}"
        else:
            counted = count_from_day(first, limit, calendars=self._calendars)
            text = f"{limit} after the {rule.period} begins ({first})"
        return DeadlineReading(text=text, due=counted.due, extended_to=self._find_extension(counted))


def _read_date_clock(clock: DateClock, facts: Mapping[str, Any]) -> DeadlineReadings:
    """Return the date whose condition holds, or all that are possible where facts are unknown."""
    possible: list[DeadlineReading] = []
    unknown: list[str] = []
    for item in clock.dates:
        holds = True if item.when is None else check_condition(item.when, facts)
        if holds is False:
            continue
        possible.append(DeadlineReading(text=f"on {item.date}", due=item.date))
        if holds:
            break
        assert item.when is not None
        unknown += list_unknown_facts((item.when,), facts)
    reasons = () if possible else ("no date of the law is for these facts",)
    return DeadlineReadings(
        readings=tuple(possible), waits_for=tuple(dict.fromkeys(unknown)), because=reasons, is_certain=not unknown
    )


def _describe_reach(counted: CountedTime) -> str:
    if counted.reached_on is None:
        return "no calendar of school days reaches its start"
    return f"counted {counted.reached} up to {counted.reached_on}, where the calendar ends"


def _name_period_source(rule: PeriodRule) -> str:
    return FISCAL_YEAR_STARTS if rule.period is Period.FISCAL_YEAR else CALENDAR


def _list_periods(period: Period, day: date, case: ClockCase) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of the periods around a day, in order; none if they are not known."""
    if period is Period.SCHOOL_YEAR:
        if case.school_days is not None:
            yield case.school_days.first_day, case.school_days.last_day
        return
    starts = _list_period_starts(period, day, case.facts.get(FISCAL_YEAR_STARTS))
    for first, following in pairwise(starts):
        yield first, following - timedelta(days=1)


def _list_period_starts(period: Period, day: date, fiscal_year_starts: str | None) -> list[date]:
    years = [day.year + offset for offset in _YEARS_AROUND]
    if period is Period.MONTH:
        return [date(year, month, 1) for year in years for month in range(1, 13)]
    if period is Period.CALENDAR_YEAR:
        return [date(year, 1, 1) for year in years]
    if fiscal_year_starts is None:
        return []
    month, _, number = fiscal_year_starts.partition("-")
    return [date(year, int(month), int(number)) for year in years]
