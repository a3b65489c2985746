"""Changes of users of a district's office: each in one transaction with its entry in the audit trail.

`actor` is the user name of the director who does it; empty for whoever runs the server, on the command line. A director
changes nothing of their own account here, and nothing of what a user is outside the district.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.platform.accounts.sessions import DEACTIVATED, ENDED, RESET, end_sessions
from homeroom.apps.platform.accounts.temporary_passphrases import mark_passphrase_own, mark_passphrase_temporary
from homeroom.apps.platform.api_tokens.commands import FACTORS_CHANGED, end_user_tokens
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts import memberships
from homeroom.apps.platform.districts.commands import generate_passphrase
from homeroom.apps.platform.districts.memberships import MemberRefused, OfficeMember, explain_shared, get_member
from homeroom.apps.platform.districts.queries import DIRECTOR, list_memberships
from homeroom.apps.platform.districts.school_names import parse_schools
from homeroom.apps.platform.second_factors.break_glass import find_break_glass, is_break_glass
from homeroom.apps.platform.second_factors.commands import ResetRefused, reset_second_factors
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class OneTimePassphrase:
    """The only copy of a passphrase; `expires_at` is None if it need not be changed."""

    username: str
    role: str
    passphrase: str
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EndedAccess:
    """How many sessions and API tokens of a user ended."""

    sessions: int
    tokens: int


@transaction.atomic
def add_user(
    *,
    district: District,
    username: str,
    role: str = "",
    schools: Sequence[str] = (),
    first_name: str = "",
    last_name: str = "",
    is_permanent: bool = False,
    actor: str,
    at: datetime,
) -> OneTimePassphrase:
    """Create a user of the district and return a passphrase, to be changed at the first sign-in.

    Without a role, the first user is a director; later ones need a role. Raise MemberRefused, and QueryTimeout.
    """
    passphrase = generate_passphrase()
    member = memberships.add_member(
        district=district,
        username=username,
        role=_choose_role(district, role),
        schools=parse_schools(district=district, texts=schools),
        passphrase=passphrase,
        first_name=first_name,
        last_name=last_name,
    )
    _record(district, member, action="add user", actor=actor, at=at, detail=_describe_role(member))
    return _issue(member, passphrase, actor=actor, at=at, is_permanent=is_permanent)


@transaction.atomic
def add_existing_user(
    *, district: District, username: str, role: str, schools: Sequence[str] = (), at: datetime
) -> OfficeMember:
    """Give a user of another district a role in this one; for whoever runs the server. Raise MemberRefused."""
    parsed = parse_schools(district=district, texts=schools)
    member = memberships.add_existing_member(
        district=district, username=username, role=_choose_role(district, role), schools=parsed
    )
    _record(district, member, action="add user", actor="", at=at, detail=_describe_role(member))
    return member


@transaction.atomic
def change_role(
    *, district: District, username: str, role: str, schools: Sequence[str] = (), actor: str, at: datetime
) -> OfficeMember:
    """Give a user another role and schools. Raise NoSuchMember, MemberRefused and QueryTimeout."""
    before = _get_other_member(district, username, actor)
    parsed = parse_schools(district=district, texts=schools)
    after = memberships.set_member_role(
        district=district,
        username=before.username,
        role=role,
        schools=parsed,
        not_counted=_get_break_glass_name(district),
    )
    if _describe_role(before) != _describe_role(after):
        detail = {"before": _describe_role(before), "after": _describe_role(after)}
        _record(district, after, action="change role", actor=actor, at=at, detail=detail)
    return after


@transaction.atomic
def deactivate_user(*, district: District, username: str, actor: str, at: datetime) -> OfficeMember:
    """Close the district to a user, at once, and end their API tokens of it.

    Who has no other district is signed out everywhere.

    Raise NoSuchMember, and MemberRefused for the last active director.
    """
    before = _get_other_member(district, username, actor)
    after = memberships.set_member_active(
        district=district,
        username=before.username,
        is_active=False,
        not_counted=_get_break_glass_name(district),
    )
    if not after.user.is_active:
        end_sessions(user=after.user, at=timezone.now(), by=actor, because=DEACTIVATED)
    end_user_tokens(user=after.user, district=district, because=DEACTIVATED, actor=actor, at=at)
    if before.is_active:
        _record(district, after, action="deactivate user", actor=actor, at=at)
    return after


@transaction.atomic
def activate_user(*, district: District, username: str, actor: str, at: datetime) -> OfficeMember:
    """Open the district to a user again, with the role and passphrase of before. Raise NoSuchMember."""
    before = get_member(district=district, username=username)
    after = memberships.set_member_active(district=district, username=before.username, is_active=True)
    if not before.is_active:
        _record(district, after, action="activate user", actor=actor, at=at)
    return after


@transaction.atomic
def reset_passphrase(
    *, district: District, username: str, is_permanent: bool = False, actor: str, at: datetime
) -> OneTimePassphrase:
    """Replace a user's passphrase, to be changed at the next sign-in; end their sessions and API tokens.

    Raise NoSuchMember, and MemberRefused if a director asks it for a user who also works for another district.
    """
    passphrase = generate_passphrase()
    member = memberships.set_member_passphrase(
        district=district,
        username=_get_other_member(district, username, actor).username,
        passphrase=passphrase,
        is_operator=not actor,
    )
    end_sessions(user=member.user, at=timezone.now(), by=actor, because=RESET)
    _record_everywhere(district, member, action="reset passphrase", actor=actor, at=at)  # locks all trails, in order
    end_user_tokens(user=member.user, district=None, because=RESET, actor=actor, at=at)
    return _issue(member, passphrase, actor=actor, at=at, is_permanent=is_permanent)


@transaction.atomic
def reset_two_step(*, district: District, username: str, actor: str, at: datetime) -> int:
    """Remove a user's second factors and linked accounts, end their sessions and API tokens; return how many factors.

    Raise NoSuchMember, and MemberRefused if a director asks it for a user who also works for another district.
    """
    member = _get_other_member(district, username, actor)
    if member.is_shared and actor:
        raise MemberRefused(explain_shared())
    try:
        count = reset_second_factors(user=member.user, district=district, actor=actor, at=at, by_operator=not actor)
    except ResetRefused as error:
        raise MemberRefused(str(error)) from None
    end_sessions(user=member.user, at=timezone.now(), by=actor, because=RESET)
    end_user_tokens(user=member.user, district=None, because=RESET, actor=actor, at=at)
    return count


@transaction.atomic
def end_user_sessions(*, district: District, username: str, record: str = "", actor: str, at: datetime) -> int:
    """End a user's sessions, only one if its record is given; return how many.

    Raise NoSuchMember, and MemberRefused if a director asks it for a user who also works for another district.
    """
    member = get_member(district=district, username=username)
    if member.is_shared and actor:
        raise MemberRefused(explain_shared())
    count = end_sessions(user=member.user, at=timezone.now(), by=actor, because=ENDED, record=record)
    if count:
        _record_everywhere(district, member, action="end sessions", actor=actor, at=at, detail={"sessions": count})
    return count


@transaction.atomic
def end_own_sessions(*, user: Any, current_key: str, record: str = "", at: datetime) -> int:
    """End a user's own sessions but the current one, only one if its record is given; return how many."""
    name = user.get_username()
    count = end_sessions(
        user=user, at=timezone.now(), by=name, because=ENDED, record=record, except_key="" if record else current_key
    )
    if count:
        for belonging in sorted(list_memberships(user=user), key=lambda item: item.district.pk):
            record_audit_entry(
                district=belonging.district,
                at=at,
                actor=name,
                action="end sessions",
                subject_kind="user",
                subject=name[:80],
                detail={"sessions": count},
            )
    return count


@transaction.atomic
def end_own_access(*, user: Any, current_key: str, at: datetime) -> EndedAccess:
    """End what else opens a user's account when they change how they sign in: other sessions, and all API tokens.

    Whoever had the account before may have begun either.
    """
    sessions = end_own_sessions(user=user, current_key=current_key, at=at)
    tokens = end_user_tokens(user=user, district=None, because=FACTORS_CHANGED, actor=user.get_username(), at=at)
    return EndedAccess(sessions=sessions, tokens=tokens)


def _choose_role(district: District, role: str) -> str:
    if role:
        return role
    if memberships.has_active_director(district=district, not_counted=_get_break_glass_name(district)):
        raise MemberRefused(gettext("Name a role: director, technician, privacy or auditor."))
    return DIRECTOR


def _get_break_glass_name(district: District) -> str:
    account = find_break_glass(district=district)
    return account.user.get_username() if account else ""


def _get_other_member(district: District, username: str, actor: str) -> OfficeMember:
    """Return the member whom an actor changes. Raise MemberRefused if it is the actor, or the break-glass account."""
    member = get_member(district=district, username=username)
    if is_break_glass(user=member.user):
        raise MemberRefused(
            gettext("A break-glass account is replaced, not changed: homeroom break-glass create makes a new one.")
        )
    if actor and member.username == actor:
        raise MemberRefused(gettext("This is your own account. Ask another director to change it."))
    return member


def _issue(member: OfficeMember, passphrase: str, *, actor: str, at: datetime, is_permanent: bool) -> OneTimePassphrase:
    expires_at = None
    if is_permanent:
        mark_passphrase_own(user=member.user)
    else:
        lifetime = settings.TEMPORARY_PASSPHRASE_LIFETIME
        expires_at = mark_passphrase_temporary(user=member.user, by=actor, at=at, lifetime=lifetime)
    return OneTimePassphrase(username=member.username, role=member.role, passphrase=passphrase, expires_at=expires_at)


def _describe_role(member: OfficeMember) -> dict[str, Any]:
    return {"role": member.role, "schools": list(member.schools)}


def _record_everywhere(district: District, member: OfficeMember, **entry: Any) -> None:
    """Record what changes the user, not the membership alone, in each of the user's districts."""
    districts = {item.district.pk: item.district for item in list_memberships(user=member.user)} | {
        district.pk: district
    }
    for _, belonging in sorted(districts.items(), key=itemgetter(0)):  # two such changes lock the trails in one order
        _record(belonging, member, **entry)


def _record(
    district: District,
    member: OfficeMember,
    *,
    action: str,
    actor: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="user",
        subject=member.username[:80],
        detail=detail,
    )
