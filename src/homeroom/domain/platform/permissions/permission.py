"""One permission: its name, what it allows, how far it reaches, and who has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PermissionScope(StrEnum):
    """How far a permission reaches.

    A page whose permission has the scope `school` shows nothing of a school outside the membership; with `own` it shows
    only what belongs to the user. A membership that is limited to schools holds no permission of the scope `district`.
    """

    DISTRICT = "district"
    SCHOOL = "school"
    OWN = "own"


class Access(StrEnum):
    """What opens an address, endpoint or command beside a role in the district.

    `role`: the role of a membership. `account`: any user who signed in. `anyone`: nothing. `secret`: the key or link of
    a machine or a person. `operator`: the machine's own command line; no role has it over the network.
    """

    ROLE = "role"
    ACCOUNT = "account"
    ANYONE = "anyone"
    SECRET = "secret"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A named permission.

    `title` finishes the sentence "may …". `roles` hold it in every district; a director may grant it to the roles in
    `grantable` as well. What is changed under one with `needs_recent_sign_in` decides who gets in: the page asks a
    visitor whose sign-in was a while ago to sign in again.
    """

    name: str
    title: str
    scope: PermissionScope = PermissionScope.DISTRICT
    roles: frozenset[str] = frozenset()
    grantable: frozenset[str] = frozenset()
    access: Access = Access.ROLE
    needs_recent_sign_in: bool = False
