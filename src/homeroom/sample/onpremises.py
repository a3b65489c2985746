"""Who has an account on premises: the staff beside their cloud accounts, services, and what Windows makes by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from homeroom.sample.activedirectory import DirectoryAccount
from homeroom.sample.figures import DIRECTORY_CASES
from homeroom.sample.names import folded
from homeroom.sample.people import Employee, Staff
from homeroom.sample.plan import Deck, District, deal_all
from homeroom.sample.sinks import Sinks
from homeroom.sample.truth import Account, Ref, ref

_SERVICES = ("backup", "sql", "print", "sync", "scan", "monitoring")
_CONTROLS = {  # by the flag of an account
    "not_required": "password-not-required",
    "never_expires": "password-never-expires",
    "no_preauth": "preauth-not-required",
    "reversible": "reversible-password",
}


@dataclass(kw_only=True)
class DirectoryWriter:
    """Writes accounts on premises, numbering them as it goes."""

    district: District
    sinks: Sinks
    staff: Staff
    _index: int = 0
    _sams: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        plain = np.array([person.case == "" and person.account for person in self.staff.employees])
        self._deck = Deck(self.district.rng(41), len(self.staff.employees))
        deal_all(self._deck, DIRECTORY_CASES, plain)

    def for_person(self, person: Employee, cloud: Account) -> list[Ref]:
        """The account of one employee who has one in the cloud; its record."""
        account = self._account(person, cloud)
        case = self._deck.case(person.index)
        if case:
            setattr(account, case, True)
        if person.gone and not account.enabled and person.turn % 4 == 2:
            account.no_preauth = account.not_required = account.reversible = True  # nobody can sign in with it any more
        self._write(account)
        if not account.enabled:
            self._innocent("disabled-on-premises", "leaver-account", "Left, and the account was disabled.", account)
        return [ref("activedirectory", account.key)]

    def _account(self, person: Employee, cloud: Account) -> DirectoryAccount:
        account = self._of(cloud, owner=cloud.owner)
        account.given, account.family = person.given, person.family
        account.principal, account.email, account.number = person.principal, person.email, cloud.number
        account.title, account.department = person.title, person.department
        account.unit = (person.place, "Staff")
        account.enabled = not (person.gone or cloud.owner == "guardian") or _forgotten(person)
        if person.case == "contractor":
            account.expires = self.district.calendar.today + timedelta(days=120)
        return account

    def strangers(self, accounts: list[Account]) -> None:
        """Accounts of people of whom no list ever heard; every second of them has one here too."""
        for cloud in accounts[::2]:
            account = self._of(cloud, owner="nobody")
            account.given, account.family, account.principal = cloud.given, cloud.family, cloud.email
            account.unit = (cloud.unit.rsplit("/", 1)[-1], "Staff")
            self._write(account)

    def services(self) -> None:
        """Accounts of services, whose passwords do not expire by intent; and those that Windows makes and disables."""
        calendar, long_ago = self.district.calendar, date(2015, 8, 3)
        for turn, name in enumerate(_SERVICES):
            sam = f"svc-{name}"
            account = self._new(sam=sam, name=sam, owner="service", created=long_ago, last=calendar.recent[turn])
            account.unit, account.never_expires = ("Service Accounts",), True
            account.principal = f"{sam}@{self.district.domain}"
            self._write(account)
            why = "A service signs in with it; its password is changed by a plan and not by expiring."
            self._innocent("service-on-premises", "password-never-expires", why, account)
        krbtgt = self._new(sam="krbtgt", name="krbtgt", owner="service", created=long_ago, last=None)
        krbtgt.enabled, krbtgt.protected = False, "1"
        self._write(krbtgt)
        guest = self._new(sam="Guest", name="Guest", owner="service", created=long_ago, last=None)
        guest.enabled, guest.not_required, guest.never_expires, guest.password_set = False, True, True, None
        self._write(guest)
        self._innocent("guest", "password-not-required", "Windows makes it so, and keeps it disabled.", guest)

    def _of(self, cloud: Account, *, owner: str) -> DirectoryAccount:
        """An account beside one in the cloud, used and made on the same days."""
        sam = f"{folded(cloud.given)[:1]}{folded(cloud.family)}"[:14]
        name = f"{cloud.family}, {cloud.given}"
        return self._new(sam=sam, name=name, owner=owner, created=cloud.created, last=cloud.last)

    def _new(self, *, sam: str, name: str, owner: str, created: date, last: date | None) -> DirectoryAccount:
        self._index += 1
        known = sam in self._sams
        self._sams.add(sam)
        return DirectoryAccount(
            index=self._index,
            sam=f"{sam}{self._index}" if known else sam,
            name=f"{name} {self._index}" if known else name,
            owner=owner,
            created=created,
            last=last,
            password_set=self.district.calendar.past[self._index * 11 % 80],
        )

    def _write(self, account: DirectoryAccount) -> None:
        self.sinks.directory.write(account)
        truth, records = self.sinks.truth, [ref("activedirectory", account.key)]
        truth.on_premises(account, records)
        for flag, control in _CONTROLS.items():
            if not getattr(account, flag):
                continue
            if not account.enabled:
                self._innocent("closed-on-premises", control, "Nobody can sign in with it.", account)
            elif flag != "never_expires" or account.owner != "service":
                truth.fails(control, records)

    def _innocent(self, name: str, control: str, why: str, account: DirectoryAccount) -> None:
        self.sinks.truth.innocent(name, control, why, [ref("activedirectory", account.key)])


def _forgotten(person: Employee) -> bool:
    """Left, and the account on premises was forgotten: with the one in the cloud, or after that one was closed."""
    return person.gone and person.turn in ((0, 3) if person.case == "left-suspended" else (1,))
