"""Making districts and the accounts of those who sign in, and holding up who tries too often."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F

from homeroom.apps.districts.models import District, Membership, SignInAttempts, User
from homeroom.apps.districts.queries import AUDITOR, DIRECTOR, ROLES, TECHNICIAN

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
DEMO_CAST = (
    ("director", "Dana", "Whitfield", DIRECTOR),
    ("technician", "Tomás", "Okafor", TECHNICIAN),
    ("auditor", "Avery", "Lindqvist", AUDITOR),
)


class NotADemo(RuntimeError):
    """Demo accounts were asked for in a folder that may hold real data."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """An account that was just made, with the only copy of its passphrase."""

    username: str
    passphrase: str
    role: str


def make_district(*, slug: str, name: str, timezone: str = "America/New_York") -> District:
    """A new district; raises ValueError where the slug is taken and ZoneInfoNotFoundError for a zone that is none."""
    ZoneInfo(timezone)
    district, made = District.objects.get_or_create(slug=slug, defaults={"name": name, "timezone": timezone})
    if not made:
        raise ValueError(f"there is a district {slug!r} already: {district.name}")
    return district


@transaction.atomic
def make_user(
    *, district: District, username: str, role: str, passphrase: str, given_name: str = "", family_name: str = ""
) -> User:
    """A user with a role in the district; who exists already gets the role and the new passphrase.

    Raises ValueError for a role that is none, and Django's ValidationError for a passphrase under 15 characters, a
    common one, or one like the name.
    """
    if role not in ROLES:
        raise ValueError(f"{role!r} is not a role; roles are {', '.join(ROLES)}")
    user = User.objects.filter(username=username).first() or User(username=username)
    user.first_name, user.last_name = given_name or user.first_name, family_name or user.last_name
    validate_password(passphrase, user)
    user.set_password(passphrase)
    user.save()
    Membership.objects.update_or_create(district=district, user=user, defaults={"role": role})
    return user


def demo_accounts(*, district: District) -> tuple[SignIn, ...]:
    """A director, a technician and an auditor with new passphrases. Raises NotADemo outside a demo folder."""
    if not settings.DEMO:
        raise NotADemo("demo accounts are made in a demo folder only; run `homeroom demo`")
    made = [(username, given, family, role, new_passphrase()) for username, given, family, role in DEMO_CAST]
    for username, given, family, role, passphrase in made:
        make_user(
            district=district, username=username, role=role, passphrase=passphrase, given_name=given, family_name=family
        )
    return tuple(SignIn(username=one[0], passphrase=one[4], role=one[3]) for one in made)


def new_passphrase() -> str:
    """Five pronounceable words of four letters, about 65 bits: easy to type from a screen."""
    return "-".join("".join(map(secrets.choice, ("bdfghjklmnprstvwyz", "aeiou") * 2)) for _ in range(5))


def attempt(*, username: str, address: str, at: datetime) -> timedelta:
    """Counts a try to sign in and says how long it must wait; zero where it may go on.

    After five tries for one user name from one address each further one waits twice as long, from one minute to a
    quarter of an hour (after OWASP ASVS 5.0.0, 6.3.1). The count stands in the database, so that all processes share it; it
    is forgotten by `succeeded` and after the longest wait without a try.
    """
    key = _key(username, address)
    with transaction.atomic():
        row, _ = SignInAttempts.objects.get_or_create(key=key, defaults={"last_at": at})
        waits = _wait(row.count) - (at - row.last_at)
        if waits > timedelta(0):
            return waits
        fresh = at - row.last_at > LONGEST_WAIT
        SignInAttempts.objects.filter(key=key).update(count=1 if fresh else F("count") + 1, last_at=at)
    return timedelta(0)


def succeeded(*, username: str, address: str) -> None:
    """Forgets the tries of somebody who signed in."""
    SignInAttempts.objects.filter(key=_key(username, address)).delete()


def _wait(count: int) -> timedelta:
    over = count - FREE_TRIES
    return timedelta(0) if over < 0 else min(LONGEST_WAIT, timedelta(minutes=1) * 2 ** min(over, 10))


def _key(username: str, address: str) -> str:
    return hashlib.sha256(f"{username.casefold()}\x00{address}".encode()).hexdigest()


def rename(*, district: District, name: str, timezone: str) -> None:
    """Gives the district its name and zone; raises ZoneInfoNotFoundError for a zone that is none."""
    ZoneInfo(timezone)
    district.name, district.timezone = name, timezone
    district.save(update_fields=["name", "timezone"])


def describe(*, district: District, name: str, timezone: str, fiscal_year_starts: int) -> None:
    """Gives the district its name, its zone and the month (1 to 12) in which its fiscal year begins.

    Raises ZoneInfoNotFoundError for a zone that is none.
    """
    rename(district=district, name=name, timezone=timezone)
    district.fiscal_year_starts = fiscal_year_starts
    district.save(update_fields=["fiscal_year_starts"])
