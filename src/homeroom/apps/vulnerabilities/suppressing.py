"""Letting flaws stand for a while, and taking that back: a justification, an owner and an expiry, and an audit entry each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.queries import members
from homeroom.apps.vulnerabilities.aiming import Aim, aim
from homeroom.apps.vulnerabilities.models import Suppression
from homeroom.domain.excepting import Justification, Scope
from homeroom.domain.ids import public_id
from homeroom.evidence.store import Store

LONGEST = timedelta(days=366)
LEAST_REASON = 10
WITHHELD = "withheld"
"""What the trail and exports keep of a reason that is marked private: the suppression itself keeps the words."""


class NotSuppressed(ValueError):
    """The suppression does not hold together; the text says what would."""


def suppress(
    *,
    district: Any,
    store: Store,
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
    """Lets the named flaws stand on the devices of the scope until and with `expires_on`; gives the number.
    A `private` reason is kept from who may not change anything, from exports and from the audit trail.

    Raises NotSuppressed where it names neither a thing nor a CVE, where scope and value do not fit one another, where no
    device has what it names today, without a reason in words, an owner of this district or a day from tomorrow to a year
    from now. Raises NothingDerived and TooSlow as `aim` does.
    """
    thing, cve = thing.strip(), cve.strip()
    cve = cve.upper() if cve.lower().startswith("cve-") else cve
    _names(thing, cve, scope, value, device, justification)
    _answered_for(district, reason, owner, expires_on, today)
    _hits(aim(store=store, thing=thing, cve=cve, scope=scope, value=value, device=device), thing or cve)
    with transaction.atomic():
        row = Suppression.objects.create(
            district=district,
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
        _record(district=district, at=at, actor=actor, action="suppress flaws", row=row)
        return row.pk


@transaction.atomic
def withdraw(*, district: Any, at: datetime, actor: str, number: int) -> None:
    """Takes a suppression back from now on; one that is withdrawn already stays as it is. Raises LookupError for none."""
    row = Suppression.objects.of(district).filter(pk=number).first()
    if row is None:
        raise LookupError(f"there is no suppression {number}")
    if Suppression.objects.of(district).filter(pk=number, withdrawn_at=None).update(withdrawn_at=at):
        _record(district=district, at=at, actor=actor, action="withdraw suppression", row=row)


def _names(thing: str, cve: str, scope: str, value: str, device: int | None, justification: str) -> None:
    if not thing and not cve:
        raise NotSuppressed("names no flaw; a product, a CVE or both would fit")
    if justification not in set(Justification):
        raise NotSuppressed(f"{justification!r}; {', '.join(Justification)} would fit")
    if scope not in set(Scope):
        raise NotSuppressed(f"{scope!r}; {', '.join(Scope)} would fit")
    if (scope == Scope.DEVICE) != (device is not None):
        raise NotSuppressed("one device is named by its id, and only where the scope is device")
    if (scope in (Scope.EVERYWHERE, Scope.DEVICE)) == bool(value.strip()):
        raise NotSuppressed(f"a {scope} with {value!r}; a school, unit, cart or class needs its name, the others none")


def _hits(found: Aim, named: str) -> None:
    if not found.flaws:
        raise NotSuppressed(
            f"{named}: no such flaw or product is among what was found; homeroom vulnerabilities lists them"
        )
    if not found.devices:
        raise NotSuppressed(f"{named}: no device of that scope has it")


def _answered_for(district: Any, reason: str, owner: str, expires_on: date, today: date) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise NotSuppressed("a suppression needs a reason in a sentence")
    if owner not in {name for name, _, _ in members(district=district)}:
        raise NotSuppressed(f"{owner!r} is nobody of this district; who answers for it has to be somebody of it")
    if not today < expires_on <= today + LONGEST:
        raise NotSuppressed(f"{expires_on}; a day from tomorrow to {today + LONGEST} would fit")


def _record(*, district: Any, at: datetime, actor: str, action: str, row: Suppression) -> None:
    detail = {
        "justification": row.justification,
        "thing": row.thing,
        "cve": row.cve,
        "scope": row.scope,
        "value": row.value or (public_id("device", row.device) if row.device is not None else ""),
        "until": row.expires_on.isoformat(),
        "owner": row.owner,
        "reason": WITHHELD if row.private else row.reason,
    }
    told = {name: value for name, value in detail.items() if value}
    subject = (row.cve or row.thing)[:80]
    record(
        district=district, at=at, actor=actor, action=action, subject_kind="vulnerability", subject=subject, detail=told
    )
