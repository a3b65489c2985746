"""On-premises accounts beside one in the cloud: staff and unknown people; `service_accounts` has the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from homeroom.sample.export_files import ExportFiles
from homeroom.sample.files.active_directory import DirectoryAccount
from homeroom.sample.people.directory_hygiene import evaluate_directory_controls
from homeroom.sample.plan.case_rates import DIRECTORY_CASES
from homeroom.sample.plan.district import CaseDeck, DistrictPlan, assign_all_cases
from homeroom.sample.plan.person_names import convert_to_ascii
from homeroom.sample.plan.staff import Employee, StaffList
from homeroom.sample.truth.ground_truth import GoogleAccount, RecordRef, build_ref

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
class OnPremisesAccountWriter:
    """Writer of on-premises accounts, which numbers them as it goes."""

    district: DistrictPlan
    exports: ExportFiles
    staff: StaffList
    _index: int = 0
    _sams: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        plain = np.array([person.case in _PLAIN and person.account for person in self.staff.employees])
        self._deck = CaseDeck(self.district.create_rng(41), len(self.staff.employees))
        assign_all_cases(self._deck, DIRECTORY_CASES, plain)

    def write_person(self, person: Employee, cloud: GoogleAccount) -> list[RecordRef]:
        """Write the account of one employee who has one in the cloud, and return its record."""
        account = self._build_account(person, cloud)
        _apply_case(account, self._deck.get_case(person.index))
        if person.has_left and not account.enabled and person.turn % 4 == 2:
            for case in ("no_preauth", "not_required", "reversible", *_TRUSTED):
                _apply_case(account, case)  # nobody can sign in with it any more
        self.write(account)
        if not account.enabled:
            self.add_look_alike(
                "disabled-on-premises", "leaver-account", "Left, and the account was disabled.", account
            )
        return [build_ref("activedirectory", account.key)]

    def _build_account(self, person: Employee, cloud: GoogleAccount) -> DirectoryAccount:
        account = self._copy_cloud_account(cloud, owner=cloud.owner)
        account.first_name, account.last_name = person.first_name, person.last_name
        account.principal, account.email, account.number = person.principal, person.email, cloud.number
        account.title, account.department = person.title, person.department
        account.unit = (person.location, "Staff")
        account.enabled = not (person.has_left or cloud.owner == "guardian") or _is_forgotten(person)
        account.temporary = person.case in ("substitute", "contractor")
        account.expires = _get_last_day(person, self.district.calendar.today)
        if person.case in ("never-used", "never-new"):
            account.password_set = account.created  # nobody signed in, so nobody changed it
        return account

    def write_unknown_people(self, accounts: list[GoogleAccount]) -> None:
        """Write on-premises accounts of people who are in no list, for every second one of them."""
        for cloud in accounts[::2]:
            account = self._copy_cloud_account(cloud, owner="nobody")
            account.first_name, account.last_name, account.principal = cloud.first_name, cloud.last_name, cloud.email
            account.unit = (cloud.unit.rsplit("/", 1)[-1], "Staff")
            cloud_record = build_ref("google", cloud.key)
            self.write(account, cloud_record=cloud_record)
            self.exports.truth.add_person([cloud_record, build_ref("activedirectory", account.key)])

    def _copy_cloud_account(self, cloud: GoogleAccount, *, owner: str) -> DirectoryAccount:
        """Build an account beside one in the cloud, used and created on the same days."""
        sam = f"{convert_to_ascii(cloud.first_name)[:1]}{convert_to_ascii(cloud.last_name)}"[:14]
        name = f"{cloud.last_name}, {cloud.first_name}"
        return self.create_account(sam=sam, name=name, owner=owner, created=cloud.created, last=cloud.last)

    def create_account(self, *, sam: str, name: str, owner: str, created: date, last: date | None) -> DirectoryAccount:
        """Create an ordinary account; the logon name gets a number if it is taken."""
        self._index += 1
        is_taken = sam in self._sams
        self._sams.add(sam)
        return DirectoryAccount(
            index=self._index,
            sam=f"{sam}{self._index}" if is_taken else sam,
            name=f"{name} {self._index}" if is_taken else name,
            owner=owner,
            created=created,
            last=last,
            password_set=self.district.calendar.past[self._index * 11 % 80],
        )

    def write(self, account: DirectoryAccount, *, cloud_record: RecordRef | None = None) -> None:
        """Write an account and evaluate it; `cloud_record` is the cloud account of the same unknown person."""
        self.exports.active_directory.write(account)
        truth, records = self.exports.truth, [build_ref("activedirectory", account.key)]
        truth.evaluate_directory_account(account, records, cloud_record=cloud_record)
        evaluate_directory_controls(account, records, truth)
        for flag, control in _CONTROLS.items():
            if not getattr(account, flag):
                continue
            if not account.enabled:
                self.add_look_alike("closed-on-premises", control, "Nobody can sign in with it.", account)
            elif flag != "never_expires" or account.owner not in ("service", "shared"):
                truth.add_failure(control, records)
        for control, reason in _list_near_misses(account, truth.calendar.today):
            self.add_look_alike("nearly", control, reason, account)

    def add_look_alike(self, name: str, control: str, reason: str, account: DirectoryAccount) -> None:
        """Add an account that only seems to fail."""
        self.exports.truth.add_look_alike(name, control, reason, [build_ref("activedirectory", account.key)])


def _apply_case(account: DirectoryAccount, case: str) -> None:
    """Apply a case to an account: a flag that is set, or one of _TRUSTED."""
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


def _get_last_day(person: Employee, today: date) -> date | None:
    """Return the last day of the person's account.

    Every third substitute's is past, every third has none; some people's last day is today.
    """
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


def _list_near_misses(account: DirectoryAccount, today: date) -> list[tuple[str, str]]:
    """Return (control, reason) for controls that an account is one step away from failing."""
    near_misses = [("account-past-its-end", "Its last day is today.")] if account.expires == today else []
    if account.temporary and account.expires:
        near_misses.append(("temporary-account-ends", "It has a last day."))
    if account.password_set == account.created + timedelta(days=1):
        near_misses.append(("first-password-kept", "Its owner chose a password on the second day."))
    if account.password_set == account.created and (today - account.created).days == 90:
        near_misses.append(("first-password-kept", "Made exactly 90 days ago."))
    if not account.enabled and account.services:
        reason = "Nobody can sign in with it."
        near_misses += [(control, reason) for control in ("person-with-service-name", *_TRUSTED.values())]
    return near_misses


def _is_forgotten(person: Employee) -> bool:
    """Return whether the person left and the on-premises account was forgotten.

    It was forgotten together with the cloud account, or after that one was closed.
    """
    return person.has_left and person.turn in ((0, 3) if person.case == "left-suspended" else (1,))
