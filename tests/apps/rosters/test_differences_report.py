"""The report of roster differences holds every receiver against the source that decides who is a pupil."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from homeroom.apps.reports.made import roster_differences
from homeroom.apps.reports.report import Report
from homeroom.evidence.session import session_over

ORIGIN = {"load_id": "1"}


@dataclass
class _Asked:
    """What a report asks, over tables in memory."""

    session: duckdb.DuckDBPyConnection
    today: date = date(2026, 11, 24)

    def answer[T](self, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        return ask(self.session)

    def report(self, *, figures: list[Any], **told: Any) -> Report:
        return Report(
            district="Maple Valley", timezone="UTC", today=self.today, as_of=None, figures=tuple(figures), **told
        )


def _asked(*sources: tuple[str, str, list[str]]) -> _Asked:
    people = [
        {"connector": connector, "instance": instance, **ORIGIN, "key": key, "given_name": key, "family_name": "Vega"}
        for instance, connector, keys in sources
        for key in keys
    ]
    roles = [
        {"connector": connector, "instance": instance, **ORIGIN, "person_key": key, "role": "student", "org_key": "310"}
        for instance, connector, keys in sources
        for key in keys
    ]
    return _Asked(session_over({"person_records": pl.DataFrame(people), "role_records": pl.DataFrame(roles)}))


def _made(asked: _Asked) -> Report:
    return roster_differences.make(asked)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_copy_is_held_against_the_system_that_decides_though_it_has_more_pupils() -> None:
    made = _made(_asked(("../clever", "clever", ["1", "2", "9"]), ("sis", "oneroster", ["1", "2"])))
    assert {one.label: one.part for one in made.figures if one.part} == {"People whom both have": 2, "Only there": 1}
    assert made.sections[0].rows == [("310", "Only there", "9 Vega", "9", "student", None, None)]
    assert [section.name for section in made.sections] == ["clever", "clever-schools"]
    assert made.pupils == 1


@pytest.mark.django_db
def test_one_roster_alone_has_nothing_to_be_compared_with() -> None:
    made = _made(_asked(("sis", "oneroster", ["1"])))
    assert (made.figures, made.sections) == ((), ())
    assert "nothing to compare" in made.lead
