"""Create districts and user accounts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.districts.models import District, Membership, User
from homeroom.apps.platform.districts.queries import AUDITOR, DIRECTOR, OFFICE_ROLES, PERSON, PRIVACY, ROLES, TECHNICIAN
from homeroom.domain.platform.district import District as AnyDistrict

_PERSON_SALT = "homeroom.districts.person"
DEMO_CAST = (
    ("director", "Dana", "Whitfield", DIRECTOR),
    ("technician", "Tomás", "Okafor", TECHNICIAN),
    ("privacy", "Noor", "Castellano", PRIVACY),
    ("auditor", "Avery", "Lindqvist", AUDITOR),
)


class NotADemoFolder(RuntimeError):
    """Demo accounts were requested in a folder that may hold real data."""


@dataclass(frozen=True, kw_only=True)
class DemoSignIn:
    """A new account with the only copy of its passphrase."""

    username: str
    passphrase: str
    role: str


def create_district(*, slug: str, name: str, timezone: str = "America/New_York") -> District:
    """Create a district.

    Raise ValueError if the slug is taken and ZoneInfoNotFoundError for an unknown time zone.
    """
    ZoneInfo(timezone)
    district, is_new = District.objects.get_or_create(slug=slug, defaults={"name": name, "timezone": timezone})
    if not is_new:
        raise ValueError(f"there is a district {slug!r} already: {district.name}")
    return district


@transaction.atomic
def create_user(
    *, district: District, username: str, role: str, passphrase: str, first_name: str = "", last_name: str = ""
) -> User:
    """Create a user with a role in the district; an existing user gets the role and the new passphrase.

    Raise ValueError for an unknown role, and Django's ValidationError for a passphrase under 15 characters, a common
    one, or one like the name.
    """
    if role not in OFFICE_ROLES:
        raise ValueError(
            f"{role!r} is not a role; roles are {', '.join(name for name in ROLES if name in OFFICE_ROLES)}"
        )
    user = User.objects.filter(username=username).first() or User(username=username)
    user.first_name, user.last_name = first_name or user.first_name, last_name or user.last_name
    validate_password(passphrase, user)
    user.set_password(passphrase)
    user.save()
    Membership.objects.update_or_create(district=district, user=user, defaults={"role": role})
    return user


def create_demo_accounts(*, district: District) -> tuple[DemoSignIn, ...]:
    """Create an account for each role with new passphrases.

    Raise NotADemoFolder outside a demo folder.
    """
    if not settings.DEMO:
        raise NotADemoFolder("demo accounts are made in a demo folder only; run `homeroom demo`")
    accounts = [
        (username, first_name, last_name, role, generate_passphrase())
        for username, first_name, last_name, role in DEMO_CAST
    ]
    for username, first_name, last_name, role, passphrase in accounts:
        create_user(
            district=district,
            username=username,
            role=role,
            passphrase=passphrase,
            first_name=first_name,
            last_name=last_name,
        )
    return tuple(DemoSignIn(username=account[0], passphrase=account[4], role=account[3]) for account in accounts)


@transaction.atomic
def provide_person(*, district: AnyDistrict, address: str) -> User:
    """Return the user of somebody who signs in to their own pages by a verified address, in lower case.

    The user is of this district alone, and its name is a keyed hash that nobody chooses: what a provider of one
    district states about an address never opens what is another's, or the office's. The audit trail has this name, and
    shows nothing of the person once the user is erased.
    """
    digest = salted_hmac(_PERSON_SALT, f"{district.slug}\x00{address}", algorithm="sha256").hexdigest()
    username = f"person-{digest[:24]}"
    user, is_new = User.objects.get_or_create(username=username, defaults={"email": address})
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Membership.objects.create(district_id=district.pk, user=user, role=PERSON)
    return user


def generate_passphrase() -> str:
    """Generate five pronounceable words of four letters, about 65 bits: easy to type from a screen."""
    return "-".join("".join(map(secrets.choice, ("bdfghjklmnprstvwyz", "aeiou") * 2)) for _ in range(5))


def rename_district(*, district: AnyDistrict, name: str, timezone: str) -> None:
    """Set the district's name and time zone; raise ZoneInfoNotFoundError for an unknown time zone."""
    ZoneInfo(timezone)
    District.objects.filter(pk=district.pk).update(name=name, timezone=timezone)


def update_district(*, district: AnyDistrict, name: str, timezone: str, fiscal_year_starts: int) -> None:
    """Set the district's name, time zone and the month (1 to 12) in which its fiscal year begins.

    Raise ZoneInfoNotFoundError for an unknown time zone.
    """
    rename_district(district=district, name=name, timezone=timezone)
    District.objects.filter(pk=district.pk).update(fiscal_year_starts=fiscal_year_starts)
