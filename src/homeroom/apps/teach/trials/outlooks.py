"""What a district could see by a trial, before it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.teach.trials.trial_people import TrialPerson, list_past_outcomes, list_staff, select_people
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.domain.teach.awareness.lots import DrawnUnit, LotRefused, LotUnit
from homeroom.domain.teach.awareness.trial_outlooks import ExpectedOutcomes
from homeroom.domain.teach.awareness.trial_plans import DrawnKind, TrialPlan, TrialRefused, TrialStrata
from homeroom.domain.teach.awareness.trials import TrialArm
from homeroom.engines.teach.awareness.detectable import (
    compute_people_detectable,
    compute_schools_detectable,
    estimate_expected,
)
from homeroom.engines.teach.awareness.lots import draw_lot

LARGER, SMALLER = "larger schools", "smaller schools"


@dataclass(frozen=True, kw_only=True)
class DrawnPerson:
    """A person with what the lot gave their unit."""

    person: TrialPerson
    drawn: DrawnUnit


@dataclass(frozen=True, kw_only=True)
class TrialOutlook:
    """What a trial could see: the smallest difference that is found in four of five trials, as a share of 1.

    None if no difference could ever be found. `without_school` are people who are left out since schools are drawn.
    """

    people: int
    units: int
    held_out: int
    strata: int
    without_school: int
    detectable: float | None
    expected: ExpectedOutcomes

    def build_document(self) -> dict[str, Any]:
        """Build the document that is stored at the start and that JSON shows."""
        return {
            "people": self.people,
            "units": self.units,
            "held_out": self.held_out,
            "strata": self.strata,
            "without_school": self.without_school,
            "smallest_detectable": self.detectable,
            "rate": self.expected.rate,
            "person_correlation": self.expected.person_correlation,
            "school_correlation": self.expected.school_correlation,
            "from_drills": self.expected.drills,
        }


def draw_people(plan: TrialPlan, *, district: District, seed: str) -> tuple[DrawnPerson, ...]:
    """Draw the people of a plan as of now. Raise TrialRefused if an arm would be too small, and QueryTimeout."""
    people = [
        person
        for person in select_people(list_staff(district=district), plan)
        if person.school or plan.unit is DrawnKind.PERSON
    ]
    try:
        lot = {unit.name: unit for unit in draw_lot(_list_units(people, plan), seed=seed, percent=plan.percent)}
    except LotRefused as error:
        raise TrialRefused("percent", str(error)) from None
    drawn = tuple(DrawnPerson(person=person, drawn=lot[get_unit_name(person, plan.unit)]) for person in people)
    arms = Counter(item.drawn.arm for item in drawn)
    if min(arms[arm] for arm in TrialArm) < MIN_COUNT:
        raise TrialRefused(
            "percent",
            f"an arm would have fewer than {MIN_COUNT} people, of whom nothing is ever shown; more people or another "
            "share would fit",
        )
    return drawn


def compute_outlook(plan: TrialPlan, drawn: Sequence[DrawnPerson], *, district: District, today: date) -> TrialOutlook:
    """Return what a trial of these people could see. Raise QueryTimeout."""
    chosen = select_people(list_staff(district=district), plan)
    expected = estimate_expected(list_past_outcomes(district=district, people=chosen, today=today))
    units = {item.drawn.name: item.drawn for item in drawn}
    held_out = sum(unit.arm is TrialArm.HELD_OUT for unit in units.values())
    arms = Counter((unit.stratum, unit.arm) for unit in units.values())
    strata = {unit.stratum for unit in units.values()}
    if plan.unit is DrawnKind.PERSON:
        detectable = compute_people_detectable(
            people=len(units), held_out=held_out, drills=plan.drills, expected=expected
        )
    else:
        detectable = compute_schools_detectable(
            people=tuple(Counter(item.drawn.name for item in drawn).values()),
            strata={name: (arms[name, TrialArm.TRAINED], arms[name, TrialArm.HELD_OUT]) for name in strata},
            drills=plan.drills,
            expected=expected,
        )
    return TrialOutlook(
        people=len(drawn),
        units=len(units),
        held_out=held_out,
        strata=len(strata),
        without_school=len(chosen) - len(drawn),
        detectable=detectable,
        expected=expected,
    )


def get_unit_name(person: TrialPerson, unit: DrawnKind) -> str:
    """Return the name by which a person's unit is drawn: the person's public id, or the school."""
    return person.school if unit is DrawnKind.SCHOOL else format_public_id("person", person.number)


def _list_units(people: Sequence[TrialPerson], plan: TrialPlan) -> list[LotUnit]:
    if plan.unit is DrawnKind.PERSON:
        is_by_school = plan.strata is TrialStrata.SCHOOL
        return [
            LotUnit(name=get_unit_name(person, plan.unit), stratum=person.school if is_by_school else "")
            for person in people
        ]
    sizes = Counter(person.school for person in people)
    if plan.strata is not TrialStrata.SIZE:
        return [LotUnit(name=school) for school in sizes]
    by_size = sorted(sizes, key=lambda school: (sizes[school], school))
    half = len(by_size) // 2
    return [LotUnit(name=school, stratum=LARGER if n >= half else SMALLER) for n, school in enumerate(by_size)]
