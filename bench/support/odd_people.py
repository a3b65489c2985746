"""A second messy labeled district of people, in the systems' own formats, and the truth.

It was designed independently of `messy_people`: other names and cultures, other rates of mess, and other kinds: married
names, names in another order, particles, nicknames, keyboard typos, accounts called by number or graduation year,
leavers whose address went to somebody else, twins in one class, complete namesakes in one grade and school, guardians
with one shared address. It shares no code and no constant with the resolver or the sample. Every rate is an assumption.
"""

from __future__ import annotations

import json
import random
import unicodedata
from dataclasses import dataclass, field
from typing import Any

Truth = list[list[tuple[str, str]]]
Files = dict[str, str]


def _split_names(text: str) -> list[str]:
    return text.split()


_GIVEN = _split_names(
    "Aaliyah Abdullahi Adriana Ahmed Aiko Aisha Alejandra Amara Amélie Anders Andrzej Angélica Anh Anjali Antonio "
    "Arjun Astrid Ayaan Beatriz Bilal Bjørn Brandon "
    "Brianna Caitlin Carlos Chidi Chloé Christopher Cristóbal Dalisay Darius Deepika Diego Dmitri Ebony Eduardo "
    "Ekaterina Elijah Elizabeth Emeka Esmeralda Fatima "
    "Fernando Francisco Françoise Gabriela Giuseppe Grace Guadalupe Hana Hassan Hector Hiroshi Hye-jin Ibrahim Ifeoma "
    "Imani Isabel Jacqueline Jahmal Jamal Javier "
    "Jean-Luc Jennifer Jesús Jing Joaquín Jonathan José Joseph Juan Kateri Katherine Kenji Khalil Kwame Lakshmi "
    "Latoya Leilani Linh Lourdes Luis Magdalena Malik "
    "Marguerite María Mateusz Mei Mercedes Michael Min-jun Mohamed Muhammad Naomi Nguyet Nikolai Nizhoni Noor Olumide "
    "Oluwaseun Omar Padma Patricia Pedro Priya Quan "
    "Rafael Rashid Ravi Rebecca Renée Roberto Rosalía Sadie Saoirse Sergei Shanice Siobhán Sofía Stephanie Takoda "
    "Tamika Thanh Timothy Tomás Trung Tyrone Valentina "
    "Vikram William Xiomara Yasmin Yusuf Zainab Zoltán"
)
_FAMILY = _split_names(
    "Abernathy Acosta Adebayo Aguilar Ahmadi Akhtar Alvarado Anaya Appiah Arellano Ávila Babatunde Bailey Balogun "
    "Baptiste Barrera Begay Benally Bhatt Blackwood Bui Cabrera "
    "Calderón Carpenter Castañeda Chandler Chaudhry Chavez Chen Chowdhury Cisneros Cohen Contreras Córdova Dang "
    "DeLaRosa Delacroix Desai Díaz Dimitrov Dubois Ekwueme Eriksson "
    "Escobedo Espinoza Fairbanks Farah Figueroa Fitzgerald Fonseca Gallagher Garza Ghosh Gonzales González Guerrero "
    "Gutiérrez Haddad Hargrove Harjo Hassan Henderson Hidalgo Ho "
    "Hoang Hussein Ibarra Ivanov Jaramillo Jefferson Jiménez Kapoor Kaur Kawamura Khan Kowalski Kuznetsov Lafayette "
    "Lam Larsen Le Lindqvist Locklear Lozano Mahmoud Maldonado "
    "MacDonald Manygoats McAllister McDonald Mejía Mendoza Mensah Montgomery Montoya Mwangi Nakamura Nez Ngo Nguyen "
    "Novak Núñez Obi Ochoa Oglesby Okafor Ortega Osei Owens Pacheco "
    "Park Patel Pérez Petrov Pham Phillips Quiñones Ramírez Reddy Rhodes Rivera Robles Rodríguez Rosales Saavedra "
    "Sandoval Sharma Silva Singh Skenandore Søndergaard Stankiewicz "
    "Sullivan Suzuki Tadesse Takahashi Thibodeaux Tran Tsosie Uribe Vang VanDyke Vasquez Velázquez Villanueva "
    "Washington Whitehorse Xiong Yamamoto Yazzie Zapata Zhang Zhou"
)
_CALLED = {
    "William": "Will",
    "Katherine": "Katie",
    "Elizabeth": "Beth",
    "Christopher": "Chris",
    "Francisco": "Paco",
    "Guadalupe": "Lupita",
    "José": "Pepe",
    "Jennifer": "Jen",
    "Jonathan": "Jon",
    "Joseph": "Joey",
    "Patricia": "Patty",
    "Rebecca": "Becca",
    "Timothy": "Tim",
    "Michael": "Mike",
    "Stephanie": "Steph",
    "Eduardo": "Eddie",
    "Mohamed": "Mo",
    "Jesús": "Chuy",
    "Alejandra": "Ale",
    "Gabriela": "Gaby",
    "Roberto": "Beto",
    "Isabel": "Isa",
    "Antonio": "Tony",
    "Ekaterina": "Katya",
    "Magdalena": "Magda",
    "Oluwaseun": "Seun",
    "Giuseppe": "Joe",
    "Rafael": "Rafa",
    "Nikolai": "Kolya",
    "Jacqueline": "Jackie",
    "Fernando": "Fer",
    "Valentina": "Vale",
    "Lakshmi": "Lax",
}
_KEYS = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "s": "d", "t": "y", "r": "t", "l": "k", "u": "i"}
_SCHOOLS = (("10", "Bluestem Elementary"), ("20", "Sandhill Middle"), ("30", "Cottonwood High"), ("40", "Juniper K-8"))
_YEAR = 2026  # in which grade 12 graduates


@dataclass(kw_only=True)
class OddPerson:
    """One real person."""

    number: int
    first_name: str
    family_name: str
    staff: bool
    grade: int
    school: int
    login: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{70_000 + self.number}" if self.staff else f"{31_000_000 + 7 * self.number}"


def generate_odd_people(*, people: int, seed: int) -> tuple[Files, Truth]:
    """Return files by name, and the truth.

    A OneRoster bundle as loose members, a staff list, Google and Entra users and Get-ADUser's CSV.
    """
    chance = random.Random(f"odd people {seed}")
    persons = _generate_people(chance, people)
    lists = _PeopleLists(chance)
    for person in persons:
        lists.add_to_roster(person)
        if person.staff:
            lists.add_to_payroll(person)
        if chance.random() < 0.97:
            lists.add_to_google(person)
        if chance.random() < (0.9 if person.staff else 0.35):
            lists.add_to_entra(person)
        if person.staff and chance.random() < 0.8:
            lists.add_to_directory(person)
    lists.add_unowned_accounts(len(persons) // 40)
    return lists.build_files(), [person.rows for person in persons]


def _generate_people(chance: random.Random, people: int) -> list[OddPerson]:
    persons: list[OddPerson] = []
    used_logins: set[str] = set()
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
        person = OddPerson(
            number=number,
            first_name=chance.choice(_GIVEN),
            family_name=family,
            staff=staff,
            grade=chance.randint(1, 12),
            school=chance.randrange(4),
        )
        previous = persons[-1] if persons else None
        if previous and not previous.staff and not staff and chance.random() < 0.025:  # twins, mostly in one class
            person.family_name, person.grade, person.school = previous.family_name, previous.grade, previous.school
            person.first_name = chance.choice(
                [name for name in _GIVEN if name[0] == previous.first_name[0] and name != previous.first_name] or _GIVEN
            )
        elif previous and chance.random() < 0.008:  # somebody of the same name, often beside them
            person.first_name, person.family_name = previous.first_name, previous.family_name
            if chance.random() < 0.5:
                person.grade, person.school, person.staff = previous.grade, previous.school, previous.staff
        person.login = _reserve_login(chance, person, used_logins)
        persons.append(person)
    return persons


def _reserve_login(chance: random.Random, person: OddPerson, used_logins: set[str]) -> str:
    first_name, family_name = _fold_ascii(person.first_name), _fold_ascii(person.family_name.split(" ")[-1])
    year = f"{_YEAR + 12 - person.grade}"[2:]
    login = (
        f"{first_name[:1]}{family_name}"
        if person.staff
        else chance.choice((f"{year}{first_name[:4]}{family_name[:4]}", f"{first_name}.{family_name}{year}", person.id))
    )
    base, attempt = login, 1
    while login in used_logins:
        attempt += 1
        login = f"{base}{attempt}"
    used_logins.add(login)
    return login


def _fold_ascii(name: str) -> str:
    folded = (
        unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return "".join(letter for letter in folded if letter.isalnum())


class _PeopleLists:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._users: list[dict[str, str]] = []
        self._staff: list[dict[str, str]] = []
        self._google: list[dict[str, Any]] = []
        self._entra: list[dict[str, Any]] = []
        self._ad: list[dict[str, str]] = []
        self._guardians: list[dict[str, str]] = []

    def add_to_roster(self, person: OddPerson) -> None:
        chance, key = self._chance, f"{'t' if person.staff else 'p'}-{person.number}"
        email = (
            f"{person.login}@{'bluestem' if person.staff else 'students.bluestem'}.example"
            if chance.random() < (0.85 if person.staff else 0.6)
            else ""
        )
        self._users.append(
            {
                "sourcedId": key,
                "status": "active",
                "dateLastModified": "2026-02-01T00:00:00.000Z",
                "enabledUser": "true",
                "orgSourcedIds": _SCHOOLS[person.school][0],
                "role": "teacher" if person.staff else "student",
                "username": person.login if chance.random() < 0.7 else "",
                "userIds": "",
                "givenName": person.first_name,
                "familyName": person.family_name,
                "middleName": "",
                "identifier": person.id,
                "email": email,
                "sms": "",
                "phone": "",
                "agentSourcedIds": "",
                "grades": "" if person.staff else f"{person.grade:02d}",
                "password": "",
            }
        )
        person.rows.append(("oneroster", key))

    def add_to_payroll(self, person: OddPerson) -> None:
        chance, key = self._chance, person.id if self._chance.random() < 0.7 else f"{880_000 + person.number}"
        first_name, family_name = person.first_name, person.family_name
        roll = chance.random()
        if roll < 0.05:  # married, or divorced
            family_name = chance.choice(_FAMILY) if chance.random() < 0.4 else f"{family_name}-{chance.choice(_FAMILY)}"
        elif roll < 0.15:
            first_name, family_name = _remove_accents(first_name).upper(), _remove_accents(family_name).upper()
        self._staff.append(
            {
                "Employee ID": key,
                "Last Name": family_name,
                "First Name": first_name,
                "Job Title": "Teacher",
                "Location": _SCHOOLS[person.school][1],
                "Work Email": f"{person.login}@bluestem.example" if chance.random() < 0.9 else "",
                "Hire Date": f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/{chance.randint(1995, 2025)}",
                "Termination Date": "",
                "Status": "Active",
            }
        )
        person.rows.append(("hr", key))

    def add_to_google(self, person: OddPerson) -> None:
        first_name, family_name = self._spell_name(person)
        key = f"1{person.number:020d}"
        number = person.id if self._chance.random() < 0.55 else ""
        renamed = self._chance.random() < 0.02
        login = f"{_fold_ascii(first_name)}.{_fold_ascii(family_name)}" if renamed else person.login
        self._google.append(
            {
                "id": key,
                "primaryEmail": f"{login}@{'bluestem' if person.staff else 'students.bluestem'}.example",
                "name": {"givenName": first_name, "familyName": family_name},
                "orgUnitPath": f"/Staff/{_SCHOOLS[person.school][1]}"
                if person.staff
                else f"/Students/{_SCHOOLS[person.school][1]}/{_YEAR + 12 - person.grade}",
                "suspended": False,
                **({"externalIds": [{"value": number, "type": "organization"}]} if number else {}),
                **(
                    {"aliases": [f"{person.login}@bluestem.example"]} if renamed and self._chance.random() < 0.7 else {}
                ),
            }
        )
        person.rows.append(("google", key))

    def add_to_entra(self, person: OddPerson) -> None:
        first_name, family_name = self._spell_name(person)
        key = f"{person.number:08x}-aaaa-4aaa-8aaa-000000000000"
        self._entra.append(
            {
                "id": key,
                "userPrincipalName": f"{person.login}@{'bluestem' if person.staff else 'students.bluestem'}.example"
                if self._chance.random() < 0.93
                else f"{_fold_ascii(first_name)}.{_fold_ascii(family_name)}@bluestem.onmicrosoft.example",
                "givenName": first_name,
                "surname": family_name,
                "accountEnabled": True,
                "createdDateTime": "2024-08-01T00:00:00Z",
                "employeeId": person.id if self._chance.random() < 0.5 else None,
                "department": _SCHOOLS[person.school][1],
                "jobTitle": "Teacher" if person.staff else "Student",
            }
        )
        person.rows.append(("microsoft", key))

    def add_to_directory(self, person: OddPerson) -> None:
        first_name, family_name = self._spell_name(person)
        key = f"{person.number:08x}-bbbb-4bbb-8bbb-000000000000"
        self._ad.append(
            {
                "ObjectGUID": key,
                "SamAccountName": person.login[:20],
                "UserPrincipalName": f"{person.login}@ad.bluestem.example",
                "GivenName": _remove_accents(first_name),
                "Surname": _remove_accents(family_name),
                "Enabled": "True",
                "EmployeeID": person.id if self._chance.random() < 0.5 else "",
                "DistinguishedName": f"CN={_remove_accents(first_name)} {_remove_accents(family_name)}\\, "
                f"X,OU={_SCHOOLS[person.school][1]},OU=Staff,DC=bluestem,DC=example",
            }
        )
        person.rows.append(("activedirectory", key))

    def _spell_name(self, person: OddPerson) -> tuple[str, str]:
        """Return the name as somebody typed it into a directory."""
        chance, first_name, family_name = self._chance, person.first_name, person.family_name
        roll = chance.random()
        if roll < 0.08:
            return _CALLED.get(first_name, first_name), family_name
        if roll < 0.2:
            return _remove_accents(first_name), _remove_accents(family_name)
        if roll < 0.23:
            return first_name, self._add_typo(family_name)
        if roll < 0.245:
            return self._add_typo(first_name), family_name
        if roll < 0.255:
            return family_name, first_name
        if roll < 0.30 and (" " in family_name or "-" in family_name):
            parts = family_name.replace("-", " ")
            return first_name, chance.choice(
                (parts[0] if len(parts[0]) > 3 else parts[-1], "-".join(parts), "".join(parts))
            )
        if roll < 0.32:
            return f"{first_name} {chance.choice('ABCDEJLMR')}.", family_name
        if roll < 0.34:
            return first_name.lower(), family_name.upper()
        return first_name, family_name

    def _add_typo(self, name: str) -> str:
        position = self._chance.randrange(1, max(2, len(name) - 1))
        kinds = (
            name[:position] + _KEYS.get(name[position : position + 1], "e") + name[position + 1 :],
            name[:position] + name[position + 1 :],
            name[:position] + name[position : position + 1] * 2 + name[position + 1 :],
            name[: position - 1] + name[position : position + 1] + name[position - 1] + name[position + 1 :],
        )
        return self._chance.choice(kinds)

    def add_unowned_accounts(self, count: int) -> None:
        """Add services, shared rooms, and people that are in no list, some with the names of students."""
        chance = self._chance
        for number in range(count):
            service = chance.choice(("scan-to-mail", "lobby", "esports", "sub", "grad", "guest"))
            first_name, family_name = (
                ("", "")
                if service in ("scan-to-mail", "lobby", "esports")
                else (chance.choice(_GIVEN), chance.choice(_FAMILY))
            )
            self._google.append(
                {
                    "id": f"9{number:020d}",
                    "primaryEmail": f"{service}{number}@bluestem.example",
                    "name": {"givenName": first_name or service, "familyName": family_name or f"{number}"},
                    "orgUnitPath": {"sub": "/Staff/Substitutes", "grad": "/Alumni"}.get(service, "/Other"),
                    "suspended": service == "grad",
                }
            )

    def build_files(self) -> Files:
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
            "roster/users.csv": _format_csv(self._users),
            "roster/orgs.csv": _format_csv(orgs),
            "staff.csv": _format_csv(self._staff),
            "users.json": json.dumps({"kind": "admin#directory#users", "users": self._google}),
            "entra.json": json.dumps({"value": self._entra}),
            "ad.csv": _format_csv(self._ad),
        }


def _remove_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name.replace("ø", "o").replace("’", "'")).encode("ascii", "ignore").decode()


def _format_csv(rows: list[dict[str, str]]) -> str:
    def format_cell(text: str) -> str:
        return f'"{text}"' if "," in text or '"' in text else text

    names = list(rows[0])
    return "\n".join([",".join(names), *(",".join(format_cell(row[name]) for name in names) for row in rows), ""])
