"""Entries in the audit trail about users: in each district of the user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_memberships
from homeroom.domain.platform.district import District


def record_user_entry(
    *,
    user: Any,
    actor: str,
    action: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    district: District | None = None,
) -> None:
    """Record an action about a user in the trail of each of their districts, or of one. Call it in its transaction."""
    for membership in sorted(list_memberships(user=user), key=lambda item: item.district.pk):  # locks in one order
        if district is None or membership.district.pk == district.pk:
            record_audit_entry(
                district=membership.district,
                at=at,
                actor=actor,
                action=action,
                subject_kind="user",
                subject=user.get_username()[:80],
                detail=detail,
            )
