"""Members of a district's office: adding them, their role and schools, and whether they are active.

A user may belong to several districts. What is changed here concerns the membership of one district. The user signs in
as long as any membership is active. Callers record the change in the audit trail, in the same transaction.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from homeroom.apps.platform.districts.models import District, Membership, User
from homeroom.apps.platform.districts.queries import DIRECTOR, OFFICE_ROLES, ROLES
from homeroom.domain.platform.district import District as AnyDistrict

_RESERVED = "person-"
_MAX_NAME_LENGTH = 150


class MemberRefused(ValueError):
    """A change of a member was refused; the text is the reason, and what to do."""


class NoSuchMember(LookupError):
    """Nobody in the district's office has that name or number."""


@dataclass(frozen=True, kw_only=True)
class OfficeMember:
    """A member of a district's office.

    `schools` are the ids of the schools that the role is for, none for all. `is_shared` is true if the user belongs to
    another district too. `number` is the membership's.
    """

    number: int
    user: User
    role: str
    schools: tuple[str, ...]
    is_active: bool
    is_shared: bool

    @property
    def username(self) -> str:
        """Name under which the user signs in."""
        return self.user.get_username()


def list_office_members(*, district: AnyDistrict) -> tuple[OfficeMember, ...]:
    """Return all members of the office, active ones first, by name."""
    members = [_build_member(row) for row in _select(district)]
    return tuple(sorted(members, key=lambda member: (not member.is_active, member.username.casefold())))


def get_member(*, district: AnyDistrict, username: str = "", number: int = 0) -> OfficeMember:
    """Return a member of the office by user name or number; raise NoSuchMember."""
    rows = _select(district)
    row = rows.filter(pk=number).first() if number else rows.filter(user__username=normalize_username(username)).first()
    if row is None:
        raise NoSuchMember(gettext("Nobody here has the user name “%(name)s”.") % {"name": username or number})
    return _build_member(row)


def has_active_director(*, district: AnyDistrict, not_counted: str = "") -> bool:
    """Check whether a director of the district can sign in, beside the user with one name."""
    return _select_directors(district).exclude(user__username=not_counted).exists()


@transaction.atomic
def add_member(
    *,
    district: AnyDistrict,
    username: str,
    role: str,
    schools: Sequence[str],
    passphrase: str,
    first_name: str = "",
    last_name: str = "",
) -> OfficeMember:
    """Create a user with a role in the district; raise MemberRefused if the name is taken or does not fit."""
    name = normalize_username(username)
    _check_role(role, schools)
    _check_username(name)
    user = User(username=name, first_name=first_name.strip()[:150], last_name=last_name.strip()[:150])
    _set_passphrase(user, passphrase)
    row = Membership.objects.create(district_id=district.pk, user=user, role=role, schools=list(schools))
    return get_member(district=district, number=row.pk)


@transaction.atomic
def add_existing_member(*, district: AnyDistrict, username: str, role: str, schools: Sequence[str]) -> OfficeMember:
    """Give a user of another district a role in this one; raise MemberRefused if there is none, or they are here.

    For whoever runs the server only: the answer shows whether there is such a user.
    """
    _check_role(role, schools)
    user = User.objects.select_for_update().filter(username=normalize_username(username)).first()
    if user is None or user.get_username().startswith(_RESERVED):
        raise MemberRefused(gettext("There is no user “%(name)s” on this server.") % {"name": username})
    row, is_new = Membership.objects.get_or_create(
        district_id=district.pk, user=user, defaults={"role": role, "schools": list(schools)}
    )
    if not is_new:
        raise MemberRefused(gettext("“%(name)s” is a user of this district already.") % {"name": username})
    _refresh_user(user.pk)
    return get_member(district=district, number=row.pk)


@transaction.atomic
def set_member_role(
    *, district: AnyDistrict, username: str, role: str, schools: Sequence[str], not_counted: str = ""
) -> OfficeMember:
    """Give a member another role and schools; raise NoSuchMember, and MemberRefused for the last active director.

    `not_counted` is the name of a director who is none for daily work, such as a break-glass account.
    """
    member = lock_member(district, username)
    _check_role(role, schools)
    if role != DIRECTOR:
        _check_another_director(district, member, not_counted)
    Membership.objects.filter(pk=member.number).update(role=role, schools=list(schools))
    return get_member(district=district, number=member.number)


@transaction.atomic
def set_member_active(*, district: AnyDistrict, username: str, is_active: bool, not_counted: str = "") -> OfficeMember:
    """Activate or deactivate a member; raise NoSuchMember, and MemberRefused for the last active director.

    `not_counted` is the name of a director who is none for daily work, such as a break-glass account.
    """
    member = lock_member(district, username)
    if not is_active:
        _check_another_director(district, member, not_counted)
    Membership.objects.filter(pk=member.number).update(is_active=is_active)
    _refresh_user(member.user.pk)
    return get_member(district=district, number=member.number)


@transaction.atomic
def set_member_passphrase(*, district: AnyDistrict, username: str, passphrase: str, is_operator: bool) -> OfficeMember:
    """Set a member's passphrase; raise NoSuchMember.

    Raise MemberRefused for a user who belongs to another district too, unless whoever runs the server does it.
    """
    member = lock_member(district, username)
    if member.is_shared and not is_operator:
        raise MemberRefused(explain_shared())
    _set_passphrase(member.user, passphrase)
    return member


def explain_shared() -> str:
    """Return why a director does not change a user of several districts; it names no district."""
    return gettext("This user also works for another district. Ask whoever runs this server to do it.")


def normalize_username(name: str) -> str:
    """Return a user name as sign-in compares it."""
    return unicodedata.normalize("NFKC", name.strip())


def _select(district: AnyDistrict) -> QuerySet[Membership]:
    elsewhere = Membership.objects.filter(user=OuterRef("user")).exclude(district_id=district.pk)
    rows = Membership.objects.filter(district_id=district.pk, role__in=OFFICE_ROLES).select_related("user")
    return rows.annotate(is_shared=Exists(elsewhere))


def _select_directors(district: AnyDistrict) -> QuerySet[Membership]:
    active = Membership.objects.filter(district_id=district.pk, role=DIRECTOR, is_active=True)
    return active.filter(user__is_active=True)


def lock_member(district: AnyDistrict, username: str) -> OfficeMember:
    """Return a member, after all changes of members of the district that are under way."""
    District.objects.select_for_update().get(pk=district.pk)
    member = get_member(district=district, username=username)
    User.objects.select_for_update().get(pk=member.user.pk)
    return get_member(district=district, username=username)


def _check_another_director(district: AnyDistrict, member: OfficeMember, not_counted: str) -> None:
    others = _select_directors(district).exclude(pk=member.number).exclude(user__username=not_counted)
    if member.role == DIRECTOR and member.is_active and not others.exists():
        raise MemberRefused(
            gettext("“%(name)s” is the only active director. Make somebody else a director first.")
            % {"name": member.username}
        )


def _check_role(role: str, schools: Sequence[str]) -> None:
    if role not in OFFICE_ROLES:
        roles = ", ".join(name for name in ROLES if name in OFFICE_ROLES)
        raise MemberRefused(gettext("“%(role)s” is not a role; roles are %(roles)s.") % {"role": role, "roles": roles})
    if role == DIRECTOR and schools:
        raise MemberRefused(gettext("A technology director is responsible for all schools; name none."))


def _check_username(name: str) -> None:
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise MemberRefused(" ".join(error.messages)) from None
    if not 0 < len(name) <= _MAX_NAME_LENGTH:
        raise MemberRefused(gettext("A user name has 1 to 150 characters."))
    if name.casefold().startswith(_RESERVED) or User.objects.filter(username__iexact=name).exists():
        raise MemberRefused(gettext("This user name is not available. Choose another name."))


def _set_passphrase(user: User, passphrase: str) -> None:
    try:
        validate_password(passphrase, user)
    except ValidationError as error:
        raise MemberRefused(" ".join(error.messages)) from None
    user.set_password(passphrase)
    user.save()


def _refresh_user(user: int) -> None:
    """Let a user sign in if any membership is active."""
    is_active = Membership.objects.filter(user_id=user, is_active=True).exists()
    User.objects.filter(pk=user).update(is_active=is_active)


def _build_member(row: Membership) -> OfficeMember:
    return OfficeMember(
        number=row.pk,
        user=row.user,
        role=row.role,
        schools=tuple(row.schools),
        is_active=row.is_active and row.user.is_active,
        is_shared=row.is_shared,  # type: ignore[attr-defined]
    )
