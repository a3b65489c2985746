"""The report of roster differences compares every receiver with the source that decides who is a student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from homeroom.apps.comply.reports.kinds import roster_differences
from homeroom.apps.comply.reports.report import DistrictReport
from homeroom.evidence.query.session import open_session_over

ORIGIN = {"load_id": "1"}


@dataclass
class _FakeReportData:
    """Report data over tables in memory."""

    session: duckdb.DuckDBPyConnection
    today: date = date(2026, 11, 24)

    def query_snapshot[T](self, query: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        return query(self.session)

    def create_report(self, *, figures: list[Any], **fields: Any) -> DistrictReport:
        return DistrictReport(
            district="Maple Valley", timezone="UTC", today=self.today, as_of=None, figures=tuple(figures), **fields
        )


def _build_data(*sources: tuple[str, str, list[str]]) -> _FakeReportData:
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
    return _FakeReportData(
        open_session_over({"person_records": pl.DataFrame(people), "role_records": pl.DataFrame(roles)})
    )


def _build_report(data: _FakeReportData) -> DistrictReport:
    return roster_differences.build_report(data)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_copy_is_held_against_the_system_that_decides_though_it_has_more_students() -> None:
    document = _build_report(_build_data(("../clever", "clever", ["1", "2", "9"]), ("sis", "oneroster", ["1", "2"])))
    assert {figure.label: figure.part for figure in document.figures if figure.part} == {
        "People whom both have": 2,
        "Only there": 1,
    }
    assert document.sections[0].rows == [("310", "Only there", "9 Vega", "9", "student", None, None)]
    assert [section.name for section in document.sections] == ["clever", "clever-schools"]
    assert document.students == 1


@pytest.mark.django_db
def test_one_roster_alone_has_nothing_to_be_compared_with() -> None:
    document = _build_report(_build_data(("sis", "oneroster", ["1"])))
    assert (document.figures, document.sections) == ((), ())
    assert "nothing to compare" in document.lead
