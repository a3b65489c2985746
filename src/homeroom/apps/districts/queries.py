"""Who belongs to which district, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from homeroom.apps.districts.models import District, Membership

DIRECTOR, TECHNICIAN, AUDITOR = Membership.DIRECTOR, Membership.TECHNICIAN, Membership.AUDITOR
ROLES = {
    DIRECTOR: gettext_lazy("Technology director"),
    TECHNICIAN: gettext_lazy("Technician"),
    AUDITOR: gettext_lazy("Auditor"),
}


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """One district that somebody belongs to, and the role there."""

    district: District
    role: str

    @property
    def role_title(self) -> str:
        """The role in words."""
        return str(ROLES[self.role])


def belongings(*, user: Any) -> tuple[Belonging, ...]:
    """The districts of a user who signed in, by name; empty where there are none."""
    rows = Membership.objects.filter(user=user, role__in=ROLES).select_related("district").order_by("district__name")
    return tuple(Belonging(district=row.district, role=row.role) for row in rows)


def district_of(*, slug: str = "") -> District:
    """The district of that slug, or the only one. Raises LookupError, naming those there are, where that is not one."""
    found = list(District.objects.filter(slug=slug) if slug else District.objects.order_by("slug")[:2])
    if len(found) != 1:
        there = ", ".join(District.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise LookupError(
            f"no district {slug!r}; there are: {there}" if slug else f"name one district; there are: {there}"
        )
    return found[0]


def members(*, district: District) -> tuple[tuple[str, str, str], ...]:
    """(user name, full name, role) of everybody in the district, by name, to name an owner."""
    rows = Membership.objects.filter(district=district, user__is_active=True).select_related("user")
    named = ((row.user.get_username(), row.user.get_full_name() or row.user.get_username(), row.role) for row in rows)
    return tuple(sorted(named, key=lambda one: one[1].casefold()))


def has_district(*, slug: str) -> bool:
    """Whether there is a district of that slug."""
    return District.objects.filter(slug=slug).exists()


def any_district() -> bool:
    """Whether this store has a district yet."""
    return District.objects.exists()
