"""The pages on security claim nothing without a test: requirements of ASVS, time frames, flows of data."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest

from tests.content.documentation import list_table_rows
from tests.content.walkthrough import ROOT

ASVS = ROOT / "docs" / "security" / "asvs.md"
STATES = ("met", "unmet", "not applicable")
# How many requirements ASVS 5.0.0 has (its CSV): level 1, and those that level 2 adds.
LEVELS = {"1": 70, "2": 183}
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_ID = re.compile(r"^\d+\.\d+\.\d+$")


class Requirement(NamedTuple):
    """One line of the page."""

    number: str
    level: str
    short: str
    state: str
    reason: str


@cache
def read_requirements() -> tuple[Requirement, ...]:
    """Return the requirements of the page, in its order."""
    rows = list_table_rows(ASVS.read_text(encoding="utf-8"))
    return tuple(Requirement(*row) for row in rows if _ID.match(row[0]))


def test_every_requirement_of_levels_1_and_2_is_listed_once() -> None:
    numbers = [requirement.number for requirement in read_requirements()]
    assert len(set(numbers)) == len(numbers)
    assert Counter(requirement.level for requirement in read_requirements()) == LEVELS
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])


@pytest.mark.parametrize("requirement", read_requirements(), ids=lambda requirement: requirement.number)
def test_a_met_requirement_names_a_test_that_exists_and_others_have_a_reason(requirement: Requirement) -> None:
    assert requirement.state in STATES
    tests = _TEST.findall(requirement.reason)
    if requirement.state == "met":
        assert tests
    else:
        assert len(requirement.reason) > 5
    for path, name in tests:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), name


def test_the_counts_are_those_of_the_lines() -> None:
    text = ASVS.read_text(encoding="utf-8")
    chapters = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    counted = {
        chapter.splitlines()[0]: Counter(row[3] for row in list_table_rows(chapter) if _ID.match(row[0]))
        for chapter in chapters
    }
    counted["all"] = sum(counted.values(), Counter())
    printed = {row[0]: row[1:] for row in list_table_rows(text.split("\n## ")[0])}
    assert printed == {name: tuple(str(counts[state]) for state in STATES) for name, counts in counted.items()}


def test_the_security_policy_states_how_fast_dependencies_are_updated() -> None:
    rows = dict(list_table_rows((ROOT / "SECURITY.md").read_text(encoding="utf-8")))
    assert [int(re.findall(r"\d+", period)[0]) for period in rows.values()] == [3, 14, 90]


def test_each_flow_of_the_threat_model_is_drawn_and_has_a_defense() -> None:
    text = (ROOT / "docs" / "security" / "threat-model.md").read_text(encoding="utf-8")
    rows = [row for row in list_table_rows(text.split("## Flow by flow")[1]) if len(row) == 4]
    drawn = set(re.findall(r"──(\d+)──", text))
    assert {row[0].split()[0] for row in rows} == drawn == {str(number) for number in range(1, 12)}
    assert all(re.match(r"[STRIDE](, [STRIDE])*: ", threat) and defense for _, threat, defense, _ in rows)
    assert {letter for _, threat, _, _ in rows for letter in threat.split(":")[0].split(", ")} == set("STRIDE")
