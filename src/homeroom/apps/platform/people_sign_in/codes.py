"""Codes that let a person sign in once, for districts without Google and Microsoft: printed, and good for a week.

Only a keyed hash of a code is stored, bound to the district and the address. A code that is wrong, used, too old or
another district's is the same to whoever enters it: one lookup that finds nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.platform.people_sign_in.models import SignInCode
from homeroom.apps.platform.people_sign_in.queries import MyPerson, find_person, list_people
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District

LIFETIME = timedelta(days=7)
RETENTION = timedelta(days=30)
"""How long a used or expired code is listed, before it is deleted."""
MAX_CODES, MAX_NAMED = 2_000, 50
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Digits and letters that no reader mistakes for one another and that spell nothing."""
_GROUPS, _GROUP = 3, 4
_LOOKALIKES = str.maketrans("", "", " -–—.")
_SALT = "homeroom.people_sign_in.code"


class CodesRefused(ValueError):
    """Codes were asked for nobody or for too many; the message states what would fit."""


@dataclass(frozen=True, kw_only=True)
class PrintedCode:
    """A new code for a person, shown once: `code` is stored nowhere."""

    name: str
    address: str
    school: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class CodeCounts:
    """How many codes wait, were used and expired, of those that are still listed."""

    waiting: int
    used: int
    expired: int


@transaction.atomic
def print_codes(
    *, district: District, addresses: Collection[str] = (), school: str = "", actor: str, at: datetime
) -> Sequence[PrintedCode]:
    """Make a code for each member of staff with one of these addresses, or of a school, and return them by school.

    A person's earlier codes that were not used end. Raise CodesRefused, and QueryTimeout.
    """
    people = _find_people(district, addresses) if addresses else list_people(district=district, school=school)
    if not people or len(people) > MAX_CODES:
        fits = "the address of somebody who works here would fit" if not people else "choose a school"
        raise CodesRefused(f"{len(people)} people; {fits}")
    SignInCode.objects.of(district).filter(address__in=[person.email for person in people], used_at=None).delete()
    codes = [
        PrintedCode(
            name=person.name,
            address=person.email,
            school=person.school,
            code=_generate_code(),
            expires_at=at + LIFETIME,
        )
        for person in people
    ]
    SignInCode.objects.bulk_create(
        SignInCode(
            district_id=district.pk,
            digest=_hash_code(district, code.address, code.code),
            address=code.address,
            made_at=at,
            made_by=actor,
            expires_at=code.expires_at,
        )
        for code in codes
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="print sign-in codes",
        subject_kind="sign-in",
        subject=school or "codes",
        detail={"people": len(codes), **_name_people(people)},
    )
    return codes


@transaction.atomic
def use_code(*, district: District, address: str, code: str, at: datetime) -> bool:
    """Use up a code; return False if it is not one that lets this address in."""
    digest = _hash_code(district, address, code)
    usable = SignInCode.objects.of(district).filter(digest=digest, used_at=None, expires_at__gt=at)
    return usable.update(used_at=at) == 1


def count_codes(*, district: District, at: datetime) -> CodeCounts:
    """Return how many codes wait, were used and expired."""
    rows = SignInCode.objects.of(district)
    unused = rows.filter(used_at=None)
    return CodeCounts(
        waiting=unused.filter(expires_at__gt=at).count(),
        used=rows.exclude(used_at=None).count(),
        expired=unused.filter(expires_at__lte=at).count(),
    )


def has_codes(*, district: District, at: datetime) -> bool:
    """Check whether a code of the district waits, or did within its retention."""
    return SignInCode.objects.of(district).filter(expires_at__gt=at - RETENTION).exists()


def delete_old_codes(*, district: District, at: datetime) -> int:
    """Delete codes whose retention is over; return how many."""
    count, _ = SignInCode.objects.of(district).filter(expires_at__lt=at - RETENTION).delete()
    return count


def delete_expired_codes(at: datetime) -> int:
    """Delete codes of all districts whose retention is over; return how many."""
    return sum(delete_old_codes(district=district, at=at) for district in list_districts())


def _find_people(district: District, addresses: Collection[str]) -> Sequence[MyPerson]:
    if len(addresses) > MAX_NAMED:
        raise CodesRefused(f"{len(addresses)} addresses; up to {MAX_NAMED} would fit, or a school")
    people = [find_person(district=district, email=address) for address in addresses]
    unknown = sum(person is None for person in people)
    if unknown:
        raise CodesRefused(f"{unknown} of {len(people)} addresses are nobody's who works here")
    return list({person.email: person for person in people if person is not None}.values())


def _name_people(people: Sequence[MyPerson]) -> dict[str, list[str]]:
    """Return the ids of few people for the audit trail: a code opens the page of the person whom it is for."""
    return {"for": [format_public_id("person", person.id) for person in people]} if len(people) <= MAX_NAMED else {}


def _generate_code() -> str:
    """Return a new code of 57 bits, in groups of four."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _hash_code(district: District, address: str, code: str) -> str:
    entered = code.upper().translate(_LOOKALIKES)
    value = "\x00".join((str(district.pk), address.strip().lower(), entered))
    return salted_hmac(_SALT, value.encode("utf-8", "surrogatepass"), algorithm="sha256").hexdigest()
