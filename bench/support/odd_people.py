"""A second messy labelled district of people, in the systems' own forms, and who is who.

It was designed apart from `messy_people`: other names and cultures, other rates of mess, and other kinds: married names, names in
another order, particles, nicknames, typing mistakes of keyboards, accounts called by number or graduation year, leavers whose
address went to somebody else, twins in one class, whole namesakes in one grade and school, guardians with one shared address.
It shares no code and no constant with the resolver or the sample. Every rate is an assumption.
"""

from __future__ import annotations

import json
import random
import unicodedata
from dataclasses import dataclass, field
from typing import Any

Truth = list[list[tuple[str, str]]]
Files = dict[str, str]


def _names(text: str) -> list[str]:
    return text.split()


_GIVEN = _names(
    "Aaliyah Abdullahi Adriana Ahmed Aiko Aisha Alejandra Amara Amélie Anders Andrzej Angélica Anh Anjali Antonio Arjun Astrid Ayaan Beatriz Bilal Bjørn Brandon "
    "Brianna Caitlin Carlos Chidi Chloé Christopher Cristóbal Dalisay Darius Deepika Diego Dmitri Ebony Eduardo Ekaterina Elijah Elizabeth Emeka Esmeralda Fatima "
    "Fernando Francisco Françoise Gabriela Giuseppe Grace Guadalupe Hana Hassan Hector Hiroshi Hye-jin Ibrahim Ifeoma Imani Isabel Jacqueline Jahmal Jamal Javier "
    "Jean-Luc Jennifer Jesús Jing Joaquín Jonathan José Joseph Juan Kateri Katherine Kenji Khalil Kwame Lakshmi Latoya Leilani Linh Lourdes Luis Magdalena Malik "
    "Marguerite María Mateusz Mei Mercedes Michael Min-jun Mohamed Muhammad Naomi Nguyet Nikolai Nizhoni Noor Olumide Oluwaseun Omar Padma Patricia Pedro Priya Quan "
    "Rafael Rashid Ravi Rebecca Renée Roberto Rosalía Sadie Saoirse Sergei Shanice Siobhán Sofía Stephanie Takoda Tamika Thanh Timothy Tomás Trung Tyrone Valentina "
    "Vikram William Xiomara Yasmin Yusuf Zainab Zoltán"
)
_FAMILY = _names(
    "Abernathy Acosta Adebayo Aguilar Ahmadi Akhtar Alvarado Anaya Appiah Arellano Ávila Babatunde Bailey Balogun Baptiste Barrera Begay Benally Bhatt Blackwood Bui Cabrera "
    "Calderón Carpenter Castañeda Chandler Chaudhry Chavez Chen Chowdhury Cisneros Cohen Contreras Córdova Dang DeLaRosa Delacroix Desai Díaz Dimitrov Dubois Ekwueme Eriksson "
    "Escobedo Espinoza Fairbanks Farah Figueroa Fitzgerald Fonseca Gallagher Garza Ghosh Gonzales González Guerrero Gutiérrez Haddad Hargrove Harjo Hassan Henderson Hidalgo Ho "
    "Hoang Hussein Ibarra Ivanov Jaramillo Jefferson Jiménez Kapoor Kaur Kawamura Khan Kowalski Kuznetsov Lafayette Lam Larsen Le Lindqvist Locklear Lozano Mahmoud Maldonado "
    "MacDonald Manygoats McAllister McDonald Mejía Mendoza Mensah Montgomery Montoya Mwangi Nakamura Nez Ngo Nguyen Novak Núñez Obi Ochoa Oglesby Okafor Ortega Osei Owens Pacheco "
    "Park Patel Pérez Petrov Pham Phillips Quiñones Ramírez Reddy Rhodes Rivera Robles Rodríguez Rosales Saavedra Sandoval Sharma Silva Singh Skenandore Søndergaard Stankiewicz "
    "Sullivan Suzuki Tadesse Takahashi Thibodeaux Tran Tsosie Uribe Vang VanDyke Vasquez Velázquez Villanueva Washington Whitehorse Xiong Yamamoto Yazzie Zapata Zhang Zhou"
)
_CALLED = {
    "William": "Will", "Katherine": "Katie", "Elizabeth": "Beth", "Christopher": "Chris", "Francisco": "Paco", "Guadalupe": "Lupita", "José": "Pepe", "Jennifer": "Jen",
    "Jonathan": "Jon", "Joseph": "Joey", "Patricia": "Patty", "Rebecca": "Becca", "Timothy": "Tim", "Michael": "Mike", "Stephanie": "Steph", "Eduardo": "Eddie", "Mohamed": "Mo",
    "Jesús": "Chuy", "Alejandra": "Ale", "Gabriela": "Gaby", "Roberto": "Beto", "Isabel": "Isa", "Antonio": "Tony", "Ekaterina": "Katya", "Magdalena": "Magda",
    "Oluwaseun": "Seun", "Giuseppe": "Joe", "Rafael": "Rafa", "Nikolai": "Kolya", "Jacqueline": "Jackie", "Fernando": "Fer", "Valentina": "Vale", "Lakshmi": "Lax",
}  # fmt: skip
_KEYS = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "s": "d", "t": "y", "r": "t", "l": "k", "u": "i"}
_SCHOOLS = (("10", "Bluestem Elementary"), ("20", "Sandhill Middle"), ("30", "Cottonwood High"), ("40", "Juniper K-8"))
_YEAR = 2026  # in which grade 12 graduates


@dataclass(kw_only=True)
class Soul:
    """One real person."""

    number: int
    given: str
    family: str
    staff: bool
    grade: int
    school: int
    local: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{70_000 + self.number}" if self.staff else f"{31_000_000 + 7 * self.number}"


def odd_people(*, people: int, seed: int) -> tuple[Files, Truth]:
    """A OneRoster bundle as loose members, a staff list, Google and Entra users and Get-ADUser's CSV, and the truth."""
    chance = random.Random(f"odd people {seed}")
    souls = _souls(chance, people)
    out = _Lists(chance)
    for one in souls:
        out.roster(one)
        if one.staff:
            out.payroll(one)
        if chance.random() < 0.97:
            out.google(one)
        if chance.random() < (0.9 if one.staff else 0.35):
            out.entra(one)
        if one.staff and chance.random() < 0.8:
            out.directory(one)
    out.nobodys(len(souls) // 40)
    return out.files(), [one.rows for one in souls]


def _souls(chance: random.Random, people: int) -> list[Soul]:
    found: list[Soul] = []
    taken: set[str] = set()
    for number in range(people):
        staff = chance.random() < 0.14
        family = chance.choice(_FAMILY)
        roll = chance.random()
        if roll < 0.07:
            family = f"{family} {chance.choice(_FAMILY)}"
        elif roll < 0.1:
            family = f"{family}-{chance.choice(_FAMILY)}"
        elif roll < 0.13:
            family = f"{chance.choice(('de la', 'van der', 'Al', 'St.', 'O’'))} {family}".replace("’ ", "’")
        one = Soul(
            number=number,
            given=chance.choice(_GIVEN),
            family=family,
            staff=staff,
            grade=chance.randint(1, 12),
            school=chance.randrange(4),
        )
        before = found[-1] if found else None
        if before and not before.staff and not staff and chance.random() < 0.025:  # twins, mostly in one class
            one.family, one.grade, one.school = before.family, before.grade, before.school
            one.given = chance.choice(
                [name for name in _GIVEN if name[0] == before.given[0] and name != before.given] or _GIVEN
            )
        elif before and chance.random() < 0.008:  # somebody of the same name, often beside them
            one.given, one.family = before.given, before.family
            if chance.random() < 0.5:
                one.grade, one.school, one.staff = before.grade, before.school, before.staff
        one.local = _local(chance, one, taken)
        found.append(one)
    return found


def _local(chance: random.Random, one: Soul, taken: set[str]) -> str:
    given, family = _ascii(one.given), _ascii(one.family.split(" ")[-1])
    year = f"{_YEAR + 12 - one.grade}"[2:]
    made = (
        f"{given[:1]}{family}"
        if one.staff
        else chance.choice((f"{year}{given[:4]}{family[:4]}", f"{given}.{family}{year}", one.id))
    )
    base, again = made, 1
    while made in taken:
        again += 1
        made = f"{base}{again}"
    taken.add(made)
    return made


def _ascii(name: str) -> str:
    folded = (
        unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return "".join(letter for letter in folded if letter.isalnum())


class _Lists:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._users: list[dict[str, str]] = []
        self._staff: list[dict[str, str]] = []
        self._google: list[dict[str, Any]] = []
        self._entra: list[dict[str, Any]] = []
        self._ad: list[dict[str, str]] = []
        self._guardians: list[dict[str, str]] = []

    def roster(self, one: Soul) -> None:
        chance, key = self._chance, f"{'t' if one.staff else 'p'}-{one.number}"
        email = (
            f"{one.local}@{'bluestem' if one.staff else 'students.bluestem'}.example"
            if chance.random() < (0.85 if one.staff else 0.6)
            else ""
        )
        self._users.append({
            "sourcedId": key, "status": "active", "dateLastModified": "2026-02-01T00:00:00.000Z", "enabledUser": "true", "orgSourcedIds": _SCHOOLS[one.school][0],
            "role": "teacher" if one.staff else "student", "username": one.local if chance.random() < 0.7 else "", "userIds": "", "givenName": one.given, "familyName": one.family,
            "middleName": "", "identifier": one.id, "email": email, "sms": "", "phone": "", "agentSourcedIds": "", "grades": "" if one.staff else f"{one.grade:02d}", "password": "",
        })  # fmt: skip
        one.rows.append(("oneroster", key))

    def payroll(self, one: Soul) -> None:
        chance, key = self._chance, one.id if self._chance.random() < 0.7 else f"{880_000 + one.number}"
        given, family = one.given, one.family
        roll = chance.random()
        if roll < 0.05:  # married, or divorced
            family = chance.choice(_FAMILY) if chance.random() < 0.4 else f"{family}-{chance.choice(_FAMILY)}"
        elif roll < 0.15:
            given, family = _plainly(given).upper(), _plainly(family).upper()
        self._staff.append({
            "Employee ID": key, "Last Name": family, "First Name": given, "Job Title": "Teacher", "Location": _SCHOOLS[one.school][1], "Work Email": f"{one.local}@bluestem.example" if chance.random() < 0.9 else "",
            "Hire Date": f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/{chance.randint(1995, 2025)}", "Termination Date": "", "Status": "Active",
        })  # fmt: skip
        one.rows.append(("hr", key))

    def google(self, one: Soul) -> None:
        given, family = self._spelled(one)
        key = f"1{one.number:020d}"
        number = one.id if self._chance.random() < 0.55 else ""
        renamed = self._chance.random() < 0.02
        local = f"{_ascii(given)}.{_ascii(family)}" if renamed else one.local
        self._google.append({
            "id": key, "primaryEmail": f"{local}@{'bluestem' if one.staff else 'students.bluestem'}.example", "name": {"givenName": given, "familyName": family},
            "orgUnitPath": f"/Staff/{_SCHOOLS[one.school][1]}" if one.staff else f"/Students/{_SCHOOLS[one.school][1]}/{_YEAR + 12 - one.grade}", "suspended": False,
            **({"externalIds": [{"value": number, "type": "organization"}]} if number else {}), **({"aliases": [f"{one.local}@bluestem.example"]} if renamed and self._chance.random() < 0.7 else {}),
        })  # fmt: skip
        one.rows.append(("google", key))

    def entra(self, one: Soul) -> None:
        given, family = self._spelled(one)
        key = f"{one.number:08x}-aaaa-4aaa-8aaa-000000000000"
        self._entra.append({
            "id": key, "userPrincipalName": f"{one.local}@{'bluestem' if one.staff else 'students.bluestem'}.example" if self._chance.random() < 0.93 else f"{_ascii(given)}.{_ascii(family)}@bluestem.onmicrosoft.example",
            "givenName": given, "surname": family, "accountEnabled": True, "createdDateTime": "2024-08-01T00:00:00Z", "employeeId": one.id if self._chance.random() < 0.5 else None,
            "department": _SCHOOLS[one.school][1], "jobTitle": "Teacher" if one.staff else "Student",
        })  # fmt: skip
        one.rows.append(("microsoft", key))

    def directory(self, one: Soul) -> None:
        given, family = self._spelled(one)
        key = f"{one.number:08x}-bbbb-4bbb-8bbb-000000000000"
        self._ad.append({
            "ObjectGUID": key, "SamAccountName": one.local[:20], "UserPrincipalName": f"{one.local}@ad.bluestem.example", "GivenName": _plainly(given), "Surname": _plainly(family), "Enabled": "True",
            "EmployeeID": one.id if self._chance.random() < 0.5 else "", "DistinguishedName": f"CN={_plainly(given)} {_plainly(family)}\\, X,OU={_SCHOOLS[one.school][1]},OU=Staff,DC=bluestem,DC=example",
        })  # fmt: skip
        one.rows.append(("activedirectory", key))

    def _spelled(self, one: Soul) -> tuple[str, str]:
        """The name as somebody typed it into a directory."""
        chance, given, family = self._chance, one.given, one.family
        roll = chance.random()
        if roll < 0.08:
            return _CALLED.get(given, given), family
        if roll < 0.2:
            return _plainly(given), _plainly(family)
        if roll < 0.23:
            return given, self._mistyped(family)
        if roll < 0.245:
            return self._mistyped(given), family
        if roll < 0.255:
            return family, given
        if roll < 0.30 and (" " in family or "-" in family):
            parts = family.replace("-", " ")
            return given, chance.choice((parts[0] if len(parts[0]) > 3 else parts[-1], "-".join(parts), "".join(parts)))
        if roll < 0.32:
            return f"{given} {chance.choice('ABCDEJLMR')}.", family
        if roll < 0.34:
            return given.lower(), family.upper()
        return given, family

    def _mistyped(self, name: str) -> str:
        at = self._chance.randrange(1, max(2, len(name) - 1))
        kinds = (
            name[:at] + _KEYS.get(name[at : at + 1], "e") + name[at + 1 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at : at + 1] * 2 + name[at + 1 :],
            name[: at - 1] + name[at : at + 1] + name[at - 1] + name[at + 1 :],
        )
        return self._chance.choice(kinds)

    def nobodys(self, count: int) -> None:
        """Services, shared rooms, and people of whom no list speaks, some with the names of pupils."""
        chance = self._chance
        for number in range(count):
            who = chance.choice(("scan-to-mail", "lobby", "esports", "sub", "grad", "guest"))
            given, family = (
                ("", "")
                if who in ("scan-to-mail", "lobby", "esports")
                else (chance.choice(_GIVEN), chance.choice(_FAMILY))
            )
            self._google.append({
                "id": f"9{number:020d}", "primaryEmail": f"{who}{number}@bluestem.example", "name": {"givenName": given or who, "familyName": family or f"{number}"},
                "orgUnitPath": {"sub": "/Staff/Substitutes", "grad": "/Alumni"}.get(who, "/Other"), "suspended": who == "grad",
            })  # fmt: skip

    def files(self) -> Files:
        for rows in (self._users, self._staff, self._google, self._entra, self._ad):
            self._chance.shuffle(rows)
        orgs = [
            {
                "sourcedId": "1",
                "status": "active",
                "dateLastModified": "2026-02-01T00:00:00.000Z",
                "name": "Bluestem",
                "type": "district",
                "identifier": "1",
                "parentSourcedId": "",
            }
        ]
        orgs += [
            {
                "sourcedId": key,
                "status": "active",
                "dateLastModified": "2026-02-01T00:00:00.000Z",
                "name": name,
                "type": "school",
                "identifier": key,
                "parentSourcedId": "1",
            }
            for key, name in _SCHOOLS
        ]
        return {
            "roster/users.csv": _csv(self._users), "roster/orgs.csv": _csv(orgs), "staff.csv": _csv(self._staff), "users.json": json.dumps({"kind": "admin#directory#users", "users": self._google}),
            "entra.json": json.dumps({"value": self._entra}), "ad.csv": _csv(self._ad),
        }  # fmt: skip


def _plainly(name: str) -> str:
    return unicodedata.normalize("NFKD", name.replace("ø", "o").replace("’", "'")).encode("ascii", "ignore").decode()


def _csv(rows: list[dict[str, str]]) -> str:
    def cell(text: str) -> str:
        return f'"{text}"' if "," in text or '"' in text else text

    names = list(rows[0])
    return "\n".join([",".join(names), *(",".join(cell(row[name]) for name in names) for row in rows), ""])
