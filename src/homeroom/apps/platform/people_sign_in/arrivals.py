"""Admitting somebody whose address is proved: the published evidence decides whether it is a person who works here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.commands import provide_person
from homeroom.apps.platform.people_sign_in.queries import find_person
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District

if TYPE_CHECKING:
    from homeroom.apps.platform.districts.models import User

SESSION_LIFETIME = timedelta(hours=8)
"""How long a person stays signed in: a day at school, on a computer that others may use after it."""
CODE = "code"


class NotHere(Exception):
    """The address is proved, and is nobody's who works here and may sign in."""


@transaction.atomic
def accept_person(*, district: District, address: str, way: str, at: datetime) -> User:
    """Return the user of the person of a proved address, and record the sign-in; `way` is a provider or `code`.

    A provider's address needs an account that is here. Raise NotHere, and QueryTimeout.
    """
    person = find_person(district=district, email=address)
    if person is None or (way != CODE and not person.has_account):
        raise NotHere
    user = provide_person(district=district, address=person.email)
    if not user.is_active:
        raise NotHere
    record_audit_entry(
        district=district,
        at=at,
        actor=user.get_username(),
        action="sign in",
        subject_kind="person",
        subject=format_public_id("person", person.id),
        detail={"way": way},
    )
    return user
