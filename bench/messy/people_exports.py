"""The records of a messy district's people, in the form of the systems that export them, and the truth.

A OneRoster bundle as loose members, a staff list, users of the Admin SDK and of Graph, and Get-ADUser's CSV.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import uuid
from dataclasses import dataclass
from typing import Any

from bench.messy.people import NICKNAMES, RATES, SCHOOLS, MessyPerson, fold, generate_people

TENANT = "larkfield.onmicrosoft.com"
_LAN = "corp.larkfield.local"
_FOREST = "S-1-5-21-3623811015-3361044348-30300820"
_STAMP = "2026-02-02T00:00:00.000Z"
Record = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class MessyExports:
    """Files by name, the true groups of records, and the class of each record; `plain` where nothing is messy."""

    files: dict[str, str]
    truth: list[list[Record]]
    classes: dict[Record, str]


def generate_messy_exports(*, students: int, rate: str, seed: int) -> MessyExports:
    """Return the exports of a district of that many students with the mess of RATES[rate]."""
    chance = random.Random(f"messy people {rate} {seed}")
    people = generate_people(students=students, rates=RATES[rate], chance=chance)
    exports = _Exports(chance)
    for person in people:
        exports.add_person(person)
    exports.add_machines(len(people) // 60)
    return MessyExports(
        files=exports.build_files(),
        truth=[[record for record, _ in person.records] for person in people],
        classes={record: name for person in people for record, name in person.records},
    )


class _Exports:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._users: list[dict[str, str]] = []
        self._staff: list[dict[str, str]] = []
        self._google: list[dict[str, Any]] = []
        self._entra: list[dict[str, Any]] = []
        self._ad: list[dict[str, str]] = []

    def add_person(self, person: MessyPerson) -> None:
        """Add the records of one person to the systems that know them."""
        chance = self._chance
        if person.kind == "guardian":
            self._add_user(person, "parent", email=person.address_owner.email if person.address_owner else "")
            return
        evidence = chance.choice(("mail", "proxies", "number", "object", "mail"))
        if person.kind != "outsider":
            self._add_roster_rows(person)
        if person.kind == "staff":
            self._add_employee(person)
        if chance.random() < 0.97:
            self._add_google(person)
        if chance.random() < {"student": 0.3, "staff": 0.95, "outsider": 0.9}[person.kind]:
            self._add_entra(person, evidence)
        if person.kind != "student" and chance.random() < 0.85:
            self._add_directory(person, evidence)
        if "administrator" in person.cases:
            self._add_administrator(person)

    def _add_roster_rows(self, person: MessyPerson) -> None:
        chance, cases = self._chance, person.cases
        has_email = chance.random() < (0.93 if person.kind == "staff" else 0.8)
        self._add_user(
            person, "teacher" if person.kind == "staff" else "student", email=person.email if has_email else ""
        )
        if "itinerant" in cases:  # once a school: the second row has the address or the number too
            second = chance.choice(("email", "number", "both"))
            self._add_user(
                person, "teacher", email="" if second == "number" or not has_email else person.email, suffix="b",
                number=second != "email" or not has_email, name="itinerant", school=(person.school + 1) % len(SCHOOLS),
            )  # fmt: skip
        if "parent" in cases:
            self._add_user(person, "parent", email=person.email, suffix="p", number=False, name="parent")

    def _add_user(
        self, person: MessyPerson, role: str, *, email: str, suffix: str = "", number: bool = True, name: str = "",
        school: int | None = None,
    ) -> None:  # fmt: skip
        renamed = "renamed" in person.cases
        key = f"u{person.number}{suffix}"
        self._users.append(
            {
                "sourcedId": key,
                "status": "active",
                "dateLastModified": _STAMP,
                "enabledUser": "true",
                "orgSourcedIds": SCHOOLS[person.school if school is None else school][0],
                "role": role,
                "username": "",
                "userIds": "",
                "givenName": person.given,
                "familyName": person.old_family if renamed else person.family,
                "middleName": "",
                "identifier": person.badge if number and role != "parent" else "",
                "email": email,
                "sms": "",
                "phone": "",
                "agentSourcedIds": "",
                "grades": f"{person.grade:02d}" if person.kind == "student" else "",
                "password": "",
            }
        )
        person.records.append((("oneroster", key), name or ("renamed" if renamed else "plain")))

    def _add_employee(self, person: MessyPerson) -> None:
        chance = self._chance
        own_number = chance.random() < 0.35
        key = f"E{5_000 + person.number}" if own_number else person.badge
        first_name = NICKNAMES.get(person.given, person.given) if chance.random() < 0.1 else person.given
        self._staff.append(
            {
                "Employee ID": key,
                "Last Name": person.family,
                "First Name": first_name,
                "Job Title": "Teacher",
                "Location": SCHOOLS[person.school][1],
                "Work Email": person.email if chance.random() < 0.9 else "",
                "Hire Date": f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/{chance.randint(1998, 2025)}",
                "Termination Date": "",
                "Status": "Active",
            }
        )
        person.records.append((("hr", key), "renamed" if "renamed" in person.cases else "plain"))

    def _add_google(self, person: MessyPerson) -> None:
        chance, renamed = self._chance, "renamed" in person.cases
        key = f"1{person.number:020d}"
        email, aliases = person.email, []
        if renamed and chance.random() < 0.6:  # a new address, the old one remains as an alias
            email, aliases = (
                f"{fold(person.given)}.{fold(person.family)}.{person.number}@larkfield.example",
                [person.email],
            )
        has_number = chance.random() < {"student": 0.75, "staff": 0.5, "outsider": 0.2}[person.kind]
        self._google.append(
            {
                "id": key,
                "primaryEmail": email,
                "name": {"givenName": person.given, "familyName": person.family},
                "orgUnitPath": self._get_unit(person),
                "suspended": False,
                **({"externalIds": [{"value": person.badge, "type": "organization"}]} if has_number else {}),
                **({"aliases": aliases} if aliases else {}),
            }
        )
        person.records.append((("google", key), self._name_account(person, "renamed" if renamed else "plain")))

    def _get_unit(self, person: MessyPerson) -> str:
        if person.kind == "student":
            return f"/Students/{SCHOOLS[person.school][1]}/Grade {person.grade}"
        return f"/Staff/{SCHOOLS[person.school][1]}" if person.kind == "staff" else "/External"

    def _name_account(self, person: MessyPerson, name: str) -> str:
        return "unknown" if person.kind == "outsider" else name

    def _add_entra(self, person: MessyPerson, evidence: str) -> None:
        key = str(_build_guid(person.number, "entra"))
        principal, mail, proxies, name = person.email, person.email, [f"SMTP:{person.email}"], "plain"
        number = person.badge if self._chance.random() < 0.4 else None
        if "upn-tenant" in person.cases:
            principal, name = f"{person.short}@{TENANT}", "upn-tenant"
            mail = person.email if evidence == "mail" else None
            proxies = [f"SMTP:{person.email}", f"smtp:{person.short}@{TENANT}"] if evidence == "proxies" else []
            number = person.badge if evidence == "number" else None
        is_synced = person.kind != "student" and (evidence == "object" or self._chance.random() < 0.5)
        guid = _build_guid(person.number, "ad")
        self._entra.append(
            {
                "id": key,
                "userPrincipalName": principal,
                "mail": mail,
                "proxyAddresses": proxies,
                "givenName": person.given,
                "surname": person.family,
                "accountEnabled": True,
                "createdDateTime": "2024-08-01T00:00:00Z",
                "employeeId": number,
                "department": SCHOOLS[person.school][1],
                "jobTitle": {"student": "Student", "staff": "Teacher", "outsider": "Contractor"}[person.kind],
                "onPremisesSyncEnabled": is_synced or None,
                "onPremisesImmutableId": base64.b64encode(guid.bytes_le).decode() if is_synced else None,
                "onPremisesSecurityIdentifier": f"{_FOREST}-{20_000 + person.number}" if is_synced else None,
            }
        )
        person.records.append((("microsoft", key), self._name_account(person, name)))

    def _add_directory(self, person: MessyPerson, evidence: str) -> None:
        key = str(_build_guid(person.number, "ad"))
        principal, mail, proxies, family, name = person.email, person.email, "", person.family, "plain"
        number = person.badge if self._chance.random() < 0.4 else ""
        if "upn-local" in person.cases:
            principal, name = f"{person.short}@{_LAN}", "upn-local"
        elif "upn-old-name" in person.cases:
            family, name = person.old_family, "upn-old-name"
            principal = f"{fold(person.given)}.{fold(family)}.{person.number}@larkfield.example"
        if name != "plain":
            mail = person.email if evidence == "mail" else ""
            number = person.badge if evidence == "number" else ""
            proxies = f"SMTP:{person.email};smtp:{person.short}@{TENANT}" if evidence == "proxies" else ""
        self._ad.append(
            {
                "DistinguishedName": f"CN={person.given} {family} {person.number},OU=Users,OU=Larkfield,"
                "DC=corp,DC=larkfield,DC=local",
                "ObjectGUID": key,
                "SID": f"{_FOREST}-{20_000 + person.number}",
                "SamAccountName": person.short,
                "UserPrincipalName": principal,
                "EmailAddress": mail,
                "proxyAddresses": proxies,
                "GivenName": person.given,
                "Surname": family,
                "Enabled": "True",
                "EmployeeID": number,
                "Title": "",
            }
        )
        person.records.append((("activedirectory", key), self._name_account(person, name)))

    def _add_administrator(self, person: MessyPerson) -> None:
        """Add a second account with rights, called after the first one."""
        key = str(_build_guid(person.number, "administrator"))
        domain = self._chance.choice((TENANT, "larkfield.example"))
        mark = self._chance.choice(("adm-{}", "admin.{}", "{}-admin", "{}.adm", "a-{}"))
        self._entra.append(
            {
                "id": key,
                "userPrincipalName": f"{mark.format(person.local)}@{domain}",
                "mail": None,
                "proxyAddresses": [],
                "givenName": person.given,
                "surname": f"{person.family} (Admin)",
                "accountEnabled": True,
                "createdDateTime": "2024-08-01T00:00:00Z",
                "employeeId": None,
                "department": "Technology",
                "jobTitle": None,
                "onPremisesSyncEnabled": None,
                "onPremisesImmutableId": None,
                "onPremisesSecurityIdentifier": None,
            }
        )
        person.records.append((("microsoft", key), "administrator"))

    def add_machines(self, count: int) -> None:
        """Add accounts of nobody: scripts, rooms and shared desks, in all directories under one address."""
        for number in range(count):
            local = f"{self._chance.choice(('svc-sync', 'copyroom', 'kiosk', 'library'))}{number}"
            self._google.append(
                {
                    "id": f"9{number:020d}",
                    "primaryEmail": f"{local}@larkfield.example",
                    "name": {"givenName": local, "familyName": "Larkfield"},
                    "orgUnitPath": "/Service",
                    "suspended": False,
                }
            )

    def build_files(self) -> dict[str, str]:
        """Return the files by name, with their rows in random order."""
        for rows in (self._users, self._staff, self._google, self._entra, self._ad):
            self._chance.shuffle(rows)
        orgs = [
            _build_org("d", "Larkfield", "district", ""),
            *(_build_org(*school, "school", "d") for school in SCHOOLS),
        ]
        return {
            "roster/users.csv": _format_csv(self._users),
            "roster/orgs.csv": _format_csv(orgs),
            "staff.csv": _format_csv(self._staff),
            "google.json": json.dumps({"kind": "admin#directory#users", "users": self._google}),
            "entra.json": json.dumps({"value": self._entra}),
            "ad.csv": _format_csv(self._ad),
        }


def _build_guid(number: int, system: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{system}-{number}.larkfield.example")


def _build_org(key: str, name: str, kind: str, parent: str) -> dict[str, str]:
    return {
        "sourcedId": key,
        "status": "active",
        "dateLastModified": _STAMP,
        "name": name,
        "type": kind,
        "identifier": key,
        "parentSourcedId": parent,
    }


def _format_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return text.getvalue()
