"""People and accounts of a small messy district, through load and `resolve --out`: the goals, overall and by class."""

from __future__ import annotations

import pytest

from bench.messy.people_exports import generate_messy_exports
from bench.messy_people import GOALS, link_files, score_exports
from tests.amounts import choose_amount

pytestmark = pytest.mark.scale
DISTRICTS = choose_amount(
    brief=((300, "heavy", 5),), thorough=((300, "heavy", 5), (1_500, "usual", 6), (1_500, "light", 7))
)


@pytest.mark.parametrize(("students", "rate", "seed"), DISTRICTS)
def test_messy_people_are_joined_within_the_goals_of_every_class(students: int, rate: str, seed: int) -> None:
    exports = generate_messy_exports(students=students, rate=rate, seed=seed)
    figures = score_exports(exports, link_files(exports.files))
    assert {name: value for name, value in figures.items() if not GOALS[name].is_met_by(value)} == {}
    assert {"unknown_recall", "upn-local_recall", "parent_recall", "itinerant_recall"} <= set(figures)
