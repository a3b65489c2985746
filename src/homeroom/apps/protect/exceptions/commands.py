"""Create and withdraw risk exceptions; each change writes an audit entry of the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.exceptions.rules import WITHHELD, check_exception
from homeroom.apps.protect.exceptions.scopes import ExceptionScope, ExceptionScopeClass
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Justification


@transaction.atomic
def create_exception(
    *,
    district: District,
    at: datetime,
    today: date,
    actor: str,
    scope: ExceptionScope,
    reason: str,
    owner: str,
    expires_on: date,
    justification: str = Justification.ACCEPTED,
    private: bool = False,
) -> int:
    """Accept what the scope covers through `expires_on`; return the number of the exception.

    A `private` reason is hidden from users who may not change anything, from exports and from the audit trail.

    Raise InvalidRiskException as `check_exception` does.
    """
    check_exception(
        district=district,
        today=today,
        scope=scope,
        justification=justification,
        reason=reason,
        owner=owner,
        expires_on=expires_on,
    )
    row = RiskException.objects.create(  # type: ignore[misc]  # the plugin takes asdict for one column
        district_id=district.pk,
        covers=scope.covers,
        justification=justification,
        reason=reason.strip(),
        owner=owner,
        expires_on=expires_on,
        made_by=actor,
        made_at=at,
        private=private,
        **asdict(scope),
    )
    _record_audit(district=district, at=at, actor=actor, action=scope.create_action, row=row, scope=scope)
    return row.pk


@transaction.atomic
def create_exceptions(*, scopes: Sequence[ExceptionScope], **values: Any) -> tuple[int, ...]:
    """Accept what each scope covers, all or none, as `create_exception` does; return the numbers of the exceptions."""
    return tuple(create_exception(scope=scope, **values) for scope in scopes)


@transaction.atomic
def withdraw_exception(
    *, district: District, at: datetime, actor: str, number: int, scope_class: ExceptionScopeClass
) -> None:
    """Withdraw an exception with that class of scope from now on; a withdrawn one stays unchanged.

    Raise LookupError if there is no such exception.
    """
    rows = RiskException.objects.of(district).filter(pk=number, covers=scope_class.covers)
    row = rows.first()
    if row is None:
        raise LookupError(f"there is no {scope_class.noun} {number}")
    if rows.filter(withdrawn_at=None).update(withdrawn_at=at):
        scope = scope_class(**{field.name: getattr(row, field.name) for field in fields(scope_class)})
        _record_audit(district=district, at=at, actor=actor, action=scope.withdraw_action, row=row, scope=scope)


def _record_audit(
    *, district: District, at: datetime, actor: str, action: str, row: RiskException, scope: ExceptionScope
) -> None:
    """Record what the exception covers, why, until when, and who answers for it, without what is empty."""
    detail = {
        "justification": str(row.justification),
        **scope.get_audit_detail(),
        "until": row.expires_on.isoformat(),
        "owner": row.owner,
        "reason": WITHHELD if row.private else row.reason,
    }
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind=scope.covers,
        subject=scope.get_audit_subject(),
        detail={name: value for name, value in detail.items() if value},
    )
