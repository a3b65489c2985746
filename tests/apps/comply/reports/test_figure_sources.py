"""The sources of a report's figure: the lists that its control reads, with dates; if there are many, their number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from homeroom.apps.comply.reports.figure_sources import control_sources_sql
from homeroom.apps.comply.reports.report import MAX_NAMED_SOURCES, DistrictReport, FigureSource, ReportFigure
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.controls import load_all_controls

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize(("control", "tables", "others"), [
    ("filter-covers-device", ("FROM devices", "'filter', 'content-filter'"), ("antivirus", "training_records")),
    ("antivirus-covers-computer", ("FROM devices", "'antivirus', 'endpoint-protection'"), ("'filter'",)),
    ("staff-second-factor", ("FROM accounts",), ("FROM devices", "coverage_records")),
    ("scanner-known-exploited", ("FROM vulnerability_records", "FROM known_exploited"), ("FROM accounts",)),
    ("internet-facing-remote-access", ("FROM service_records",), ("FROM devices",)),
])  # fmt: skip
def test_a_number_rests_on_the_lists_that_its_control_reads(
    control: str, tables: tuple[str, ...], others: tuple[str, ...]
) -> None:
    source_sql = control_sources_sql(load_all_controls()[control])
    assert [table_name for table_name in tables if table_name not in source_sql] == []
    assert [table_name for table_name in others if table_name in source_sql] == []


def build_report_with_sources(*sources: FigureSource) -> tuple[DistrictReport, ReportFigure]:
    figure = ReportFigure(label="Checks", part=1, sources=sources)
    document = DistrictReport(
        name="r",
        title="R",
        lead="",
        district="Maple",
        timezone="America/Chicago",
        today=date(2026, 1, 15),
        as_of=AT,
        figures=(figure,),
    )
    return document, figure


def test_few_sources_are_named_and_of_many_the_number_and_the_oldest_stand_there() -> None:
    report, figure = build_report_with_sources(FigureSource(name="Google", loaded_at=AT))
    assert report.summarize_sources(figure) == report.list_sources(figure) == "Google, Jan 15, 2026, 5:10 AM"
    sources = [FigureSource(name=f"List {n}", loaded_at=AT - timedelta(days=n)) for n in range(MAX_NAMED_SOURCES + 1)]
    report, figure = build_report_with_sources(*sources)
    assert report.summarize_sources(figure) == "11 sources, loaded from Jan 5, 2026, 5:10 AM to Jan 15, 2026, 5:10 AM"
    assert report.list_sources(figure).count(";") == MAX_NAMED_SOURCES
    report, figure = build_report_with_sources(*[FigureSource(name=source.name, loaded_at=AT) for source in sources])
    assert report.summarize_sources(figure) == "11 sources, loaded Jan 15, 2026, 5:10 AM"


class CountedData(ReportData):
    """Data of a report whose sources are named after the condition that they match; counts the queries."""

    queries: int = 0

    def query_rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        object.__setattr__(self, "queries", self.queries + 1)
        return [] if "accounts" in sql else [(sql, "google", AT)]


def build_data() -> CountedData:
    empty: Any = None
    return CountedData(district=empty, assessment=empty, today=date(2026, 1, 15))


def test_a_report_asks_once_for_the_sources_of_a_condition_also_if_there_are_none() -> None:
    data = build_data()
    assert data.list_sources("people") == data.list_sources("people") != data.list_sources("devices")
    assert data.queries == 2
    assert data.match_sources("accounts") == data.match_sources("accounts") == ()
    assert data.queries == 3
    assert build_data().list_sources("people") == data.list_sources("people"), "each report asks for itself"
