"""Users of the district's office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.platform.endpoints.endpoint import Caller, Endpoint, NoParameters


@dataclass(frozen=True, kw_only=True)
class UserRow:
    """A user of the office; `sessions` is null for who also works for another district."""

    username: str
    name: str
    role: str
    schools: tuple[str, ...]
    active: bool
    other_districts: bool
    must_change_password: bool
    last_sign_in: datetime | None
    sessions: int | None


def _list_users(caller: Caller, _parameters: NoParameters) -> tuple[UserRow, ...]:
    from homeroom.apps.platform.accounts.queries import list_users

    return tuple(
        UserRow(
            username=user.username,
            name=user.name,
            role=user.role,
            schools=user.schools,
            active=user.is_active,
            other_districts=user.is_shared,
            must_change_password=user.has_to_change,
            last_sign_in=user.last_sign_in,
            sessions=user.sessions,
        )
        for user in list_users(district=caller.district, at=caller.now)
    )


LIST_USERS = Endpoint(
    name="listUsers",
    method="GET",
    path="users",
    title="List the users of the district's office, their roles and last sign-ins.",
    permission="users.read",
    parameters=NoParameters,
    result=tuple[UserRow, ...],
    run=_list_users,
    is_recorded=True,
)
ENDPOINTS = (LIST_USERS,)
