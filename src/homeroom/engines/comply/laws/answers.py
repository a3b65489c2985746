"""Answers for cases: whether each duty applies, by when it is due, and what is still unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from homeroom.domain.comply.laws.cases import APPLIES, NO, YES, ClockAnswer, ClockCase, DeadlineReading
from homeroom.domain.comply.laws.clocks import DateClock, MomentClock, PeriodClock, list_starts
from homeroom.domain.comply.laws.law import Law, LawDuty, LawStanding
from homeroom.domain.matching import combine_all
from homeroom.engines.comply.laws.applicability import (
    Applicability,
    combine_applicability,
    find_law_in_force,
    judge_conditions,
    judge_law,
    list_versions,
)
from homeroom.engines.comply.laws.deadlines import DeadlineReadings, find_start, read_deadline


def list_duties(name: str, laws: Mapping[str, Law]) -> tuple[tuple[Law, LawDuty], ...]:
    """Return the duties that a name asks for: one as law:duty, or all of a law; none if there is no such name."""
    law_id, _, duty_id = name.partition(":")
    law = laws.get(law_id)
    if law is None:
        return ()
    return tuple((law, duty) for duty in law.duties if not duty_id or duty.id == duty_id)


def answer_case(case: ClockCase, laws: Mapping[str, Law]) -> tuple[ClockAnswer, ...]:
    """Answer a case for each duty that it asks for."""
    return tuple(answer_duty(case, law, duty, laws=laws) for law, duty in list_duties(case.duty, laws))


def answer_duty(case: ClockCase, law: Law, duty: LawDuty, *, laws: Mapping[str, Law]) -> ClockAnswer:
    """Answer a case for one duty, by the version of the law that is in force on the day of its moment."""
    name = f"{law.id}:{duty.id}"
    in_force = _find_version(case, law, duty, laws)
    counted = in_force.get_duty(duty.id)
    if counted is None:
        reason = f"{in_force.id} is the version in force and has no duty {duty.id}"
        return ClockAnswer(id=case.id, duty=name, applies=NO, because=(reason,))
    day = _find_deciding_day(case, counted)
    applies = combine_applicability(
        [judge_law(in_force, day=day), judge_conditions((in_force.applies_to, counted.applies_to), case.facts)]
    )
    if in_force.id != law.id:
        reason = f"{in_force.id} is the version in force" + (f" on {day}" if day else "")
        applies = replace(applies, because=(reason, *applies.because))
    return _build_answer(case, name, in_force, counted, applies)


def _find_version(case: ClockCase, law: Law, duty: LawDuty, laws: Mapping[str, Law]) -> Law:
    """Return the version of a law that counts: the day of the moment that starts the clock decides, else today.

    A version may start its clock by another moment than the version that the case asks for. A law that is proposed or
    stayed is no version of another.
    """
    if law.standing is not LawStanding.IN_FORCE:
        return law
    day = _find_deciding_day(case, duty)
    if day is not None:
        return find_law_in_force(law, laws, day=day, duty=duty.id)
    for version in list_versions(law, laws):
        own = version.get_duty(duty.id)
        day = _find_deciding_day(case, own) if own else None
        if day is not None and find_law_in_force(version, laws, day=day, duty=duty.id) is version:
            return version
    return find_law_in_force(law, laws, day=case.today, duty=duty.id)


def _find_deciding_day(case: ClockCase, duty: LawDuty) -> date | None:
    """Return the day on which a law must be in force, or None if no moment is known or the date is the law's own."""
    if isinstance(duty.clock, DateClock):
        return None
    start = find_start(case, list_starts(duty.clock))
    if start is not None or isinstance(duty.clock, MomentClock):
        return start.day if start else None
    first = case.first_moment
    if first is None:
        return case.today if isinstance(duty.clock, PeriodClock) else None
    return first.day


def _build_answer(case: ClockCase, name: str, law: Law, duty: LawDuty, applies: Applicability) -> ClockAnswer:
    if applies.holds is False:
        return ClockAnswer(id=case.id, duty=name, applies=NO, because=applies.because)
    deadline = read_deadline(case, law, duty)
    if isinstance(duty.clock, DateClock) and not deadline.readings:
        return ClockAnswer(id=case.id, duty=name, applies=NO, because=deadline.because)
    doubts = (duty.doubt.text,) if duty.doubt else ()
    earliest = _find_earliest_reading(deadline)
    return ClockAnswer(
        id=case.id,
        duty=name,
        applies=APPLIES[applies.holds],
        because=(*applies.because, *deadline.because, *doubts),
        due=earliest.due if earliest else None,
        due_at=earliest.due_at if earliest else None,
        extended_to=earliest.extended_to if earliest else None,
        certain=bool(earliest) and _is_certain(applies, deadline),
        readings=deadline.readings,
        zone=case.zone,
        waits_for=(*deadline.waits_for, *(item for item in applies.unknown if item not in deadline.waits_for)),
    )


def _find_earliest_reading(deadline: DeadlineReadings) -> DeadlineReading | None:
    """Return the reading that counts, the earliest; None where nothing is claimed."""
    readings = [reading for reading in deadline.readings if reading.due is not None] if deadline.is_claimed else []
    return min(readings, key=_order_reading, default=None)


def _order_reading(reading: DeadlineReading) -> tuple[date, bool, float]:
    assert reading.due is not None
    at = reading.due_at
    return (reading.due, at is None, at.timestamp() if at else 0.0)


def _is_certain(applies: Applicability, deadline: DeadlineReadings) -> bool:
    agree = len({(reading.due, reading.due_at) for reading in deadline.readings}) == 1
    return APPLIES[combine_all((applies.holds, deadline.is_certain, agree))] == YES
