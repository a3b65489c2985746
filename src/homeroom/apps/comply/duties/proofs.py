"""What shows that duties are met: controls that answer them, attestations, and what other apps can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from homeroom.apps.comply.laws.proof_sources import list_source_proofs
from homeroom.apps.protect.frameworks.queries import (
    HOLDS,
    AttestationView,
    list_attestations,
    list_compliance_with,
)
from homeroom.domain.comply.laws.duties import DutyProof, ProofKind
from homeroom.domain.comply.laws.law import Law
from homeroom.domain.platform.district import District
from homeroom.engines.protect.frameworks.compliance import AttestationAnswer, ComplianceCheck
from homeroom.library.comply.laws.law_frameworks import convert_law


def collect_proofs(
    *, district: District, laws: Sequence[Law], at: datetime, today: date
) -> Mapping[str, tuple[DutyProof, ...]]:
    """Return the proofs of each duty, by law:duty. Raise QueryTimeout if the tenant settings take too long."""
    attestations: dict[str, list[AttestationView]] = {}
    for view in list_attestations(district=district, today=today):
        attestations.setdefault(f"{view.framework}:{view.goal}", []).append(view)
    frameworks = [convert_law(law) for law in laws]
    others = list_source_proofs(district=district, at=at)
    proofs: dict[str, tuple[DutyProof, ...]] = {}
    for compliance in list_compliance_with(frameworks, district=district, at=at, today=today):
        for goal in compliance.result.goals:
            name = f"{compliance.framework.id}:{goal.id}"
            judged_on = compliance.assessment.today if compliance.assessment else None
            checks = [_convert_check(check, judged_on) for check in goal.checks]
            proofs[name] = (*checks, *others.get(name, ()), *_iter_attestations(attestations.get(name, ())))
    return proofs


def _convert_check(check: ComplianceCheck, judged_on: date | None) -> DutyProof:
    """Return a control as proof: it holds if nobody fails and nobody is unknown."""
    holds = None
    if check.is_assessed:
        holds = False if check.failing or check.excepted else (None if check.cannot_tell else True)
    return DutyProof(
        kind=ProofKind.CONTROL,
        id=check.id,
        title=check.title,
        holds=holds,
        on=judged_on,
        note=check.problem if check.failing else "",
    )


def _iter_attestations(views: Sequence[AttestationView]) -> Iterator[DutyProof]:
    """Yield the newest answer that has not expired, then open questions and answers that expired."""
    holding = [view for view in views if view.state == HOLDS]
    newest = max(holding, key=lambda view: (view.answered_at is not None and view.answered_at, view.id), default=None)
    for view in views:
        if view.state == HOLDS and view is not newest:
            continue
        is_current, takes_out = view is newest, view.answer == AttestationAnswer.OUT
        yield DutyProof(
            kind=ProofKind.ATTESTATION,
            id=str(view.id),
            title=view.question,
            holds=view.answer == AttestationAnswer.YES if is_current and not takes_out else None,
            takes_out=is_current and takes_out,
            on=view.answered_at.date() if view.answered_at else None,
            until=view.expires_on,
            due_on=None if view.answer else view.due_on,
            by=view.owner,
            note=str(view.answer),
        )
