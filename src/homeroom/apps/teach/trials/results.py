"""The result of a trial, computed once at its end: estimate, interval and verdict, by what the lot gave.

Who was drawn counts in their arm whether they took the training or not, and wherever they work now. Who left or was
erased counts with the drills that are known of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from homeroom.apps.know.inventory.ledger import follow_merges, list_merged
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.apps.teach.trials.trial_people import KnownOutcome, list_known_outcomes
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import DrawnKind, TrialRefused
from homeroom.domain.teach.awareness.trials import Trial, TrialArm, TrialEffect, TrialOutcome
from homeroom.engines.teach.awareness.trial_effect import estimate_trial


def count_known_drills(row: TrainingTrial, *, district: District) -> int:
    """Count the drills of a running trial with an outcome of a member: nothing by arm, so that nobody looks before.

    Raise QueryTimeout.
    """
    return len({outcome.drill for outcome, _ in _list_member_outcomes(row, district=district)})


def compute_result(row: TrainingTrial, *, district: District) -> dict[str, Any]:
    """Return the document of a trial's result. Raise TrialRefused if no drill of it is known, and QueryTimeout."""
    outcomes = _list_member_outcomes(row, district=district)
    if not outcomes:
        raise TrialRefused(
            "end",
            f"no drill between {row.started_on} and {row.ends_on} is loaded with an outcome of a member; "
            "loading the drills and assessing would fit, or canceling the trial",
        )
    draws_people = row.unit == DrawnKind.PERSON
    trial = Trial(
        term=row.public,
        outcomes=tuple(_convert(outcome, member, draws_people=draws_people) for outcome, member in outcomes),
        draws_people=draws_people,
    )
    members = TrialMember.objects.of(district).filter(trial=row)
    return _build_document(
        estimate_trial(trial), drills=len({outcome.drill for outcome, _ in outcomes}), members=members.count()
    )


def _list_member_outcomes(row: TrainingTrial, *, district: District) -> list[tuple[KnownOutcome, TrialMember]]:
    """List the outcomes of members in drills sent after the day of the start, until the end.

    A member who was merged into another person has that one's outcomes; two members who turned out to be one person
    with different arms have none.
    """
    if row.started_on is None:
        return []
    members = _find_members(row, district)
    first = row.started_on + timedelta(days=1)
    outcomes = list_known_outcomes(district=district, first=first, last=row.ends_on)
    return [(outcome, members[outcome.person]) for outcome in outcomes if outcome.person in members]


def _find_members(row: TrainingTrial, district: District) -> dict[int, TrialMember]:
    merged = list_merged(district=district)
    members: dict[int, TrialMember] = {}
    mixed = set()
    for member in TrialMember.objects.of(district).filter(trial=row, person__isnull=False).order_by("pk"):
        number = follow_merges(merged, "person", member.person or 0)
        earlier = members.setdefault(number, member)
        if earlier.arm != member.arm:
            mixed.add(number)
    return {number: member for number, member in members.items() if number not in mixed}


def _convert(outcome: KnownOutcome, member: TrialMember, *, draws_people: bool) -> TrialOutcome:
    person = str(member.pk)
    return TrialOutcome(
        person=person,
        unit=person if draws_people else member.unit,
        stratum=member.stratum,
        cell="\x00".join((outcome.drill, outcome.lure)),
        arm=TrialArm(member.arm),
        missed=outcome.missed,
    )


def _build_document(effect: TrialEffect, *, drills: int, members: int) -> dict[str, Any]:
    """Build the stored document; an interval ends at a difference of all, since no share is beyond."""
    interval = effect.interval
    return {
        "estimate": effect.estimate,
        "low": max(interval.low, -1.0) if interval else None,
        "high": min(interval.high, 1.0) if interval else None,
        "verdict": effect.verdict.value,
        "smallest_detectable": None if effect.smallest_detectable is None else min(effect.smallest_detectable, 1.0),
        "suppressed": effect.suppressed,
        "people": _convert_arms(effect.people),
        "units": _convert_arms(effect.units),
        "drills": drills,
        "members": members,
    }


def _convert_arms(counts: Sequence[int] | None) -> dict[str, int | None]:
    trained, held_out = counts or (None, None)
    return {TrialArm.TRAINED.value: trained, TrialArm.HELD_OUT.value: held_out}
