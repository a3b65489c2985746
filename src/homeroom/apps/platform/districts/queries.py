"""Queries for the users of a district and their roles."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from homeroom.apps.platform.districts.models import District, Membership, User
from homeroom.domain.platform.district import District as AnyDistrict
from homeroom.domain.platform.permissions import roles

DIRECTOR, TECHNICIAN, PRIVACY, AUDITOR, PERSON = roles.ROLE_NAMES
ROLES = {
    DIRECTOR: gettext_lazy("Technology director"),
    TECHNICIAN: gettext_lazy("Technician"),
    PRIVACY: gettext_lazy("Privacy officer"),
    AUDITOR: gettext_lazy("Auditor"),
    PERSON: gettext_lazy("Staff member"),
}
OFFICE_ROLES = roles.OFFICE
"""Roles of the office; what each may do is in the table of permissions (`domain/platform/permissions/table.py`)."""

_ACTIVE_SQL = """
    SELECT district.*, membership.role AS held_role, membership.schools AS held_schools
    FROM districts_membership AS membership JOIN districts_district AS district ON district.id = membership.district_id
    WHERE membership.user_id = %s AND membership.is_active
    ORDER BY district.name"""


@dataclass(frozen=True, kw_only=True)
class DistrictMembership:
    """One district that a user belongs to, and the role there; `schools` limits it to some, empty means all."""

    district: District
    role: str
    schools: tuple[str, ...] = ()

    @property
    def role_title(self) -> str:
        """Title of the role."""
        return str(ROLES[self.role])


def list_memberships(*, user: Any) -> tuple[DistrictMembership, ...]:
    """Return the districts of a signed-in user where the membership is active, by name; empty if there are none.

    Each request begins with it. The SQL is written out because Django takes far longer to build it than to run it.
    """
    rows: Any = District.objects.raw(_ACTIVE_SQL, [user.pk])
    return tuple(
        DistrictMembership(district=row, role=row.held_role, schools=tuple(json.loads(row.held_schools)))
        for row in rows
        if row.held_role in ROLES
    )


def list_districts_of_user(*, user: Any) -> tuple[District, ...]:
    """Return the districts that a user belongs to, also where the membership is inactive, by name."""
    rows = Membership.objects.filter(user=user, role__in=ROLES).select_related("district").order_by("district__name")
    return tuple(row.district for row in rows)


def find_user(*, username: str) -> User | None:
    """Return the user whom a sign-in under this name means, active or not; None if there is none."""
    return User.objects.filter(username=unicodedata.normalize("NFKC", username.strip())).first()


def count_memberships(*, user: Any) -> int:
    """Return how many districts a user belongs to, also where the membership is inactive."""
    return Membership.objects.filter(user=user, role__in=ROLES).count()


def get_district(*, slug: str = "") -> District:
    """Return the district with a slug, or the only one.

    Raise LookupError, naming the existing districts, if there is not exactly one.
    """
    matches = list(District.objects.filter(slug=slug) if slug else District.objects.order_by("slug")[:2])
    if len(matches) != 1:
        slugs = ", ".join(District.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise LookupError(
            f"no district {slug!r}; there are: {slugs}" if slug else f"name one district; there are: {slugs}"
        )
    return matches[0]


def list_districts() -> tuple[District, ...]:
    """Return all districts of the installation, by slug: for work of the background worker, never for a page."""
    return tuple(District.objects.order_by("slug"))


def find_active_user(*, username: str) -> User | None:
    """Return the active user whom a sign-in under this name means, however it was typed; None if there is none."""
    return User.objects.filter(username=unicodedata.normalize("NFKC", username.strip()), is_active=True).first()


def list_members(*, district: AnyDistrict) -> tuple[tuple[str, str, str], ...]:
    """Return (user name, full name, role) of all users of the office in the district, by name, to choose an owner."""
    names = ("role", "user__username", "user__first_name", "user__last_name")
    members = Membership.objects.filter(
        district_id=district.pk, is_active=True, user__is_active=True, role__in=OFFICE_ROLES
    )
    rows = members.select_related("user").only(*names)
    rows_with_names = (
        (row.user.get_username(), row.user.get_full_name() or row.user.get_username(), row.role) for row in rows
    )
    return tuple(sorted(rows_with_names, key=lambda member: member[1].casefold()))


def has_district(*, slug: str) -> bool:
    """Check whether there is a district with a slug."""
    return District.objects.filter(slug=slug).exists()


def has_any_district() -> bool:
    """Check whether there is any district yet."""
    return District.objects.exists()
