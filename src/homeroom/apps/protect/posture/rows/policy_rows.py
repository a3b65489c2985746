"""Rows behind a policy's number: units, groups and elements of tenants, with current and expected values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext

from homeroom.apps.protect.posture.catalog.controls import PLACE
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.rows.page import EvidencePage, EvidenceRow
from homeroom.apps.protect.posture.tenants.policy_findings import hash_target_id
from homeroom.apps.protect.posture.tenants.settings import (
    K12_PROFILE,
    PolicyResult,
    PolicyTarget,
    evaluate_tenant_settings,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State


def list_policy_rows_in_state(
    *, district: District, assessment: AssessmentRef, policy: str, state: str, after: int, limit: int
) -> EvidencePage:
    """Return the next targets in a state under a policy, by tenant and name.

    Raise QueryTimeout.
    """
    targets = [
        (line, target) for line, target in _iter_targets(district, assessment, policy) if target.state is State(state)
    ]
    return _build_page(targets, after=after, limit=limit)


def list_policy_rows(
    *,
    district: District,
    assessment: AssessmentRef,
    policy: str,
    subjects: Sequence[int],
    after: int = -1,
    limit: int | None = None,
) -> EvidencePage:
    """Return the next of the given targets, with their current settings.

    Raise QueryTimeout.
    Targets that no longer exist are left out.
    """
    subject_set = set(subjects)
    targets = [
        (line, target)
        for line, target in _iter_targets(district, assessment, policy)
        if hash_target_id(line, target) in subject_set
    ]
    return _build_page(targets, after=after, limit=limit)


def _iter_targets(
    district: District, assessment: AssessmentRef, policy: str
) -> Iterator[tuple[PolicyResult, PolicyTarget]]:
    settings = evaluate_tenant_settings(
        district=district, at=assessment.at, today=assessment.today, profile=K12_PROFILE
    )
    for line in (line for line in settings.lines if line.policy.id == policy):
        yield from ((line, target) for target in sorted(line.where, key=lambda item: item.name))


def _build_page(targets: Sequence[tuple[PolicyResult, PolicyTarget]], *, after: int, limit: int | None) -> EvidencePage:
    numbers = [hash_target_id(line, target) for line, target in targets]
    begin = numbers.index(after) + 1 if after in numbers else 0
    end = len(targets) if limit is None else begin + limit
    rows = tuple(_build_row(line, target) for line, target in targets[begin:end])
    next_key = rows[-1].subject if rows and end < len(targets) else None
    titles = (gettext("Where"), gettext("Tenant"), gettext("What was found"), gettext("What would fit"))
    return EvidencePage(titles=titles, rows=rows, after=next_key, students=0, private=(False,) * len(titles))


def _build_row(line: PolicyResult, target: PolicyTarget) -> EvidenceRow:
    current_values = "; ".join(f"{setting}: {current_values}" for setting, current_values, _ in target.details)
    fits = "; ".join(dict.fromkeys(fits for _, _, fits in target.details))
    return EvidenceRow(
        public=line.policy.id,
        subject=hash_target_id(line, target),
        kind=PLACE,
        cells=(target.name, line.tenant, current_values or target.because or None, fits or None),
    )
