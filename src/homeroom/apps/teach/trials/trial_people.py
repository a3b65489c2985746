"""Whom a trial can be about, and what they missed, from resolved evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.apps.platform.districts.evidence_store import fetch_resolved, get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_outlooks import PastOutcome
from homeroom.domain.teach.awareness.trial_plans import TrialPlan

PAST = timedelta(days=730)
"""How far back earlier drills count for what a trial can expect."""
_PEOPLE_SQL = """SELECT id, coalesce(name, ''), lower(email), coalesce(school, ''), coalesce(title, '')
    FROM people WHERE kind = 'staff' AND here AND email IS NOT NULL ORDER BY ALL"""
_OUTCOMES_SQL = """SELECT person, drill, coalesce(lure, ''), missed FROM drill_results
    WHERE person IS NOT NULL AND delivered AND missed IS NOT NULL AND sent_on BETWEEN ? AND ? ORDER BY ALL"""
_LISTED_SQL = """SELECT lower(trim(course)), count(DISTINCT lower(email)) FROM training_records
    WHERE coalesce(kind, 'training') <> 'phishing' AND due_on >= ? AND connector <> 'homeroom' GROUP BY ALL"""


@dataclass(frozen=True, kw_only=True)
class TrialPerson:
    """A person of the staff with an address, by the number of the identity ledger."""

    number: int
    name: str
    email: str
    school: str
    title: str


@dataclass(frozen=True, kw_only=True)
class KnownOutcome:
    """A delivered drill of a person, and whether they missed it."""

    person: int
    drill: str
    lure: str
    missed: bool


def list_staff(*, district: District) -> tuple[TrialPerson, ...]:
    """List the staff that have an address; nobody before the first assessment. Raise QueryTimeout."""
    return tuple(
        TrialPerson(number=number, name=name, email=email, school=school, title=title)
        for number, name, email, school, title in fetch_resolved(get_evidence_store(district=district), _PEOPLE_SQL)
    )


def select_people(staff: Collection[TrialPerson], plan: TrialPlan) -> tuple[TrialPerson, ...]:
    """Return the people whom a plan is about."""
    words = plan.title.casefold()
    return tuple(
        person
        for person in staff
        if (not plan.schools or person.school in plan.schools) and (not words or words in person.title.casefold())
    )


def list_known_outcomes(*, district: District, first: date, last: date) -> tuple[KnownOutcome, ...]:
    """List the known outcomes of drills that were sent from the first to the last day. Raise QueryTimeout."""
    rows = fetch_resolved(get_evidence_store(district=district), _OUTCOMES_SQL, first, last)
    return tuple(
        KnownOutcome(person=person, drill=drill, lure=lure, missed=missed) for person, drill, lure, missed in rows
    )


def list_past_outcomes(*, district: District, people: Collection[TrialPerson], today: date) -> tuple[PastOutcome, ...]:
    """List the known outcomes of these people in drills of the last two years. Raise QueryTimeout."""
    schools = {person.number: person.school for person in people}
    return tuple(
        PastOutcome(
            person=str(outcome.person),
            school=schools[outcome.person],
            cell="\x00".join((outcome.drill, outcome.lure)),
            missed=outcome.missed,
        )
        for outcome in list_known_outcomes(district=district, first=today - PAST, last=today)
        if outcome.person in schools
    )


def count_listed_courses(*, district: District, today: date) -> Mapping[str, int]:
    """Return by course, in lower case, for how many people loaded lists of training have a day by which it is due.

    Days that passed more than a year ago do not count. Raise QueryTimeout.
    """
    rows = fetch_resolved(get_evidence_store(district=district), _LISTED_SQL, today - timedelta(days=365))
    return {course: people for course, people in rows if course}


def get_evidence_day(*, district: District) -> date | None:
    """Return the day of the newest assessment's evidence."""
    derived = get_evidence_store(district=district).get_latest_derived()
    return derived.today if derived else None
