"""The reach of an incident: what its accounts and computers did by the logs, whose they are, and who else came along.

Nothing here is a judgment: a log shows what happened, and a person decides what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from homeroom.domain.protect.detections.alerts import Entity


class ReachKind(StrEnum):
    """What an account or computer reached, in the order in which people ask for it."""

    OTHER_ACCOUNT = "other_account"
    DOCUMENT = "document"
    MAIL = "mail"
    APP = "app"
    ACCOUNT = "account"
    COMPUTER = "computer"
    ADDRESS = "address"
    REST = "rest"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachQuestion:
    """Whose reach it is: accounts and hosts by the names that logs have, from `since` until `until`.

    `accounts` has, by each name in lower case, the name that the incident calls the account by. `named_addresses` are
    those that an alert names as an intruder's. What an account did before `began_at` is what it does anyway.
    """

    since: datetime
    began_at: datetime
    until: datetime
    accounts: Mapping[str, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()
    named_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachItem:
    """One thing that was reached, with how often and by whom.

    `outside` is whether it is open to somebody outside the district; None where no log shows it. `notes` are facts such
    as the scopes of an app, or where mail goes.
    """

    kind: ReachKind
    name: str
    id: str = ""
    words: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    owner: str = ""
    outside: bool | None = None
    notes: tuple[str, ...] = ()
    events: int = 0
    foreign: int = 0
    first: datetime
    last: datetime
    account: Entity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachSection:
    """All of one kind: `total` things by `events` events; `items` may be only the first of them.

    `outside` counts the things that are open to outside, `foreign` those that were touched from a new address.
    """

    kind: ReachKind
    total: int
    events: int
    outside: int = 0
    foreign: int = 0
    items: tuple[ReachItem, ...] = ()

    @property
    def more(self) -> int:
        """Return how many things are not among the items."""
        return self.total - len(self.items)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountOwner:
    """Who has accounts of an incident: role and school, what they hold, and what their accounts open.

    `accounts` are all of that person, also those that no alert names; `directories` are where they are. `person` is the
    public id, empty where nobody was found.
    """

    accounts: tuple[Entity, ...]
    directories: tuple[str, ...] = ()
    person: str = ""
    role: str = ""
    school: str = ""
    devices: tuple[Entity, ...] = ()
    opens: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The reach of an incident in a time; `events` counts what its accounts and hosts did,
    `failed` what did not succeed.

    `shortened` is whether the time was cut to the longest that is read.
    """

    since: datetime
    until: datetime
    owners: tuple[AccountOwner, ...] = ()
    sections: tuple[ReachSection, ...] = ()
    events: int = 0
    failed: int = 0
    shortened: bool = False
