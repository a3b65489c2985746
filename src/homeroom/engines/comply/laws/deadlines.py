"""Deadlines of a clock: every reading of it, the earliest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from homeroom.domain.comply.laws.cases import ClockCase, DeadlineReading, find_earliest
from homeroom.domain.comply.laws.clocks import (
    ClockUnit,
    DateClock,
    MomentClock,
    PeriodClock,
    PeriodRule,
    PromptClock,
    TimeLimit,
)
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.comply.laws.moments import CaseMoment
from homeroom.engines.comply.laws.applicability import check_condition, list_unknown_facts
from homeroom.engines.comply.laws.counting import (
    CountingCalendars,
    count_from_day,
    count_from_moment,
    describe_reach,
    roll_to_business_day,
)
from homeroom.engines.comply.laws.periods import CALENDAR, PeriodEnd, find_next_end

TIMEZONE = "timezone"
"""What deadlines in hours wait for."""


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


_NOTHING = DeadlineReadings()


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
            return counter.read_date_clock(duty.clock)
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
        doubtful = self._read_doubt(clock.starts)
        readings = (self._count(start, clock.within), *doubtful.readings)
        missing = _list_missing_calendars(readings, [clock.within, *self._list_other_limits()], self._case)
        return DeadlineReadings(
            readings=readings,
            waits_for=(*missing, *doubtful.waits_for),
            is_claimed=not missing,
            is_certain=not doubtful.waits_for,
        )

    def read_date_clock(self, clock: DateClock) -> DeadlineReadings:
        """Read a clock of dates; sources that differ may count from a moment."""
        dated = _read_dates(clock, self._case.facts)
        doubtful = self._read_doubt(())
        if not dated.readings or not (doubtful.readings or doubtful.waits_for):
            return dated
        readings = (*dated.readings, *doubtful.readings)
        missing = _list_missing_calendars(readings, self._list_other_limits(), self._case)
        waits_for = (*dated.waits_for, *missing, *doubtful.waits_for)
        return replace(dated, readings=readings, waits_for=waits_for, is_claimed=not missing, is_certain=False)

    def read_prompt_clock(self, clock: PromptClock) -> DeadlineReadings:
        """Read a clock without a number; it waits for a moment that starts it, and sources that differ may have one."""
        missing_start = () if find_start(self._case, clock.starts) else clock.starts
        doubtful = self._read_doubt(clock.starts)
        missing = _list_missing_calendars(doubtful.readings, self._list_other_limits(), self._case)
        return DeadlineReadings(
            readings=(DeadlineReading(text=f"{clock.wording}: no date", due=None), *doubtful.readings),
            waits_for=tuple(dict.fromkeys((*missing_start, *missing, *doubtful.waits_for))),
            because=(clock.wording,),
            is_claimed=not missing,
            is_certain=False,
        )

    def read_period_clock(self, clock: PeriodClock) -> DeadlineReadings:
        """Read a clock that ends in each period; it claims nothing while a period is unknown.

        Where sources differ on a limit, each reading has its own next end: what is over by one may be due by the other.
        """
        first = self._case.first_moment
        day = first.day if first else self._case.today
        doubtful = self._read_doubt(()) if self._duty.doubt and self._duty.doubt.starts else _NOTHING
        limits = [
            [(rule, rule.within) for rule in clock.rules],
            [(rule, self._find_other(rule, day)) for rule in clock.rules],
        ]
        ends = [
            [find_next_end(rule, limit, day, case=self._case, calendars=self._calendars) for rule, limit in reading]
            for reading in limits
        ]
        missing = [end for reading in ends for end in reading if end.due is None]
        if missing:
            waits_for = tuple(dict.fromkeys(end.waits_for for end in missing))
            readings = tuple(dict.fromkeys(self._describe_end(end) for reading in ends for end in reading))
            return DeadlineReadings(readings=readings, waits_for=waits_for, is_claimed=False)
        nearest = [min(reading, key=lambda end: end.due or date.max) for reading in ends]
        readings = (*dict.fromkeys(self._describe_end(end) for end in nearest), *doubtful.readings)
        uncounted = _list_missing_calendars(doubtful.readings, self._list_other_limits(), self._case)
        return DeadlineReadings(
            readings=readings,
            waits_for=(*uncounted, *doubtful.waits_for),
            is_claimed=not uncounted,
            is_certain=not doubtful.waits_for,
        )

    def _find_other(self, rule: PeriodRule, day: date) -> TimeLimit | None:
        """Return the limit of a rule by the other reading, or its own if there is none; a period has no hours."""
        doubt = self._duty.doubt
        if rule.or_within or doubt is None or doubt.starts or doubt.or_within is None:
            return rule.or_within or rule.within
        is_early = doubt.since is not None and day < doubt.since
        return rule.within if is_early or doubt.or_within.unit is ClockUnit.HOURS else doubt.or_within

    def _list_other_limits(self) -> list[TimeLimit]:
        doubt = self._duty.doubt
        return [doubt.or_within] if doubt and doubt.or_within else []

    def _read_doubt(self, starts: tuple[str, ...]) -> DeadlineReadings:
        """Read a duty on which sources differ by the other reading; it waits for a moment that it alone asks for."""
        doubt = self._duty.doubt
        if doubt is None or doubt.or_within is None or not (doubt.starts or starts):
            return _NOTHING
        start = find_start(self._case, doubt.starts or starts)
        if start is None:
            return DeadlineReadings(waits_for=doubt.starts)
        if doubt.since is not None and start.day < doubt.since:
            return _NOTHING
        return DeadlineReadings(readings=(self._count(start, doubt.or_within),))

    def _count(self, start: CaseMoment, limit: TimeLimit) -> DeadlineReading:
        text = f"{limit} after {start.name} ({start.day})"
        if limit.unit is ClockUnit.HOURS and self._case.zone is None:
            return DeadlineReading(text=f"{text}: hours need a time zone", due=None)
        counted = count_from_moment(start, limit, calendars=self._calendars)
        if counted.due is None:
            return DeadlineReading(text=f"{text}: {describe_reach(counted)}", due=None)
        extended_to = self._find_extension(counted.due) if counted.due_at is None else None
        return DeadlineReading(text=text, due=counted.due, due_at=counted.due_at, extended_to=extended_to)

    def _describe_end(self, end: PeriodEnd) -> DeadlineReading:
        return DeadlineReading(
            text=end.text, due=end.due, extended_to=self._find_extension(end.due) if end.due else None
        )

    def _find_extension(self, due: date) -> date | None:
        """Return the later day to which the law extends a deadline of days, or None."""
        extended = due
        if self._duty.extension is not None:
            extended = count_from_day(extended, self._duty.extension.within, calendars=self._calendars).due or extended
        if self._law.rolls is not None:
            extended = roll_to_business_day(extended, business=self._law.business)
        return extended if extended > due else None


def _read_dates(clock: DateClock, facts: Mapping[str, Any]) -> DeadlineReadings:
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


def _list_missing_calendars(
    readings: Sequence[DeadlineReading], limits: Sequence[TimeLimit], case: ClockCase
) -> tuple[str, ...]:
    """Return what readings that were not counted to their end wait for."""
    if all(reading.due is not None for reading in readings):
        return ()
    units = {limit.unit for limit in limits}
    missing = ((TIMEZONE, ClockUnit.HOURS in units and case.zone is None), (CALENDAR, ClockUnit.SCHOOL_DAYS in units))
    return tuple(name for name, is_missing in missing if is_missing)
