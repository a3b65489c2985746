"""Lists beside the logs: accounts and their owners, announced work, and bait for intruders.

Users of Google, Entra and Active Directory, the staff list, the roster, devices in Intune, the district's facts with
the school calendar, expected activity and canaries.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.consoles.microsoft import (
    IntuneDevice,
    build_device_record,
    build_registration_record,
    open_managed_devices,
    open_registrations,
)
from homeroom.sample.files.active_directory import DirectoryAccount, DirectoryFile
from homeroom.sample.files.staff_list import build_staff_row, open_staff_list
from homeroom.sample.files.writers import CsvFile, JsonPages
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import SERVICES, FortnightDistrict
from homeroom.sample.fortnights.logs.vendors import get_admin_account, get_service_account
from homeroom.sample.fortnights.story import Announcement
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.plan.staff import Employee

_ROSTER_HEADER: Final = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password"
)
_SID_BASE: Final = 1100
"""What the export of Active Directory adds to the index of an account."""


def write_lists(folder: Path, district: FortnightDistrict, announcements: Sequence[Announcement]) -> None:
    """Write all lists into the folder."""
    _ListsWriter(folder, district).write_all()
    _write_facts(folder / "district.yaml", district)
    write_announcements(folder, district, announcements)


def write_announcements(folder: Path, district: FortnightDistrict, announcements: Sequence[Announcement]) -> None:
    """Write the lists of expected activity and of canaries."""
    _write_expected(folder / "expected.yaml", announcements)
    _write_canaries(folder / "canaries.yaml", district)


class _ListsWriter:
    def __init__(self, folder: Path, district: FortnightDistrict) -> None:
        self._folder = folder
        self._district = district
        self._people = district.people
        self._before = district.calendar.first - timedelta(days=1)
        self._created = date(2022, 8, 1)

    def write_all(self) -> None:
        self._write_google()
        self._write_entra()
        self._write_active_directory()
        self._write_staff()
        self._write_roster()
        self._write_devices()

    def _write_google(self) -> None:
        pages = JsonPages(self._folder / "google" / "users.json", size=500, envelope=_build_users_page)
        for person in [*self._people.staff, *self._people.leavers, *self._people.students]:
            pages.add_record(self._build_google_user(person))
        bait = self._people.staff[-1]
        pages.add_record(
            {
                **self._build_google_user(bait),
                "id": f"1{self._district.seed:020d}",
                "primaryEmail": self._district.bait_email,
                "name": {"givenName": "Records", "familyName": "Archive", "fullName": "Records Archive"},
                "externalIds": [],
            }
        )
        pages.close()

    def _build_google_user(self, person: InventedPerson) -> dict[str, Any]:
        return {
            "kind": "admin#directory#user",
            "id": person.profile,
            "primaryEmail": person.email,
            "name": {"givenName": person.first_name, "familyName": person.last_name, "fullName": person.name},
            "isAdmin": person.is_super_admin,
            "isDelegatedAdmin": person.post == "technician",
            "lastLoginTime": format_timestamp(self._before, person.number),
            "creationTime": format_timestamp(self._created, person.number),
            "suspended": not person.enabled,
            "archived": False,
            "orgUnitPath": person.unit,
            "isEnrolledIn2Sv": person.has_second_factor,
            "isEnforcedIn2Sv": not person.is_student,
            "externalIds": [{"value": _build_number(person), "type": "organization"}],
        }

    def _write_entra(self) -> None:
        folder = self._folder / "microsoft"
        pages = JsonPages(folder / "users.json", size=500, envelope=_build_entra_page)
        registrations = open_registrations(folder)
        for person in [*self._people.staff, *self._people.leavers]:
            pages.add_record(
                {
                    "id": person.entra_id,
                    "displayName": person.name,
                    "givenName": person.first_name,
                    "surname": person.last_name,
                    "userPrincipalName": person.email,
                    "mail": person.email,
                    "jobTitle": person.title,
                    "department": person.department,
                    "employeeId": _build_number(person),
                    "accountEnabled": person.enabled,
                    "userType": "Member",
                    "createdDateTime": format_timestamp(self._created, person.number).replace(".000Z", "Z"),
                    "onPremisesSamAccountName": person.sam,
                    "onPremisesSyncEnabled": True,
                }
            )
            registrations.add_record(
                build_registration_record(
                    key=person.entra_id,
                    email=person.email,
                    name=person.name,
                    admin=person.is_super_admin or person.post == "technician",
                    methods=("microsoftAuthenticatorPush",) if person.has_second_factor else (),
                    day=self._before,
                )
            )
        pages.close()
        registrations.close()

    def _write_active_directory(self) -> None:
        path = self._folder / "activedirectory" / "users.csv"
        file = DirectoryFile(path, self._district.domain, domain_sid=self._district.domain_sid)
        for person in [*self._people.staff, *self._people.leavers, *self._people.students]:
            file.write(self._build_directory_account(person))
        for person in self._people.staff:
            if person.is_super_admin or person.post == "technician":
                account = get_admin_account(person)
                groups = ("Domain Admins",) if person.is_super_admin else ("Server Operators",)
                file.write(self._build_other_account(account.name, account.number, owner="works", groups=groups))
        for name in SERVICES:
            account = get_service_account(name)
            principal = (f"MSSQLSvc/{name}.{self._district.domain}:1433",)
            file.write(self._build_other_account(name, account.number, owner="service", services=principal))
        file.write(self._build_other_account(self._district.bait_account, 1399, owner="service"))
        file.close()

    def _build_directory_account(self, person: InventedPerson) -> DirectoryAccount:
        return DirectoryAccount(
            index=person.sid_number - _SID_BASE,
            sam=person.sam,
            name=f"{person.name} {person.number}",
            first_name=person.first_name,
            last_name=person.last_name,
            unit=("Students",) if person.is_student else ("Staff",),
            principal=person.email,
            email=person.email,
            number=_build_number(person),
            title=person.title or None,
            department=person.department or None,
            enabled=person.enabled,
            created=self._created,
            last=self._before,
            password_set=self._created,
            owner="student" if person.is_student else "works",
            kind="student" if person.is_student else "staff",
        )

    def _build_other_account(
        self, name: str, number: int, *, owner: str, groups: tuple[str, ...] = (), services: tuple[str, ...] = ()
    ) -> DirectoryAccount:
        return DirectoryAccount(
            index=number - _SID_BASE,
            sam=name,
            name=name,
            created=self._created,
            last=self._before,
            password_set=self._created,
            never_expires=owner == "service",
            groups=groups,
            services=services,
            owner=owner,
        )

    def _write_staff(self) -> None:
        file = open_staff_list(self._folder / "hr", marked=False)
        for person in [*self._people.staff, *self._people.leavers]:
            has_left = person.post == "leaver"
            file.write_row(
                build_staff_row(
                    Employee(
                        index=person.number,
                        number=_build_number(person),
                        first_name=person.first_name,
                        last_name=person.last_name,
                        email=person.email,
                        hr_email=person.email,
                        title=person.title,
                        department=person.department,
                        role="teacher" if person.post == "teacher" else "",
                        location="District",
                        status="Terminated" if has_left else "Active",
                        employment="Substitute" if person.post == "substitute" else "Full Time",
                        hired=self._created,
                        ended=self._before - timedelta(days=60) if has_left else None,
                        laptop=bool(person.laptop),
                    )
                )
            )
        file.close()

    def _write_roster(self) -> None:
        folder = self._folder / "oneroster"
        stamp = f"{self._before.isoformat()}T09:30:00.000Z"
        with CsvFile(folder / "manifest.csv", "propertyName,value") as manifest:
            manifest.write_rows([["manifest.version", "1.0"], ["oneroster.version", "1.1"]])
            manifest.write_rows([["file.orgs", "bulk"], ["file.users", "bulk"]])
            manifest.write_rows([["source.systemName", "Invented SIS"], ["source.systemCode", "invented"]])
        with CsvFile(
            folder / "orgs.csv", "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
        ) as orgs:
            orgs.write_row(["org-1", "", "", self._district.name, "district", "0099999", ""])
            orgs.write_row(["org-2", "", "", f"{self._district.town} School", "school", "990000001", "org-1"])
        with CsvFile(folder / "users.csv", _ROSTER_HEADER) as users:
            for person in [*self._people.list_by_post("teacher"), *self._people.students]:
                role, prefix = ("student", "S") if person.is_student else ("teacher", "T")
                number = _build_number(person)
                local = person.email.partition("@")[0]
                row = [f"{prefix}{number}", "active", stamp, "true", "org-2", role, local, f"{{SIS:{number}}}"]
                row += [person.first_name, person.last_name, "", number, person.email, "", "", "", person.grade, ""]
                users.write_row(row)

    def _write_devices(self) -> None:
        pages = open_managed_devices(self._folder / "microsoft")
        laptops = [(person.laptop, f"5CD{person.number:05d}", person) for person in self._people.staff]
        lab = [(computer.name, computer.serial, None) for computer in self._district.list_computers("lab")]
        for number, (name, serial, person) in enumerate([*laptops, *lab]):
            pages.add_record(
                build_device_record(
                    IntuneDevice(
                        key=build_guid(15, number),
                        name=name,
                        serial=serial,
                        tag="",
                        system="Windows",
                        version="10.0.26100.6584",
                        manufacturer="HP",
                        model="ProBook 445 G10",
                        category="Lab" if person is None else "Staff",
                        user=person.email if person else "",
                        user_name=person.name if person else "",
                        enrolled=self._created,
                        last=self._before,
                    )
                )
            )
        pages.close()


def _build_number(person: InventedPerson) -> str:
    return f"{(700_000 if person.is_student else 300_000) + person.number}"


def _build_users_page(users: list[dict[str, Any]], number: int, has_next: bool) -> dict[str, Any]:
    token = {"nextPageToken": f"CAUQ{number:06d}"} if has_next else {}
    return {"kind": "admin#directory#users", "etag": f'"page-{number}"', "users": users, **token}


def _build_entra_page(users: list[dict[str, Any]], number: int, has_next: bool) -> dict[str, Any]:
    link = {"@odata.nextLink": f"https://graph.microsoft.com/v1.0/users?$skiptoken={number}"} if has_next else {}
    return {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", **link, "value": users}


def _write_facts(path: Path, district: FortnightDistrict) -> None:
    calendar = district.calendar
    first, last = (calendar.get_date(day).isoformat() for day in (min(calendar.break_days), max(calendar.break_days)))
    lines = [
        "homeroom: district",
        f"name: {district.name}",
        f"timezone: {district.region.zone}",
        "authority:",
        "  staff: hr",
        "  student: oneroster",
        "calendar:",
        '  first_day: "2026-08-17"',
        '  last_day: "2027-06-04"',
        "  weekdays: [mon, tue, wed, thu, fri]",
        "  closed:",
        f"    - {{from: {first}, to: {last}, kind: break, title: Fall break}}",
    ]
    _write_lines(path, lines)


def _write_expected(path: Path, announcements: Sequence[Announcement]) -> None:
    lines = ["homeroom: expected", "entries:" if announcements else "entries: []"]
    for entry in announcements:
        values: dict[str, object] = {
            "reason": entry.reason,
            "who": list(entry.who),
            "targets": list(entry.targets),
            "hosts": list(entry.hosts),
            "addresses": list(entry.addresses),
            "countries": list(entry.countries),
            "from": entry.first,
            "until": entry.until,
            "daily": entry.daily,
        }
        stated = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items() if value]
        lines += [f"  {'-' if number == 0 else ' '} {line}" for number, line in enumerate(stated)]
    _write_lines(path, lines)


def _write_canaries(path: Path, district: FortnightDistrict) -> None:
    lines = [
        "homeroom: canaries",
        "accounts:",
        f"  - {district.bait_email}",
        f"  - {district.bait_account}",
        "documents:",
        f"  - {district.bait_document}",
        "files:",
        f"  - '{district.bait_file}'",
    ]
    _write_lines(path, lines)


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
