"""The day by which a request is answered: of all laws that apply or may apply, the earliest counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.apps.comply.duties.queries import load_school_days
from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.domain.comply.laws.cases import CANNOT_TELL, NO, ClockAnswer, ClockCase, SchoolDayList
from homeroom.domain.comply.laws.clocks import MomentClock, list_starts
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.comply.laws.moments import parse_moment
from homeroom.domain.comply.privacy.requests import MOMENTS, REQUESTED, RequestKind
from homeroom.domain.platform.district import District
from homeroom.engines.comply.laws.answers import answer_duty

_WORDS: Mapping[RequestKind, tuple[str, ...]] = {
    RequestKind.ACCESS: ("access", "inspect"),
    RequestKind.AMENDMENT: ("amend", "correct"),
    RequestKind.OPT_OUT: ("opt-out", "opt out"),
    RequestKind.DESTRUCTION: ("destr", "delet", "eras"),
    RequestKind.COMPLAINT: ("complain",),
}
"""Words of a duty's id and trigger that restrict it to a kind of request.

A duty in days without any counts for each kind, one without a number for none.
"""


_FAMILY = ("parent", "student", "guardian", "family", "families")
"""Words of whom a duty is owed to, so that it counts for the requests of families."""


@dataclass(frozen=True, kw_only=True)
class RequestDeadline:
    """When a duty of a law is due for a request. `due` is None where nothing can be counted."""

    duty: str
    title: str
    law: str
    citation: str
    applies: str
    due: date | None
    extended_to: date | None
    is_certain: bool
    because: tuple[str, ...]
    waits_for: tuple[str, ...]

    @property
    def may_apply(self) -> bool:
        """True where facts that are not known decide whether the law applies."""
        return self.applies == CANNOT_TELL


@dataclass(frozen=True, kw_only=True)
class DeadlineRules:
    """What deadlines are counted with: laws by id, what the district is, its school days and its time zone."""

    laws: Mapping[str, Law]
    facts: Mapping[str, Any]
    zone: ZoneInfo
    today: date
    school_days: SchoolDayList | None = None


def load_deadline_rules(*, district: District, today: date) -> DeadlineRules:
    """Return what the deadlines of a district are counted with; facts that nobody stated are unknown."""
    return DeadlineRules(
        laws=list_laws(district=district),
        facts=load_fact_values(district=district),
        zone=ZoneInfo(district.timezone),
        today=today,
        school_days=load_school_days(district),
    )


def list_deadlines(rules: DeadlineRules, *, kind: str, received_on: date) -> tuple[RequestDeadline, ...]:
    """Return the deadlines of a request, the earliest first; duties that do not apply are left out."""
    request_kind = RequestKind(kind)
    moment = MOMENTS.get(request_kind, REQUESTED)
    deadlines = [
        _build_deadline(law, duty, answer)
        for law, duty in _iter_duties(rules.laws.values(), request_kind, moment)
        if (answer := _answer(rules, law, duty, moment, received_on)).applies != NO
    ]
    return tuple(sorted(deadlines, key=lambda line: (line.due or date.max, line.duty)))


def find_due(deadlines: Iterable[RequestDeadline]) -> RequestDeadline | None:
    """Return the earliest deadline that has a day, or None."""
    return next((line for line in deadlines if line.due is not None), None)


def list_request_duties(laws: Mapping[str, Law], kind: RequestKind) -> tuple[str, ...]:
    """Return the duties that a kind of request starts, as law:duty, whether they apply or not."""
    moment = MOMENTS.get(kind, REQUESTED)
    return tuple(f"{law.id}:{duty.id}" for law, duty in _iter_duties(laws.values(), kind, moment))


def _iter_duties(laws: Iterable[Law], kind: RequestKind, moment: str) -> Iterable[tuple[Law, LawDuty]]:
    for law in laws:
        for duty in law.duties:
            if moment in list_starts(duty.clock) and _applies_to_kind(duty, kind):
                yield law, duty


def _applies_to_kind(duty: LawDuty, kind: RequestKind) -> bool:
    """Check that a duty is owed to a family for this kind of request; public records are owed to others."""
    if not any(word in duty.to.casefold() for word in _FAMILY):
        return False
    text = f"{duty.id} {duty.trigger}".casefold()
    kinds = {named for named, words in _WORDS.items() if any(word in text for word in words)}
    return kind in kinds or (not kinds and isinstance(duty.clock, MomentClock))


def _answer(rules: DeadlineRules, law: Law, duty: LawDuty, moment: str, day: date) -> ClockAnswer:
    case = ClockCase(
        id="request",
        duty=f"{law.id}:{duty.id}",
        today=rules.today,
        facts=rules.facts,
        moments={moment: parse_moment(moment, day.isoformat(), zone=rules.zone)},
        zone=rules.zone,
        school_days=rules.school_days,
    )
    return answer_duty(case, law, duty, laws=rules.laws)


def _build_deadline(law: Law, duty: LawDuty, answer: ClockAnswer) -> RequestDeadline:
    return RequestDeadline(
        duty=answer.duty,
        title=duty.title,
        law=law.title,
        citation=duty.citation,
        applies=answer.applies,
        due=answer.due,
        extended_to=answer.extended_to,
        is_certain=answer.certain,
        because=answer.because,
        waits_for=answer.waits_for,
    )
