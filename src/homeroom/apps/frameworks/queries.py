"""Where a district stands under its frameworks, and what is asked of whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.apps.frameworks.known import framework_named, known_frameworks
from homeroom.apps.frameworks.models import Attestation, Proof
from homeroom.apps.posture.queries import Judgement, judgement, results
from homeroom.apps.posture.raising import check_of
from homeroom.apps.posture.tenants import Line, tenant_settings
from homeroom.domain.frameworks import Framework
from homeroom.domain.states import State
from homeroom.engines.frameworks.standing import Check, Said, Standing, standing
from homeroom.library.frameworks import frameworks

WAITING, OVERDUE, HOLDS, EXPIRED = "waiting", "overdue", "holds", "expired"
_ORDER = (OVERDUE, EXPIRED, WAITING, HOLDS)


@dataclass(frozen=True, kw_only=True)
class Under:
    """One framework with the district's standing under it, as of the judgement (None before the first)."""

    framework: Framework
    standing: Standing
    of: Judgement | None


@dataclass(frozen=True, kw_only=True)
class Attested:
    """One question with its answer. `state` is waiting, overdue, holds or expired."""

    id: int
    framework: str
    goal: str
    question: str
    owner: str
    due_on: date
    asked_by: str
    asked_at: datetime
    answer: str
    note: str
    link: str
    private: bool
    answered_by: str
    answered_at: datetime | None
    expires_on: date | None
    state: str
    proofs: tuple[tuple[int, str], ...] = ()


def standings(*, district: Any, at: datetime, today: date) -> tuple[Under, ...]:
    """The standing under every framework. Raises TooSlow where the tenant's settings take too long."""
    return _standings(known_frameworks(district=district), district=district, at=at, today=today)


def standing_under(*, district: Any, framework: str, at: datetime, today: date) -> Under:
    """The standing under one framework. Raises LookupError, naming those there are, and TooSlow."""
    found = framework_named(framework, district=district)
    return _standings([found], district=district, at=at, today=today)[0]


def attestations(
    *, district: Any, today: date, framework: str = "", goal: str = "", owner: str = ""
) -> tuple[Attested, ...]:
    """Questions and answers that were not withdrawn: what is overdue first, then what expired, what waits, what holds."""
    rows = Attestation.objects.of(district).filter(withdrawn_at=None)
    rows = rows.filter(framework=framework) if framework else rows
    rows = rows.filter(goal=goal) if goal else rows
    rows = rows.filter(owner=owner) if owner else rows
    kept = list(rows.order_by("due_on", "pk"))
    proofs: dict[int, list[tuple[int, str]]] = {}
    for pk, of, name in (
        Proof.objects.of(district)
        .filter(attestation__in=kept)
        .order_by("pk")
        .values_list("pk", "attestation_id", "name")
    ):
        proofs.setdefault(of, []).append((pk, name))
    found = [_attested(row, today, tuple(proofs.get(row.pk, ()))) for row in kept]
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.state)))


def _standings(asked: Iterable[Framework], *, district: Any, at: datetime, today: date) -> tuple[Under, ...]:
    of = judgement(district=district)
    judged = results(district=district, of=of) if of else ()
    known = {one.control.id for one in judged}
    lines = tenant_settings(district=district, at=at, today=today).lines
    checks = [
        *(check_of(one, goals=one.control.satisfies) for one in judged),
        *(_policy(line) for line in lines if line.policy.id not in known),  # by hand, or not judged yet
    ]
    said = _said(district, today)
    return tuple(
        Under(
            framework=one,
            of=of,
            standing=standing(
                framework=one.id, goals=one.goals, maps=_maps(one), checks=checks, said=said.get(one.id, {})
            ),
        )
        for one in asked
    )


def _maps(one: Framework) -> Mapping[str, Sequence[str]]:
    """What a framework's goals are answered through. One that a district took in, whatever it calls itself, is answered through the
    shipped one whose goals it takes: a state's profile has the controls of NIST 800-53, to which ours are mapped."""
    if one.same_as:
        return one.same_as
    taken = [shipped.id for shipped in frameworks() if shipped.id != one.id and _takes(one, shipped)]
    return {goal: [f"{name}:{goal}" for name in taken] for goal in one.goals}


def _takes(one: Framework, other: Framework) -> bool:
    """Whether most of the goals whose ids both have are the same by their titles too."""
    common = [goal for goal in one.goals if goal in other.goals]
    same = sum(one.goals[goal].casefold() == other.goals[goal].casefold() for goal in common)
    return bool(common) and 2 * same >= len(common)


def _policy(line: Line) -> Check:
    """A policy over a tenant's units. What is by hand is nobody's measure."""
    counts = {} if line.by_hand else line.counts
    return Check(
        id=f"{line.policy.id}@{line.tenant}",
        title=line.policy.title,
        goals=line.policy.satisfies,
        passing=counts.get(State.PASS, 0),
        failing=counts.get(State.FAIL, 0),
        cannot_tell=counts.get(State.CANNOT_TELL, 0),
        excepted=counts.get(State.EXCEPTED, 0),
        minutes=line.policy.minutes,
        policy=True,
    )


def _said(district: Any, today: date) -> dict[str, dict[str, Said]]:
    """The answers that hold today, the newest of each goal, by framework and goal."""
    rows = Attestation.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today).exclude(answer="")
    found: dict[str, dict[str, Said]] = {}
    for framework, goal, word in rows.order_by("answered_at", "pk").values_list("framework", "goal", "answer"):
        found.setdefault(framework, {})[goal] = Said(word)
    return found


def _attested(row: Attestation, today: date, proofs: tuple[tuple[int, str], ...]) -> Attested:
    if row.answer:
        state = HOLDS if row.expires_on and row.expires_on >= today else EXPIRED
    else:
        state = OVERDUE if row.due_on < today else WAITING
    return Attested(
        id=row.pk,
        framework=row.framework,
        goal=row.goal,
        question=row.question,
        owner=row.owner,
        due_on=row.due_on,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        answer=row.answer,
        note=row.note,
        link=row.link,
        private=row.private,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        expires_on=row.expires_on,
        state=state,
        proofs=proofs,
    )
