"""The cast of every test: a district, its director, technician, privacy officer and auditor, and the stranger."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.platform.districts.models import District, Membership, User

PASSPHRASE = "five quiet owls at noon"


@dataclass(frozen=True)
class Cast:
    """The people, and the two districts. The stranger is director of the next district."""

    district: District
    next_district: District
    director: User
    technician: User
    privacy: User
    auditor: User
    stranger: User


def create_user(*, district: District, username: str, role: str, first_name: str, last_name: str) -> User:
    """Create a member whose password nobody knows: tests sign in by `force_login`."""
    user = User(username=username, first_name=first_name, last_name=last_name)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(district=district, user=user, role=role)
    return user


TEACHER_ADDRESS = "ines.calloway@maple.test"


def create_teacher(cast: Cast) -> User:
    """Create the teacher, who signs in to her own pages and to nothing else, and return her user."""
    teacher = create_user(
        district=cast.district, username="teacher", role="person", first_name="Ines", last_name="Calloway"
    )
    User.objects.filter(pk=teacher.pk).update(email=TEACHER_ADDRESS)
    teacher.refresh_from_db()
    return teacher


def create_cast() -> Cast:
    """Create the cast in the database."""
    district = District.objects.create(slug="maple-valley", name="Maple Valley Unified", timezone="America/Chicago")
    next_district = District.objects.create(slug="next-door", name="Next Door Schools", timezone="America/Chicago")
    return Cast(
        district=district,
        next_district=next_district,
        director=create_user(
            district=district, username="director", role="director", first_name="Dana", last_name="Whitfield"
        ),
        technician=create_user(
            district=district, username="technician", role="technician", first_name="Tomás", last_name="Okafor"
        ),
        privacy=create_user(
            district=district, username="privacy", role="privacy", first_name="Noor", last_name="Castellano"
        ),
        auditor=create_user(
            district=district, username="auditor", role="auditor", first_name="Avery", last_name="Lindqvist"
        ),
        stranger=create_user(
            district=next_district, username="stranger", role="director", first_name="Sam", last_name="Farrow"
        ),
    )
