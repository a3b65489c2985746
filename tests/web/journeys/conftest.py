"""What the journeys share: the house on its Monday, and the same house after its director and technician were there."""

from __future__ import annotations

import pytest

from tests.web.journeys.house import House, built, open_house
from tests.web.journeys.steps import Handed, deferred, handed_out, planned
from tests.web.journeys.walking import SUBJECT, Answer, Walker, walked

STARTS = (
    "/", "/posture", "/plan", "/reports", "/fixes", "/sources", "/setup", "/audit", "/inventory", "/devices", "/people",
    "/accounts", "/devices.csv", "/people.csv", "/accounts.csv", "/setup/facts.yaml",
)  # fmt: skip


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The house on Monday morning. Nobody writes into it."""
    return built(tmp_path_factory.mktemp("journeys"))


@pytest.fixture(scope="session")
def used(house: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Handed]:
    """A house whose director planned the week and deferred an item, and whose technician handed a fix file out."""
    own = house.copied(tmp_path_factory.mktemp("used"))
    with open_house(own) as visitors:
        director = visitors.arrive("director")
        planned(director, hours="6")
        deferred(director, "leaver-account", until="2026-01-20", reason="The board meets first.")
        return own, handed_out(visitors.arrive("technician"))


@pytest.fixture(scope="session")
def walk(used: tuple[House, Handed]) -> dict[str, Answer]:
    """Everything that the auditor can open from the areas on, after the others were there, with what it answered."""
    with open_house(used[0]) as visitors:
        return walked(Walker(visitors.arrive("auditor"), visitors.address), STARTS, follow=worth_a_visit)


def worth_a_visit(address: str) -> bool:
    """Every address but other orders, filters and columns of the same list, and the later rows of what is all right."""
    path, _, asked = address.partition("?")
    if asked:
        counted = path.startswith("/findings/") or path.endswith(("/fail", "/cannot_tell", "/excepted"))
        return asked.startswith("after=") and counted
    return not path.startswith(("/people", "/accounts", "/devices")) or bool(SUBJECT.match(path))
