"""The cast of every test with people in it: a district, its director, technician and auditor, and the stranger."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.districts.models import District, Membership, User

PASSPHRASE = "five quiet owls at noon"


@dataclass(frozen=True)
class Cast:
    """The people, and the two districts. The stranger is director of the next one."""

    district: District
    next_district: District
    director: User
    technician: User
    auditor: User
    stranger: User


def user(*, district: District, username: str, role: str, given: str, family: str) -> User:
    """A member whose password nobody knows: tests sign in by `force_login`."""
    made = User(username=username, first_name=given, last_name=family)
    made.set_unusable_password()
    made.save()
    Membership.objects.create(district=district, user=made, role=role)
    return made


def gather() -> Cast:
    """Makes the cast in the database."""
    here = District.objects.create(slug="maple-valley", name="Maple Valley Unified", timezone="America/Chicago")
    there = District.objects.create(slug="next-door", name="Next Door Schools", timezone="America/Chicago")
    return Cast(
        district=here,
        next_district=there,
        director=user(district=here, username="director", role="director", given="Dana", family="Whitfield"),
        technician=user(district=here, username="technician", role="technician", given="Tomás", family="Okafor"),
        auditor=user(district=here, username="auditor", role="auditor", given="Avery", family="Lindqvist"),
        stranger=user(district=there, username="stranger", role="director", given="Sam", family="Farrow"),
    )
