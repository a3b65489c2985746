"""What a figure of a report rests on: the lists that its control reads, named and dated; of very many their number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from homeroom.apps.posture.shelf import shelf
from homeroom.apps.reports.report import NAMED, Figure, Report, Source
from homeroom.apps.reports.resting import which

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize(("control", "tables", "others"), [
    ("filter-covers-device", ("FROM devices", "purpose = 'filter'"), ("antivirus", "training_records")),
    ("antivirus-covers-computer", ("FROM devices", "purpose = 'antivirus'"), ("'filter'",)),
    ("staff-second-factor", ("FROM accounts",), ("FROM devices", "coverage_records")),
    ("scanner-known-exploited", ("FROM flaw_records", "FROM known_exploited"), ("FROM accounts",)),
    ("internet-facing-remote-access", ("FROM service_records",), ("FROM devices",)),
])  # fmt: skip
def test_a_number_rests_on_the_lists_that_its_control_reads(
    control: str, tables: tuple[str, ...], others: tuple[str, ...]
) -> None:
    told = which(shelf()[control])
    assert [one for one in tables if one not in told] == []
    assert [one for one in others if one in told] == []


def report_with(*sources: Source) -> tuple[Report, Figure]:
    figure = Figure(label="Checks", part=1, sources=sources)
    made = Report(
        name="r", title="R", lead="", district="Maple", timezone="America/Chicago", today=date(2026, 1, 15), as_of=AT, figures=(figure,)
    )  # fmt: skip
    return made, figure


def test_few_sources_are_named_and_of_many_the_number_and_the_oldest_stand_there() -> None:
    report, figure = report_with(Source(name="Google", loaded_at=AT))
    assert report.rests_briefly(figure) == report.rests_on(figure) == "Google, Jan 15, 2026, 5:10"
    many = [Source(name=f"List {n}", loaded_at=AT - timedelta(days=n)) for n in range(NAMED + 1)]
    report, figure = report_with(*many)
    assert report.rests_briefly(figure) == "11 sources, loaded from Jan 5, 2026, 5:10 to Jan 15, 2026, 5:10"
    assert report.rests_on(figure).count(";") == NAMED
    report, figure = report_with(*[Source(name=one.name, loaded_at=AT) for one in many])
    assert report.rests_briefly(figure) == "11 sources, loaded Jan 15, 2026, 5:10"
