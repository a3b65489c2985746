"""A messy labeled district: a student system, a staff list and two directories that disagree, and the true people.

Written for `bench.linkage` alone: it shares no code and no constant with the resolver. Every figure here is an
assumption about how districts maintain lists, not a measurement of one.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field

PersonListRow = dict[str, str]
Truth = list[list[tuple[str, str]]]

_GIVEN = [
    "Ava",
    "Liam",
    "Olivia",
    "Noah",
    "Emma",
    "Oliver",
    "Charlotte",
    "Elijah",
    "Sophia",
    "James",
    "Amelia",
    "William",
    "Isabella",
    "Benjamin",
    "Mia",
    "Lucas",
    "Evelyn",
    "Henry",
    "Harper",
    "Theodore",
    "Camila",
    "Jack",
    "Gianna",
    "Levi",
    "Abigail",
    "Alexander",
    "Luna",
    "Jackson",
    "Ella",
    "Mateo",
    "Elizabeth",
    "Daniel",
    "Sofia",
    "Michael",
    "Emily",
    "Mason",
    "Avery",
    "Sebastian",
    "Mila",
    "Ethan",
    "Scarlett",
    "Logan",
    "Eleanor",
    "Owen",
    "Madison",
    "Samuel",
    "Layla",
    "Jacob",
    "Penelope",
    "Asher",
    "Aria",
    "Aiden",
    "Chloe",
    "John",
    "Grace",
    "Joseph",
    "Ellie",
    "Wyatt",
    "Nora",
    "David",
    "Hazel",
    "Leo",
    "Zoey",
    "Luke",
    "Riley",
    "Julian",
    "Victoria",
    "Hudson",
    "Lily",
    "Grayson",
    "Aurora",
    "Matthew",
    "Violet",
    "Ezra",
    "Nova",
    "Gabriel",
    "Hannah",
    "Carter",
    "Emilia",
    "Isaac",
    "Zoe",
    "Jayden",
    "Stella",
    "Luca",
    "Everly",
    "Anthony",
    "Isla",
    "Dylan",
    "Leah",
    "Lincoln",
    "Lillian",
    "Thomas",
    "Addison",
    "Maverick",
    "Willow",
    "Elias",
    "Lucy",
    "Josiah",
    "Paisley",
    "Charles",
    "Natalie",
    "Caleb",
    "Naomi",
    "Christopher",
    "Eliana",
    "Ezekiel",
    "Brooklyn",
    "Miles",
    "Elena",
    "Jaxon",
    "Aubrey",
    "Isaiah",
    "Claire",
    "Andrew",
    "Ivy",
    "Joshua",
    "Kinsley",
    "Nathan",
    "Audrey",
    "Nolan",
    "Maya",
    "Adrian",
    "Genesis",
    "Cameron",
    "Skylar",
    "Santiago",
    "Bella",
    "Eli",
    "Aaliyah",
    "Aaron",
    "Madelyn",
    "Ryan",
    "Savannah",
    "Angel",
    "Anna",
    "Cooper",
    "Delilah",
    "José",
    "Renée",
    "Zoë",
    "André",
    "Inés",
]
_FIRST = [
    "Ash",
    "Black",
    "Bur",
    "Car",
    "Chat",
    "Clay",
    "Crow",
    "Dal",
    "Den",
    "East",
    "Fair",
    "Far",
    "Gar",
    "Glen",
    "Green",
    "Hal",
    "Hamp",
    "Hart",
    "Hol",
    "Hunt",
    "Kim",
    "Lang",
    "Lin",
    "Mar",
    "Mil",
    "Nor",
    "Oak",
    "Pem",
    "Rad",
    "Red",
    "Ros",
    "Ruther",
    "Sand",
    "Shel",
    "Stan",
    "Thorn",
    "Wake",
    "Wal",
    "West",
    "Whit",
    "Win",
    "Wood",
]
_LAST = [
    "bourne",
    "bridge",
    "bury",
    "by",
    "combe",
    "cott",
    "cross",
    "dale",
    "den",
    "don",
    "field",
    "ford",
    "gate",
    "ham",
    "hurst",
    "land",
    "ley",
    "low",
    "man",
    "more",
    "ridge",
    "shaw",
    "son",
    "stead",
    "ton",
    "well",
    "wick",
    "wood",
    "worth",
]
_COMMON = ["García", "Martínez", "Nguyen", "Smith", "Johnson", "Brown", "O’Brien", "López", "Hernández", "Kim"]
_SHORT = {
    "William": "Bill",
    "Elizabeth": "Liz",
    "Benjamin": "Ben",
    "Alexander": "Alex",
    "Samuel": "Sam",
    "Joseph": "Joe",
    "Matthew": "Matt",
    "Michael": "Mike",
    "Christopher": "Chris",
    "Abigail": "Abby",
    "Joshua": "Josh",
    "Anthony": "Tony",
    "Natalie": "Nat",
    "Victoria": "Vicky",
    "Daniel": "Danny",
    "Thomas": "Tom",
    "Charles": "Charlie",
    "Nathan": "Nate",
    "Theodore": "Teddy",
    "Madison": "Maddie",
    "Andrew": "Drew",
    "James": "Jim",
    "Isabella": "Izzy",
}
_SCHOOLS = ("Alder Elementary", "Birch Middle", "Cedar High", "Dogwood Elementary", "Elm Academy", "Fir High")


@dataclass(kw_only=True)
class TruePerson:
    """One real person: true names, and their rows."""

    number: int
    first_name: str
    family_name: str
    staff: bool
    grade: int
    school: str
    address: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)


def generate_messy_people(*, people: int, seed: int) -> tuple[dict[str, list[PersonListRow]], Truth]:
    """Return the rows of each list, and the truth: for each person their (list, key).

    The lists are `sis` and `staff` (people), `cloud` and `premises` (accounts).
    """
    chance = random.Random(seed)
    district = _generate_people(chance, people)
    lists: dict[str, list[PersonListRow]] = {"sis": [], "staff": [], "cloud": [], "premises": []}
    for person in district:
        _add_to_lists(chance, person, lists)
        for directory, share in (("cloud", 0.97), ("premises", 0.6)):
            if chance.random() < share:
                lists[directory].append(_build_account(chance, person, directory))
                person.rows.append((directory, lists[directory][-1]["key"]))
    _add_unowned_accounts(chance, lists)
    for rows in lists.values():
        chance.shuffle(rows)
    return lists, [person.rows for person in district]


def _generate_people(chance: random.Random, people: int) -> list[TruePerson]:
    used_addresses: set[str] = set()
    persons: list[TruePerson] = []
    while len(persons) < people:
        number, staff = len(persons), chance.random() < 0.12
        person = TruePerson(
            number=number, first_name=chance.choice(_GIVEN), family_name=_generate_family_name(chance), staff=staff,
            grade=chance.randint(1, 12), school=chance.choice(_SCHOOLS),
        )  # fmt: skip
        if not staff and persons and chance.random() < 0.02:  # the twin of the one before
            twin = persons[-1]
            person.family_name, person.grade, person.school, person.staff = (
                twin.family_name,
                twin.grade,
                twin.school,
                twin.staff,
            )
            person.first_name = chance.choice([name for name in _GIVEN if name != twin.first_name])
        elif not staff and len(persons) > 10 and chance.random() < 0.01:  # somebody else of the same name
            namesake = chance.choice(persons)
            person.first_name, person.family_name = namesake.first_name, namesake.family_name
        person.address = _reserve_address(
            used_addresses, f"{_fold_name(person.first_name)}.{_fold_name(person.family_name)}"
        )
        persons.append(person)
    return persons


def _generate_family_name(chance: random.Random) -> str:
    def draw_name() -> str:
        return chance.choice(_COMMON) if chance.random() < 0.15 else chance.choice(_FIRST) + chance.choice(_LAST)

    return f"{draw_name()}-{draw_name()}" if chance.random() < 0.06 else draw_name()


def _reserve_address(used_addresses: set[str], base: str) -> str:
    number, address = 1, base
    while address in used_addresses:
        number += 1
        address = f"{base}{number}"
    used_addresses.add(address)
    return address


def _fold_name(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalpha())


def _add_to_lists(chance: random.Random, person: TruePerson, lists: dict[str, list[PersonListRow]]) -> None:
    """Add students and teachers to the student system, and staff to the staff list too."""
    domain = "district.example" if person.staff else "students.district.example"
    email = f"{person.address}@{domain}" if chance.random() < (0.93 if person.staff else 0.8) else ""
    row = {
        "given": person.first_name,
        "family": person.family_name,
        "email": email,
        "number": f"{500_000 + person.number}",
        "school": person.school,
        "grade": "" if person.staff else f"{person.grade:02d}",
        "role": "teacher" if person.staff else "student",
    }
    lists["sis"].append({**row, "key": f"s{person.number}"})
    person.rows.append(("sis", f"s{person.number}"))
    if person.staff:
        married = chance.random() < 0.04
        family_name = (
            f"{person.family_name}-{_generate_family_name(chance)}"
            if married and "-" not in person.family_name
            else person.family_name
        )
        number = row["number"] if chance.random() < 0.6 else f"E{9000 + person.number}"
        first_name = _SHORT.get(person.first_name, person.first_name) if chance.random() < 0.1 else person.first_name
        lists["staff"].append(
            {**row, "key": f"h{person.number}", "family": family_name, "given": first_name, "number": number}
        )
        person.rows.append(("staff", f"h{person.number}"))


def _build_account(chance: random.Random, person: TruePerson, directory: str) -> PersonListRow:
    first_name, family_name = person.first_name, person.family_name
    roll = chance.random()
    if roll < 0.08:
        first_name = _SHORT.get(first_name, first_name)
    elif roll < 0.11:
        first_name, family_name = _remove_accents(first_name), _remove_accents(family_name)
    elif roll < 0.13:
        position = chance.randrange(1, max(2, len(family_name) - 1))
        family_name = family_name[:position] + family_name[position + 1 :]
    elif roll < 0.14:
        first_name, family_name = family_name, first_name
    elif roll < 0.17 and "-" in family_name:
        family_name = family_name.replace("-", " ")
    domain = "district.example" if person.staff else "students.district.example"
    renamed = chance.random() < 0.03
    local = f"{_fold_name(first_name)[:1]}{_fold_name(family_name)}{person.number}" if renamed else person.address
    host = domain if directory == "cloud" else "ad.district.example"
    unit = f"/Staff/{person.school}" if person.staff else f"/Students/{person.school}/Grade {person.grade:02d}"
    return {
        "key": f"{directory[0]}{person.number}",
        "email": f"{local}@{host}",
        "given": first_name,
        "family": family_name,
        "unit": unit,
        "number": f"{500_000 + person.number}" if chance.random() < 0.75 else "",
    }


def _remove_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _add_unowned_accounts(chance: random.Random, lists: dict[str, list[PersonListRow]]) -> None:
    """Add accounts that are in no list of people: services, shared rooms, and people from outside."""
    for number in range(len(lists["cloud"]) // 60):
        service = chance.choice(("svc-backup", "scanner", "library", "room", ""))
        first_name, family_name = ("", "") if service else (chance.choice(_GIVEN), _generate_family_name(chance))
        local = f"{service}{number}" if service else f"{_fold_name(first_name)}.{_fold_name(family_name)}.ext"
        lists["cloud"].append(
            {
                "key": f"x{number}",
                "email": f"{local}@district.example",
                "given": first_name,
                "family": family_name,
                "unit": "/Other",
                "number": "",
            }
        )
