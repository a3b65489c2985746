"""Queries for the users of a district and their roles."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from homeroom.apps.districts.models import District, Membership, User
from homeroom.domain.district import District as AnyDistrict

DIRECTOR, TECHNICIAN, PRIVACY, AUDITOR, PERSON = (
    Membership.DIRECTOR,
    Membership.TECHNICIAN,
    Membership.PRIVACY,
    Membership.AUDITOR,
    Membership.PERSON,
)
ROLES = {
    DIRECTOR: gettext_lazy("Technology director"),
    TECHNICIAN: gettext_lazy("Technician"),
    PRIVACY: gettext_lazy("Privacy officer"),
    AUDITOR: gettext_lazy("Auditor"),
    PERSON: gettext_lazy("Staff member"),
}
OFFICE_ROLES = frozenset({DIRECTOR, TECHNICIAN, PRIVACY, AUDITOR})
"""Roles that read the pages that name no other: a role that is added reads a page only where the page names it."""
MY_ROLES = OFFICE_ROLES | {PERSON}
"""Roles that open their own pages below /my, where their address is that of a person here."""
TEAM_ROLES = frozenset({DIRECTOR, TECHNICIAN})
"""Roles that carry out the team's work; a privacy officer changes what privacy is about, an auditor nothing."""
PRIVACY_ROLES = frozenset({DIRECTOR, PRIVACY})
"""Roles that change the Privacy area."""
STUDENT_READER_ROLES = frozenset({*TEAM_ROLES, *PRIVACY_ROLES})
"""Roles from which nothing about students is masked in files and reports, and that read private reasons."""
ATTESTER_ROLES = frozenset({*TEAM_ROLES, *PRIVACY_ROLES})
"""Roles that ask for attestations and answer them: duties of laws are attested by who owes them."""


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
    """Return the districts of a signed-in user, by name; empty if there are none."""
    rows = Membership.objects.filter(user=user, role__in=ROLES).select_related("district").order_by("district__name")
    return tuple(DistrictMembership(district=row.district, role=row.role) for row in rows)


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
    members = Membership.objects.filter(district_id=district.pk, user__is_active=True, role__in=OFFICE_ROLES)
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
