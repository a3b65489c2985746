"""Logs for the demo: the sample district's last days, with one incident in them to walk through.

The people are those of a district that `generate_sample` wrote, so that accounts in the logs are accounts of the demo.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from homeroom.sample.fortnights.background.google import GoogleRoutine
from homeroom.sample.fortnights.background.microsoft import MicrosoftRoutine
from homeroom.sample.fortnights.district.calendar import FortnightCalendar
from homeroom.sample.fortnights.district.people import InventedPerson, People
from homeroom.sample.fortnights.district.plan import FortnightDistrict, plan_fortnight
from homeroom.sample.fortnights.intrusions.google import write_phished_account
from homeroom.sample.fortnights.lists import write_announcements
from homeroom.sample.fortnights.logs.log_book import LogBook
from homeroom.sample.fortnights.logs.log_files import write_log_files
from homeroom.sample.fortnights.logs.vendors import VendorLogs
from homeroom.sample.fortnights.look_alikes.accounts import write_new_phone
from homeroom.sample.fortnights.look_alikes.administration import write_announced_role
from homeroom.sample.fortnights.look_alikes.data import write_mass_share
from homeroom.sample.fortnights.story import Announcement, Scene, Story
from homeroom.sample.fortnights.truth import write_truth

STAFF, STUDENTS, SEED = 50, 60, 15
_ZONE: Final = "America/Chicago"
_POSTS: Final = {
    "technician": "Technology Specialist",
    "counselor": "Counselor",
    "nurse": "School Nurse",
    "office": "Office Manager",
    "principal": "Assistant Principal",
    "substitute": "Substitute Teacher",
}
"""Title in the sample's staff list of those who have a post; the others are teachers."""


@dataclass(frozen=True, kw_only=True)
class _Account:
    """An account of the sample."""

    email: str
    identity: str
    first_name: str
    last_name: str
    unit: str
    title: str
    is_super_admin: bool


def write_demo_logs(folder: Path, *, sample: Path, today: date) -> Story:
    """Write logs up to the evening before `today`, announced work, canaries and the truth; return the intrusion.

    `sample` is the folder of a generated sample whose Google users are a CSV. The intrusion is two days old: an
    employee's account is stolen, its mail forwarded out, and a file shared with the colleagues.
    """
    district = _plan_district(sample, today=today)
    book = LogBook(end=district.calendar.compute_time((today - district.calendar.first).days, 0))
    logs = VendorLogs(district, book)
    announcements: list[Announcement] = []
    day = (today - district.calendar.first).days - 2
    intrusion, *look_alikes = (
        tell(
            Scene(
                district=district,
                logs=logs,
                dice=district.create_dice(tell.__name__),
                announcements=announcements,
                pinned_day=day,
            )
        )
        for tell in (write_phished_account, write_announced_role, write_mass_share, write_new_phone)
    )
    GoogleRoutine(district, logs.google).write_days()
    MicrosoftRoutine(district, logs).write_days()
    book.close()
    folder.mkdir(parents=True, exist_ok=True)
    write_announcements(folder, district, announcements)
    write_log_files(folder, district, book.entries)
    write_truth(folder / "truth.json", district, book, intrusions=[intrusion], look_alikes=look_alikes)
    return intrusion


def _plan_district(sample: Path, *, today: date) -> FortnightDistrict:
    """Plan the district of the sample, for the week of `today` and the week before it."""
    accounts = _read_accounts(sample)
    district = plan_fortnight(seed=SEED, staff=STAFF, students=STUDENTS)
    _cast_people(district.people, accounts)
    domain = next(account for account in accounts if account.is_super_admin).email.rpartition("@")[2]
    monday = today - timedelta(days=today.weekday() + 7)
    return replace(
        district,
        domain=domain,
        calendar=FortnightCalendar(first=monday, break_days=frozenset(), zone=_ZONE),
        bait_email=f"{district.bait_account}@{domain}",
    )


def _read_accounts(sample: Path) -> list[_Account]:
    with (sample / "hr" / "staff.csv").open(encoding="utf-8-sig", newline="") as file:
        titles = {row["Email"].lower(): row["Job Title"] for row in csv.DictReader(file) if row["Status"] == "Active"}
    with (sample / "google" / "users.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["suspended"] == "False"]
    return [
        _Account(
            email=row["primaryEmail"].lower(),
            identity=row.get("id", ""),
            first_name=row["name.givenName"],
            last_name=row["name.familyName"],
            unit=row["orgUnitPath"],
            title=titles.get(row["primaryEmail"].lower(), ""),
            is_super_admin=row["isAdmin"] == "True",
        )
        for row in rows
    ]


def _cast_people(people: People, accounts: Sequence[_Account]) -> None:
    """Give each planned person the account of somebody in the sample with a fitting title."""
    administrators = [account for account in accounts if account.is_super_admin]
    staff = [account for account in accounts if account.title and not account.is_super_admin]
    for person in people.staff:
        if person.is_super_admin:
            account = administrators.pop()
        else:
            title = _POSTS.get(person.post, "Teacher")
            account = next((entry for entry in staff if entry.title == title), staff[0])
            staff.remove(account)
        _assign_account(person, account)
    students = (account for account in accounts if account.unit.startswith("/Students"))
    for person in people.students:
        _assign_account(person, next(students))


def _assign_account(person: InventedPerson, account: _Account) -> None:
    person.email, person.unit = account.email, account.unit
    person.first_name, person.last_name = account.first_name, account.last_name
    person.profile = account.identity or person.profile
