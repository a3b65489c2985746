"""Who has an account on premises beside one in the cloud: the staff, and strangers. Others are in `keptaccounts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from homeroom.sample.activedirectory import DirectoryAccount
from homeroom.sample.figures import DIRECTORY_CASES
from homeroom.sample.hygiene import judge
from homeroom.sample.names import folded
from homeroom.sample.people import Employee, Staff
from homeroom.sample.plan import Deck, District, deal_all
from homeroom.sample.sinks import Sinks
from homeroom.sample.truth import Account, Ref, ref

_CONTROLS = {  # by the flag of an account
    "not_required": "password-not-required",
    "never_expires": "password-never-expires",
    "no_preauth": "preauth-not-required",
    "reversible": "reversible-password",
}
_PLAIN = ("", "staff-parent", "no-second-factor", "on-leave", "renamed")  # cases that say nothing of an account here
_TRUSTED = {
    "services": "service-password-age",
    "des_only": "des-only",
    "older_sid": "rights-of-older-account",
    "delegates": "unconstrained-delegation",
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
        plain = np.array([person.case in _PLAIN and person.account for person in self.staff.employees])
        self._deck = Deck(self.district.rng(41), len(self.staff.employees))
        deal_all(self._deck, DIRECTORY_CASES, plain)

    def for_person(self, person: Employee, cloud: Account) -> list[Ref]:
        """The account of one employee who has one in the cloud; its record."""
        account = self._account(person, cloud)
        _befall(account, self._deck.case(person.index))
        if person.gone and not account.enabled and person.turn % 4 == 2:
            for case in ("no_preauth", "not_required", "reversible", *_TRUSTED):
                _befall(account, case)  # nobody can sign in with it any more
        self.write(account)
        if not account.enabled:
            self.innocent("disabled-on-premises", "leaver-account", "Left, and the account was disabled.", account)
        return [ref("activedirectory", account.key)]

    def _account(self, person: Employee, cloud: Account) -> DirectoryAccount:
        account = self._of(cloud, owner=cloud.owner)
        account.given, account.family = person.given, person.family
        account.principal, account.email, account.number = person.principal, person.email, cloud.number
        account.title, account.department = person.title, person.department
        account.unit = (person.place, "Staff")
        account.enabled = not (person.gone or cloud.owner == "guardian") or _forgotten(person)
        account.temporary = person.case in ("substitute", "contractor")
        account.expires = _last_day(person, self.district.calendar.today)
        if person.case in ("never-used", "never-new"):
            account.password_set = account.created  # nobody signed in, so nobody changed it
        return account

    def strangers(self, accounts: list[Account]) -> None:
        """Accounts of people of whom no list ever heard; every second of them has one here too."""
        for cloud in accounts[::2]:
            account = self._of(cloud, owner="nobody")
            account.given, account.family, account.principal = cloud.given, cloud.family, cloud.email
            account.unit = (cloud.unit.rsplit("/", 1)[-1], "Staff")
            self.write(account)

    def _of(self, cloud: Account, *, owner: str) -> DirectoryAccount:
        """An account beside one in the cloud, used and made on the same days."""
        sam = f"{folded(cloud.given)[:1]}{folded(cloud.family)}"[:14]
        name = f"{cloud.family}, {cloud.given}"
        return self.new(sam=sam, name=name, owner=owner, created=cloud.created, last=cloud.last)

    def new(self, *, sam: str, name: str, owner: str, created: date, last: date | None) -> DirectoryAccount:
        """An account like most; the logon name gets a number where somebody has it."""
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

    def write(self, account: DirectoryAccount) -> None:
        """Write an account, and judge it."""
        self.sinks.directory.write(account)
        truth, records = self.sinks.truth, [ref("activedirectory", account.key)]
        truth.on_premises(account, records)
        judge(account, records, truth)
        for flag, control in _CONTROLS.items():
            if not getattr(account, flag):
                continue
            if not account.enabled:
                self.innocent("closed-on-premises", control, "Nobody can sign in with it.", account)
            elif flag != "never_expires" or account.owner not in ("service", "shared"):
                truth.fails(control, records)
        for control, why in _innocent_of(account, truth.calendar.today):
            self.innocent("nearly", control, why, account)

    def innocent(self, name: str, control: str, why: str, account: DirectoryAccount) -> None:
        """An account that only looks as if it failed."""
        self.sinks.truth.innocent(name, control, why, [ref("activedirectory", account.key)])


def _befall(account: DirectoryAccount, case: str) -> None:
    """Give an account its case: a flag that is set, or one of _TRUSTED."""
    match case:
        case "":
            return
        case "services":
            account.services = (f"HTTP/{account.sam}.apps", f"HTTP/{account.sam}.apps:8080")
        case "older_sid":
            account.older_sid = f"S-1-5-21-2025429265-492894223-1708537768-{2200 + account.index}"
        case "first_password":
            account.password_set = account.created
        case "own_password":
            account.password_set = account.created + timedelta(days=1)
        case _:
            setattr(account, case, True)


def _last_day(person: Employee, today: date) -> date | None:
    """Every third substitute's day is past, every third has none; some people's last day is today."""
    match person.case:
        case "contractor":
            return today + timedelta(days=120)
        case "substitute" if person.turn % 3 == 0:
            return today - timedelta(days=1)
        case "substitute" if person.turn % 3 == 2:
            return today
        case "ends-soon" if person.turn % 2 == 0:
            return today
    return None


def _innocent_of(account: DirectoryAccount, today: date) -> list[tuple[str, str]]:
    """(control, why) of what an account is one step away from failing."""
    found = [("account-past-its-end", "Its last day is today.")] if account.expires == today else []
    if account.temporary and account.expires:
        found.append(("temporary-account-ends", "It has a last day."))
    if account.password_set == account.created + timedelta(days=1):
        found.append(("first-password-kept", "Its owner chose a password on the second day."))
    if account.password_set == account.created and (today - account.created).days == 90:
        found.append(("first-password-kept", "Made exactly 90 days ago."))
    if not account.enabled and account.services:
        why = "Nobody can sign in with it."
        found += [(control, why) for control in ("person-with-service-name", *_TRUSTED.values())]
    return found


def _forgotten(person: Employee) -> bool:
    """Left, and the account on premises was forgotten: with the one in the cloud, or after that one was closed."""
    return person.gone and person.turn in ((0, 3) if person.case == "left-suspended" else (1,))
