"""Invented people and numbers of documents; nothing here is shared with what recognizes them."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

_ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "y",
    "z",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "io", "ou"]
_CODAS = ["l", "m", "n", "r", "s", "t", "x", "ck", "nd", "rd", "sh"]
_FIRSTS = [
    "Amara",
    "Bruno",
    "Callie",
    "Dmitri",
    "Elowen",
    "Farid",
    "Greta",
    "Hakim",
    "Imani",
    "Jonas",
    "Keiko",
    "Lucia",
    "Mateo",
    "Nadia",
    "Oscar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tessa",
    "Umar",
    "Vera",
    "Willa",
    "Xavier",
    "Yusuf",
    "Zoe",
    "Anton",
    "Bianca",
    "Cyrus",
    "Dalia",
    "Emil",
    "Freya",
    "Gianni",
    "Hana",
    "Ivan",
    "Jasmine",
]
STREETS = ("Maple Street", "Birch Ave", "Cedar Lane", "N Willow Rd", "Juniper Court", "Old Mill Drive", "Chestnut Blvd")
TOWNS = ("Fairmont", "Lakeside", "Brookfield", "Ashton")


@dataclass(frozen=True, kw_only=True)
class InventedStudent:
    """A student of the roster."""

    first: str
    middle: str
    last: str
    number: str
    email: str
    born: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class InventedPeople:
    """Students, people who work at the school, and people who are on no list."""

    students: list[InventedStudent]
    staff: list[tuple[str, str]]
    others: list[tuple[str, str]]


def make_people(count: int, *, rng: random.Random) -> InventedPeople:
    """Make so many students, a twelfth as many staff, and as many others; no two have one name."""
    lasts: list[str] = []
    used: set[str] = set()
    while len(lasts) < count + count // 12 + 500:
        name = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2)))) + rng.choice(
            _CODAS
        )
        if len(name) > 3 and name not in used:
            used.add(name)
            lasts.append(name.capitalize())
    numbers = rng.sample(range(2_000_000, 9_999_999), count)
    students = []
    for position in range(count):
        first, last = rng.choice(_FIRSTS), lasts[position]
        if rng.random() < 0.06:
            last = f"{last}-{rng.choice(lasts[:200])}"
        elif rng.random() < 0.03:
            last = f"O'{last}"
        students.append(
            InventedStudent(
                first=first,
                middle=rng.choice(_FIRSTS) if rng.random() < 0.4 else "",
                last=last,
                number=f"{numbers[position]:08d}",
                email=f"{first}.{last}{position}@pupils.fairmont.example.net".lower().replace("'", ""),
                born=(rng.randint(2006, 2019), rng.randint(1, 12), rng.randint(1, 28)),
            )
        )
    rest = [(rng.choice(_FIRSTS), last) for last in lasts[count:]]
    return InventedPeople(students=students, staff=rest[: count // 12], others=rest[count // 12 :])


def make_ssn(rng: random.Random) -> str:
    """Make a number that may have been given out."""
    while True:
        area, group, serial = rng.randint(1, 899), rng.randint(1, 99), rng.randint(1, 9999)
        if area != 666 and len({area, group, serial}) == 3:
            return f"{area:03d}{group:02d}{serial:04d}"


def write_dashes(digits: str) -> str:
    """Write nine digits in the usual way."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def make_card(rng: random.Random) -> str:
    """Make a card number whose last digit is right."""
    body = rng.choice(("4", "51", "55", "6011", "37"))
    body += "".join(rng.choice(string.digits) for _ in range((14 if body == "37" else 15) - len(body)))
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    total = sum(value // 10 + value % 10 for value in doubled)
    return body + str(-total % 10)


def make_routing(rng: random.Random) -> str:
    """Make a routing number whose checksum is right."""
    body = f"{rng.choice((1, 2, 5, 7, 11, 21, 26, 31)):02d}" + "".join(rng.choice(string.digits) for _ in range(6))
    weighted = sum(int(digit) * weight for digit, weight in zip(body, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return body + str(-weighted % 10)


def make_phone(rng: random.Random) -> str:
    """Make a telephone number of a family, reserved for fiction."""
    area, line = rng.choice(("217", "312", "614", "719")), rng.randint(100, 199)
    return rng.choice((f"({area}) 555-0{line}", f"{area}-555-0{line}", f"{area}.555.0{line}"))


def make_password(rng: random.Random) -> str:
    """Make a password as people choose them."""
    word = rng.choice(("Falcon", "Sunrise", "Otter", "Maple", "Rocket", "Comet"))
    return f"{word}{rng.choice('!?#-')}{rng.randint(10, 9999)}"
