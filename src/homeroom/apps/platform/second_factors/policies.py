"""What a district requires of its office: a second step at sign-in, and whether its provider's own counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.second_factors.models import SecondFactorPolicy
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class FactorPolicy:
    """`is_required` of everybody in the office; `provider_counts` if Google or Microsoft asks for a second step."""

    is_required: bool = False
    provider_counts: bool = False


def get_policy(*, district: District) -> FactorPolicy:
    """Return what a district requires; nothing until its director requires something."""
    rows = SecondFactorPolicy.objects.of(district).values("is_required", "provider_counts")  # at most one
    return next((FactorPolicy(**row) for row in rows), FactorPolicy())


@transaction.atomic
def set_policy(*, district: District, policy: FactorPolicy, actor: str, at: datetime) -> None:
    """Set what a district requires."""
    values = {"is_required": policy.is_required, "provider_counts": policy.provider_counts}
    SecondFactorPolicy.objects.of(district).update_or_create(
        district_id=district.pk, defaults={**values, "changed_at": at, "changed_by": actor}
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="set 2-step verification",
        subject_kind="sign-in",
        subject="2-step verification",
        detail={"required": policy.is_required, "provider_counts": policy.provider_counts},
    )
