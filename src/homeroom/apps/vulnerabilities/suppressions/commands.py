"""Suppress vulnerabilities for a while, and withdraw suppressions; each change writes an audit entry.

A suppression needs a justification, an owner and an expiry date.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.districts.queries import list_members
from homeroom.apps.vulnerabilities.models import Suppression
from homeroom.apps.vulnerabilities.suppressions.preview import SuppressionPreview, preview_suppression
from homeroom.domain.district import District
from homeroom.domain.ids import format_public_id
from homeroom.domain.suppressions import Justification, Scope
from homeroom.evidence.loads.store import EvidenceStore

MAX_DURATION = timedelta(days=366)
MIN_REASON_LENGTH = 10
WITHHELD = "withheld"
"""What the audit trail and exports have instead of a private reason; the suppression itself has the text."""


class InvalidSuppression(ValueError):
    """The suppression is not valid; the message states what would be."""


def create_suppression(
    *,
    district: District,
    store: EvidenceStore,
    at: datetime,
    today: date,
    actor: str,
    justification: str,
    reason: str,
    owner: str,
    expires_on: date,
    thing: str = "",
    cve: str = "",
    scope: str = Scope.EVERYWHERE,
    value: str = "",
    device: int | None = None,
    private: bool = False,
) -> int:
    """Suppress the named vulnerabilities on the devices of the scope through `expires_on`; return the number.

    A `private` reason is hidden from users who may not change anything, from exports and from the audit trail.

    Raise InvalidSuppression if it names neither a product nor a CVE, if scope and value do not fit one another, if no
    device has what it names today, without a reason in words, an owner of this district or a day from tomorrow to a
    year from now. Raise NothingDerived and QueryTimeout as `preview_suppression` does.
    """
    thing, cve = thing.strip(), cve.strip()
    cve = cve.upper() if cve.lower().startswith("cve-") else cve
    _check_target(thing, cve, scope, value, device, justification)
    _check_owner(district, reason, owner, expires_on, today)
    _check_preview(
        preview_suppression(store=store, product=thing, cve=cve, scope=scope, value=value, device=device), thing or cve
    )
    with transaction.atomic():
        row = Suppression.objects.create(
            district_id=district.pk,
            justification=justification,
            thing=thing,
            cve=cve,
            scope=scope,
            value=value.strip(),
            device=device,
            reason=reason.strip(),
            owner=owner,
            expires_on=expires_on,
            made_by=actor,
            made_at=at,
            private=private,
        )
        _record_audit(district=district, at=at, actor=actor, action="suppress flaws", row=row)
        return row.pk


@transaction.atomic
def withdraw_suppression(*, district: District, at: datetime, actor: str, number: int) -> None:
    """Withdraw a suppression from now on; one that is withdrawn already stays unchanged.

    Raise LookupError if there is no such suppression.
    """
    row = Suppression.objects.of(district).filter(pk=number).first()
    if row is None:
        raise LookupError(f"there is no suppression {number}")
    if Suppression.objects.of(district).filter(pk=number, withdrawn_at=None).update(withdrawn_at=at):
        _record_audit(district=district, at=at, actor=actor, action="withdraw suppression", row=row)


def _check_target(product: str, cve: str, scope: str, value: str, device: int | None, justification: str) -> None:
    if not product and not cve:
        raise InvalidSuppression("names no flaw; a product, a CVE or both would fit")
    if justification not in set(Justification):
        raise InvalidSuppression(f"{justification!r}; {', '.join(Justification)} would fit")
    if scope not in set(Scope):
        raise InvalidSuppression(f"{scope!r}; {', '.join(Scope)} would fit")
    if (scope == Scope.DEVICE) != (device is not None):
        raise InvalidSuppression("one device is named by its id, and only where the scope is device")
    if (scope in (Scope.EVERYWHERE, Scope.DEVICE)) == bool(value.strip()):
        raise InvalidSuppression(
            f"a {scope} with {value!r}; a school, unit, cart or class needs its name, the others none"
        )


def _check_preview(preview: SuppressionPreview, named: str) -> None:
    if not preview.flaws:
        raise InvalidSuppression(
            f"{named}: no such flaw or product is among what was found; homeroom vulnerabilities lists them"
        )
    if not preview.devices:
        raise InvalidSuppression(f"{named}: no device of that scope has it")


def _check_owner(district: District, reason: str, owner: str, expires_on: date, today: date) -> None:
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise InvalidSuppression("a suppression needs a reason in a sentence")
    if owner not in {name for name, _, _ in list_members(district=district)}:
        raise InvalidSuppression(f"{owner!r} is nobody of this district; who answers for it has to be somebody of it")
    if not today < expires_on <= today + MAX_DURATION:
        raise InvalidSuppression(f"{expires_on}; a day from tomorrow to {today + MAX_DURATION} would fit")


def _record_audit(*, district: District, at: datetime, actor: str, action: str, row: Suppression) -> None:
    detail = {
        "justification": row.justification,
        "thing": row.thing,
        "cve": row.cve,
        "scope": row.scope,
        "value": row.value or (format_public_id("device", row.device) if row.device is not None else ""),
        "until": row.expires_on.isoformat(),
        "owner": row.owner,
        "reason": WITHHELD if row.private else row.reason,
    }
    filled_detail = {name: value for name, value in detail.items() if value}
    subject = (row.cve or row.thing)[:80]
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="vulnerability",
        subject=subject,
        detail=filled_detail,
    )
