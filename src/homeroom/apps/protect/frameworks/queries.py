"""Queries for the district's compliance with its frameworks, and for its attestations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.protect.frameworks.catalog import get_framework, list_frameworks
from homeroom.apps.protect.frameworks.models import Attestation, Proof
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.published.improvements import build_check
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    AssessmentRef,
    get_published_assessment,
    list_control_results,
)
from homeroom.apps.protect.posture.tenants.settings import PolicyResult, evaluate_tenant_settings
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.frameworks import Framework
from homeroom.engines.protect.frameworks.compliance import (
    AttestationAnswer,
    ComplianceCheck,
    ComplianceResult,
    compute_compliance,
    index_checks,
)
from homeroom.library.comply.laws.law_frameworks import map_proofs
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.frameworks import load_frameworks

WAITING, OVERDUE, HOLDS, EXPIRED = "waiting", "overdue", "holds", "expired"
_ORDER = (OVERDUE, EXPIRED, WAITING, HOLDS)


@dataclass(frozen=True, kw_only=True)
class FrameworkCompliance:
    """The district's compliance with one framework. `assessment` is None before the first assessment."""

    framework: Framework
    result: ComplianceResult
    assessment: AssessmentRef | None

    @property
    def has_failing_checks(self) -> bool:
        """Whether anything fails, without which there is no plan of action."""
        return any(check.failing for goal in self.result.goals for check in goal.checks)


@dataclass(frozen=True, kw_only=True)
class AttestationView:
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


def list_compliance(*, district: District, at: datetime, today: date) -> tuple[FrameworkCompliance, ...]:
    """Return the compliance with every framework. Raise QueryTimeout if the tenant settings take too long."""
    return list_compliance_with(list_frameworks(district=district, today=today), district=district, at=at, today=today)


def get_compliance(*, district: District, framework: str, at: datetime, today: date) -> FrameworkCompliance:
    """Return the compliance with one framework.

    Raise LookupError, which lists the available ones, and QueryTimeout.
    """
    definition = get_framework(framework, district=district, today=today)
    return list_compliance_with([definition], district=district, at=at, today=today)[0]


def list_attestations(
    *, district: District, today: date, framework: str = "", goal: str = "", owner: str = ""
) -> tuple[AttestationView, ...]:
    """Return questions that were not withdrawn: first overdue, then expired, waiting, and current ones."""
    rows = Attestation.objects.of(district).filter(withdrawn_at=None)
    rows = rows.filter(framework=framework) if framework else rows
    rows = rows.filter(goal=goal) if goal else rows
    rows = rows.filter(owner=owner) if owner else rows
    attestation_rows = list(rows.order_by("due_on", "pk"))
    proofs: dict[int, list[tuple[int, str]]] = {}
    for pk, attestation_id, name in (
        Proof.objects.of(district)
        .filter(attestation__in=attestation_rows)
        .order_by("pk")
        .values_list("pk", "attestation_id", "name")
    ):
        proofs.setdefault(attestation_id, []).append((pk, name))
    views = [_build_attestation_view(row, today, tuple(proofs.get(row.pk, ()))) for row in attestation_rows]
    return tuple(sorted(views, key=lambda view: _ORDER.index(view.state)))


def list_compliance_with(
    definitions: Iterable[Framework], *, district: District, at: datetime, today: date
) -> tuple[FrameworkCompliance, ...]:
    """Return the compliance with some frameworks. Raise QueryTimeout if the tenant settings take too long."""
    mappings = [(item, _build_goal_mapping(item)) for item in definitions]
    references = frozenset(_iter_references(mappings))
    assessment = get_published_assessment(district=district)
    checks = index_checks(_list_checks(references, assessment, district=district, at=at, today=today))
    answers = _load_answers(district, today)
    return tuple(
        FrameworkCompliance(
            framework=item,
            assessment=assessment,
            result=compute_compliance(
                framework=item.id,
                goals=item.goals,
                mappings=mapping,
                checks=checks,
                answers=answers.get(item.id, {}),
            ),
        )
        for item, mapping in mappings
    )


def _iter_references(
    mappings: Iterable[tuple[Framework, Mapping[str, Sequence[str]]]],
) -> Iterator[str]:
    """Yield the framework:goal that a check may name to count for one of the goals."""
    for item, mapping in mappings:
        for goal in item.goals:
            yield f"{item.id}:{goal}"
            yield from mapping.get(goal, ())


def _list_checks(
    references: frozenset[str], assessment: AssessmentRef | None, *, district: District, at: datetime, today: date
) -> list[ComplianceCheck]:
    """Return the checks that may count: of controls as they were assessed, and of policies that no assessment has.

    The tenant settings are evaluated only if a policy may count: no law names one.
    """
    proofs = map_proofs(list_laws(district=district).values())
    may_policy_count = any(not references.isdisjoint(policy.satisfies) for policy in load_policies())
    results: Sequence[AssessedControl] = ()
    if assessment is not None:
        controls = None if may_policy_count else _list_controls(references, proofs)
        results = list_control_results(district=district, assessment=assessment, controls=controls)
    checks = [build_check(item, goals=(*item.control.satisfies, *proofs.get(item.control.id, ()))) for item in results]
    if not may_policy_count:
        return checks
    assessed_ids = {item.control.id for item in results}
    lines = evaluate_tenant_settings(district=district, at=at, today=today).lines
    # Those that are checked by hand, or not judged yet.
    return [*checks, *(_build_policy_check(line) for line in lines if line.policy.id not in assessed_ids)]


def _list_controls(references: frozenset[str], proofs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the ids of the controls that may count."""
    return [
        control.id
        for control in load_all_controls().values()
        if not references.isdisjoint((*control.satisfies, *proofs.get(control.id, ())))
    ]


def _build_goal_mapping(definition: Framework) -> Mapping[str, Sequence[str]]:
    """Return the control references by goal.

    An imported framework takes those of the built-in framework with the same goals, whatever its id: a state's profile
    has the controls of NIST 800-53, which the controls are mapped to.
    """
    if definition.same_as:
        return definition.same_as
    matching = [
        shipped.id
        for shipped in load_frameworks()
        if shipped.id != definition.id and _has_same_goals(definition, shipped)
    ]
    return {goal: [f"{name}:{goal}" for name in matching] for goal in definition.goals}


def _has_same_goals(definition: Framework, builtin: Framework) -> bool:
    """Return whether most of the goals that both frameworks have also have the same titles."""
    common = [goal for goal in definition.goals if goal in builtin.goals]
    same = sum(definition.goals[goal].casefold() == builtin.goals[goal].casefold() for goal in common)
    return bool(common) and 2 * same >= len(common)


def _build_policy_check(line: PolicyResult) -> ComplianceCheck:
    """Build the check of a policy over a tenant's units. A manual policy has no counts."""
    counts = {} if line.by_hand else line.counts
    return ComplianceCheck(
        id=f"{line.policy.id}@{line.tenant}",
        title=line.policy.title,
        problem=line.problem,
        goals=line.policy.satisfies,
        passing=counts.get(State.PASS, 0),
        failing=counts.get(State.FAIL, 0),
        cannot_tell=counts.get(State.CANNOT_TELL, 0),
        excepted=counts.get(State.EXCEPTED, 0),
        minutes=line.policy.minutes,
        policy=True,
    )


def _load_answers(district: District, today: date) -> dict[str, dict[str, AttestationAnswer]]:
    """Return the current answers, the newest per goal, by framework and goal."""
    rows = Attestation.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today).exclude(answer="")
    answers: dict[str, dict[str, AttestationAnswer]] = {}
    for framework, goal, choice in rows.order_by("answered_at", "pk").values_list("framework", "goal", "answer"):
        answers.setdefault(framework, {})[goal] = AttestationAnswer(choice)
    return answers


def _build_attestation_view(row: Attestation, today: date, proofs: tuple[tuple[int, str], ...]) -> AttestationView:
    if row.answer:
        state = HOLDS if row.expires_on and row.expires_on >= today else EXPIRED
    else:
        state = OVERDUE if row.due_on < today else WAITING
    return AttestationView(
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
