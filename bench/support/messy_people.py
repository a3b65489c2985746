"""A messy labelled district of people: a student system, a staff list and two directories that disagree, and who is who.

Written for `bench.linkage` alone: it shares no code and no constant with the resolver. Every figure here is an assumption about
how districts keep lists, not a measurement of one.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field

Row = dict[str, str]
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
    "William": "Bill", "Elizabeth": "Liz", "Benjamin": "Ben", "Alexander": "Alex", "Samuel": "Sam", "Joseph": "Joe",
    "Matthew": "Matt", "Michael": "Mike", "Christopher": "Chris", "Abigail": "Abby", "Joshua": "Josh", "Anthony": "Tony",
    "Natalie": "Nat", "Victoria": "Vicky", "Daniel": "Danny", "Thomas": "Tom", "Charles": "Charlie", "Nathan": "Nate",
    "Theodore": "Teddy", "Madison": "Maddie", "Andrew": "Drew", "James": "Jim", "Isabella": "Izzy",
}  # fmt: skip
_SCHOOLS = ("Alder Elementary", "Birch Middle", "Cedar High", "Dogwood Elementary", "Elm Academy", "Fir High")


@dataclass(kw_only=True)
class Somebody:
    """One real person: what they are truly called, and their rows."""

    number: int
    given: str
    family: str
    staff: bool
    grade: int
    school: str
    address: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)


def messy_people(*, people: int, seed: int) -> tuple[dict[str, list[Row]], Truth]:
    """Rows of `sis` and `staff` (people), `cloud` and `premises` (accounts), and the truth: for each person their (list, key)."""
    chance = random.Random(seed)
    district = _district(chance, people)
    lists: dict[str, list[Row]] = {"sis": [], "staff": [], "cloud": [], "premises": []}
    for one in district:
        _listed(chance, one, lists)
        for directory, share in (("cloud", 0.97), ("premises", 0.6)):
            if chance.random() < share:
                lists[directory].append(_account(chance, one, directory))
                one.rows.append((directory, lists[directory][-1]["key"]))
    _nobodys(chance, lists)
    for rows in lists.values():
        chance.shuffle(rows)
    return lists, [one.rows for one in district]


def _district(chance: random.Random, people: int) -> list[Somebody]:
    taken: set[str] = set()
    found: list[Somebody] = []
    while len(found) < people:
        number, staff = len(found), chance.random() < 0.12
        one = Somebody(
            number=number, given=chance.choice(_GIVEN), family=_family(chance), staff=staff,
            grade=chance.randint(1, 12), school=chance.choice(_SCHOOLS),
        )  # fmt: skip
        if not staff and found and chance.random() < 0.02:  # the twin of the one before
            twin = found[-1]
            one.family, one.grade, one.school, one.staff = twin.family, twin.grade, twin.school, twin.staff
            one.given = chance.choice([name for name in _GIVEN if name != twin.given])
        elif not staff and len(found) > 10 and chance.random() < 0.01:  # somebody else of the same name
            namesake = chance.choice(found)
            one.given, one.family = namesake.given, namesake.family
        one.address = _free(taken, f"{_plain(one.given)}.{_plain(one.family)}")
        found.append(one)
    return found


def _family(chance: random.Random) -> str:
    def single() -> str:
        return chance.choice(_COMMON) if chance.random() < 0.15 else chance.choice(_FIRST) + chance.choice(_LAST)

    return f"{single()}-{single()}" if chance.random() < 0.06 else single()


def _free(taken: set[str], local: str) -> str:
    number, found = 1, local
    while found in taken:
        number += 1
        found = f"{local}{number}"
    taken.add(found)
    return found


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalpha())


def _listed(chance: random.Random, one: Somebody, lists: dict[str, list[Row]]) -> None:
    """Pupils and teachers stand in the student system; the staff stands in the staff list too."""
    domain = "district.example" if one.staff else "students.district.example"
    email = f"{one.address}@{domain}" if chance.random() < (0.93 if one.staff else 0.8) else ""
    row = {
        "given": one.given, "family": one.family, "email": email, "number": f"{500_000 + one.number}", "school": one.school,
        "grade": "" if one.staff else f"{one.grade:02d}", "role": "teacher" if one.staff else "student",
    }  # fmt: skip
    lists["sis"].append({**row, "key": f"s{one.number}"})
    one.rows.append(("sis", f"s{one.number}"))
    if one.staff:
        married = chance.random() < 0.04
        family = f"{one.family}-{_family(chance)}" if married and "-" not in one.family else one.family
        number = row["number"] if chance.random() < 0.6 else f"E{9000 + one.number}"
        given = _SHORT.get(one.given, one.given) if chance.random() < 0.1 else one.given
        lists["staff"].append({**row, "key": f"h{one.number}", "family": family, "given": given, "number": number})
        one.rows.append(("staff", f"h{one.number}"))


def _account(chance: random.Random, one: Somebody, directory: str) -> Row:
    given, family = one.given, one.family
    roll = chance.random()
    if roll < 0.08:
        given = _SHORT.get(given, given)
    elif roll < 0.11:
        given, family = _unaccented(given), _unaccented(family)
    elif roll < 0.13:
        at = chance.randrange(1, max(2, len(family) - 1))
        family = family[:at] + family[at + 1 :]
    elif roll < 0.14:
        given, family = family, given
    elif roll < 0.17 and "-" in family:
        family = family.replace("-", " ")
    domain = "district.example" if one.staff else "students.district.example"
    renamed = chance.random() < 0.03
    local = f"{_plain(given)[:1]}{_plain(family)}{one.number}" if renamed else one.address
    host = domain if directory == "cloud" else "ad.district.example"
    unit = f"/Staff/{one.school}" if one.staff else f"/Students/{one.school}/Grade {one.grade:02d}"
    return {
        "key": f"{directory[0]}{one.number}", "email": f"{local}@{host}", "given": given, "family": family, "unit": unit,
        "number": f"{500_000 + one.number}" if chance.random() < 0.75 else "",
    }  # fmt: skip


def _unaccented(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _nobodys(chance: random.Random, lists: dict[str, list[Row]]) -> None:
    """Accounts that stand in no list of people: services, shared rooms, and people from outside."""
    for number in range(len(lists["cloud"]) // 60):
        who = chance.choice(("svc-backup", "scanner", "library", "room", ""))
        given, family = ("", "") if who else (chance.choice(_GIVEN), _family(chance))
        local = f"{who}{number}" if who else f"{_plain(given)}.{_plain(family)}.ext"
        lists["cloud"].append(
            {"key": f"x{number}", "email": f"{local}@district.example", "given": given, "family": family, "unit": "/Other", "number": ""}
        )  # fmt: skip
