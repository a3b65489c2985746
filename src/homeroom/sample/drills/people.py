"""Staff of an invented district: schools, browsers, addresses and habits."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from homeroom.sample.drills.events import DrillBrowser, Recipient
from homeroom.sample.drills.vendors import (
    HOME_BROWSERS,
    HOMES,
    PHONE_BROWSERS,
    PHONES,
    WORK_BROWSERS,
    draw_address,
    draw_home_v6,
)

DOMAIN: Final = "district.example"
_SCHOOLS: Final = (
    "Cedar Hill High", "Franklin Middle", "Juniper Elementary", "Lincoln Elementary", "Northside Middle",
    "Riverbend Elementary", "Transportation", "District Office",
)  # fmt: skip
_SIZES: Final = (26, 17, 12, 12, 15, 11, 2, 5)
"""Shares of the staff; Transportation is so small that no figure of its own may be published."""
_FIRST: Final = (
    "ana", "bo", "carla", "dev", "elena", "finn", "grace", "hugo", "ines", "jamal", "kira", "luis", "maya", "nils",
    "olga", "priya", "quinn", "rosa", "sam", "tara", "uma", "viktor", "wendy", "xavier", "yara", "zoe", "aiden",
    "bianca", "caleb", "dina",
)  # fmt: skip
_LAST: Final = (
    "abbott", "barnes", "castillo", "dunn", "ellis", "flores", "grant", "hale", "ibarra", "jensen", "knox", "larsen",
    "moreno", "nolan", "ortiz", "parker", "quist", "reyes", "stone", "tran", "usher", "vega", "walsh", "xiong",
    "young", "zamora",
)  # fmt: skip


def invent_people(
    random: Random, count: int, *, exits: Sequence[str], exits_of_schools: bool = False, gmail: float = 0.0
) -> list[Recipient]:
    """Invent people; work addresses are of `exits`, by school if `exits_of_schools`, else drawn.

    `gmail` is the share of people who read mail in Gmail; programs of the others load pictures themselves.
    """
    phones = [draw_address(random, PHONES) for _ in range(max(3, count // 12))]
    people: list[Recipient] = []
    while len(people) < count:
        index = random.choices(range(len(_SCHOOLS)), weights=_SIZES)[0]
        email = f"{random.choice(_FIRST)}.{random.choice(_LAST)}{len(people) + 1}@{DOMAIN}"
        exit_address = exits[index % len(exits)] if exits_of_schools else None
        people.append(
            invent_habits(
                random, email, _SCHOOLS[index], exits=exits, exit_address=exit_address, phones=phones, gmail=gmail
            )
        )
    return people


def invent_habits(
    random: Random,
    email: str,
    school: str,
    *,
    exits: Sequence[str],
    phones: Sequence[str],
    exit_address: str | None = None,
    gmail: float = 0.0,
) -> Recipient:
    """Invent browsers, addresses and habits of the person with that address, at that school.

    The address at work is `exit_address`, or drawn of `exits`; the phone's is drawn of `phones`.
    """
    return Recipient(
        email=email,
        school=school,
        work=_draw(random, WORK_BROWSERS),
        home=_draw(random, HOME_BROWSERS),
        phone=_draw(random, PHONE_BROWSERS),
        work_address=exit_address or random.choice(exits),
        home_address=draw_home_v6(random) if random.random() < 0.2 else draw_address(random, HOMES),
        phone_address=random.choice(phones),
        haste=random.lognormvariate(0.0, 0.5),
        gullible=random.lognormvariate(-0.18, 0.6),
        reads_in_gmail=random.random() < gmail,
    )


def list_schools() -> tuple[str, ...]:
    """Return the names of the schools and offices."""
    return _SCHOOLS


def _draw(random: Random, browsers: Sequence[tuple[DrillBrowser, int]]) -> DrillBrowser:
    return random.choices([browser for browser, _ in browsers], weights=[weight for _, weight in browsers])[0]
