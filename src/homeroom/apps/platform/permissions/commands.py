"""Grant a permission of the table to a role, and revoke the grant. Each change is in the audit trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.permissions.models import Grant
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import list_grantable


class GrantRefused(ValueError):
    """A permission cannot be granted or revoked like that; the message has what would fit."""


@transaction.atomic
def grant_permission(*, district: District, role: str, permission: str, actor: str, at: datetime) -> bool:
    """Grant a permission to a role of the district; return False if it was granted already.

    Raise GrantRefused, naming what can be granted, for what the table does not let a director grant.
    """
    _check_grantable(role=role, permission=permission)
    _row, is_new = Grant.objects.of(district).get_or_create(
        district_id=district.pk,
        role=role,
        permission=permission,
        defaults={"granted_by": actor, "granted_at": at},
    )
    if is_new:
        _record(district, action="grant permission", role=role, permission=permission, actor=actor, at=at)
    return is_new


@transaction.atomic
def revoke_permission(*, district: District, role: str, permission: str, actor: str, at: datetime) -> bool:
    """Revoke what was granted to a role of the district; return False if it was not granted.

    Raise GrantRefused, naming what can be revoked, for what the table does not let a director grant.
    """
    _check_grantable(role=role, permission=permission)
    deleted, _by_model = Grant.objects.of(district).filter(role=role, permission=permission).delete()
    if deleted:
        _record(district, action="revoke permission", role=role, permission=permission, actor=actor, at=at)
    return bool(deleted)


def _check_grantable(*, role: str, permission: str) -> None:
    grantable = list_grantable()
    if (permission, role) not in grantable:
        fitting = ", ".join(f"{name} to {other}" for name, other in grantable)
        raise GrantRefused(
            gettext("%(permission)s cannot be granted to %(role)s; a director can grant %(fitting)s.")
            % {"permission": permission[:60], "role": role[:20], "fitting": fitting}
        )


def _record(district: District, *, action: str, role: str, permission: str, actor: str, at: datetime) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="permission",
        subject=permission,
        detail={"role": role},
    )
