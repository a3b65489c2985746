"""The users of a district's office, and sessions: those of a user of the district, and one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from homeroom.apps.platform.accounts.devices import describe_device
from homeroom.apps.platform.accounts.models import TemporaryPassphrase, UserSession
from homeroom.apps.platform.accounts.sessions import has_session
from homeroom.apps.platform.districts.memberships import OfficeMember, get_member, list_office_members
from homeroom.apps.platform.districts.queries import ROLES
from homeroom.apps.platform.districts.school_names import find_lost_schools
from homeroom.domain.platform.district import District

MAX_ENDED = 20
"""How many ended sessions are listed beside the active ones."""


@dataclass(frozen=True, kw_only=True)
class OfficeUser:
    """A user of the district's office.

    `schools` are names, `lost_schools` those of them that no loaded roster has. `sessions` is the number of active
    sessions; None if the user also works for another district, whose sessions a director does not see.
    `has_to_change` is true until they choose a passphrase of their own.
    """

    number: int
    username: str
    name: str
    role: str
    schools: tuple[str, ...]
    lost_schools: tuple[str, ...]
    is_active: bool
    is_shared: bool
    has_to_change: bool
    last_sign_in: datetime | None
    sessions: int | None

    @property
    def role_title(self) -> str:
        """Title of the role."""
        return str(ROLES[self.role])


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One session as a page shows it; `device` is empty if it is unknown, `ended_at` None while it is active."""

    id: str
    device: str
    method: str
    address: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_because: str
    is_current: bool


def list_users(*, district: District, at: datetime) -> tuple[OfficeUser, ...]:
    """Return the users of the district's office, active ones first, by name. Raise QueryTimeout."""
    return _build_users(district, list_office_members(district=district), at=at)


def get_user(*, district: District, number: int = 0, username: str = "", at: datetime) -> OfficeUser:
    """Return a user of the office by number or name. Raise NoSuchMember, and QueryTimeout."""
    member = get_member(district=district, number=number, username=username)
    return _build_users(district, (member,), at=at)[0]


def list_user_sessions(
    *, district: District, username: str, at: datetime, is_operator: bool = False
) -> tuple[SessionLine, ...]:
    """Return the sessions of a user of the office, active ones first, then the latest ended ones.

    Those of a user who also works for another district are for whoever runs the server only. Raise NoSuchMember.
    """
    member = get_member(district=district, username=username)
    if member.is_shared and not is_operator:
        return ()
    return _list_sessions(member.user, at=at, current_key="")


def list_own_sessions(*, user: Any, current_key: str, at: datetime) -> tuple[SessionLine, ...]:
    """Return a user's own sessions, active ones first, then the latest ended ones."""
    return _list_sessions(user, at=at, current_key=current_key)


def _build_users(district: District, members: Iterable[OfficeMember], *, at: datetime) -> tuple[OfficeUser, ...]:
    members = tuple(members)
    users = [member.user for member in members]
    counts = Counter(_select_active(at).filter(user__in=users).values_list("user_id", flat=True))
    temporary = set(TemporaryPassphrase.objects.filter(user__in=users).values_list("user_id", flat=True))
    return tuple(
        OfficeUser(
            number=member.number,
            username=member.username,
            name=member.user.get_full_name(),
            role=member.role,
            schools=member.schools,
            lost_schools=find_lost_schools(district=district, schools=member.schools),
            is_active=member.is_active,
            is_shared=member.is_shared,
            has_to_change=member.user.pk in temporary,
            last_sign_in=member.user.last_login,
            sessions=None if member.is_shared else counts[member.user.pk],
        )
        for member in members
    )


def _list_sessions(user: Any, *, at: datetime, current_key: str) -> tuple[SessionLine, ...]:
    active = _select_active(at).filter(user=user).order_by("-last_seen_at")
    ended = UserSession.objects.filter(user=user, ended_at__isnull=False).order_by("-ended_at")[:MAX_ENDED]
    lines = [_build_line(row, current_key) for row in (*active, *ended)]
    return tuple(sorted(lines, key=lambda line: not line.is_current))


def _select_active(at: datetime) -> QuerySet[UserSession]:
    rows = UserSession.objects.filter(ended_at=None, expires_at__gt=at, last_seen_at__gt=at - settings.SESSION_IDLE)
    return rows.filter(has_session())


def _build_line(row: UserSession, current_key: str) -> SessionLine:
    return SessionLine(
        id=row.public,
        device=describe_device(row.agent),
        method=row.method,
        address=row.address,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
        is_current=bool(row.session_key) and row.session_key == current_key,
    )
