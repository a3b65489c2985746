"""Trend charts: round tops of scales, and where days and values are."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.engines.charts.scale import choose_top, spread_days
from homeroom.engines.charts.trend import build_trend_chart

MONDAY, FRIDAY, NEXT_WEEK = date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 15)


@pytest.mark.parametrize(
    ("values", "top"),
    [
        ([], 2),
        ([0, 0], 2),
        ([1], 2),
        ([3], 4),
        ([5], 5),
        ([9], 10),
        ([10], 10),
        ([11], 20),
        ([401], 500),
        ([999], 1000),
    ],
)
def test_the_top_of_a_scale_is_the_least_round_number_above_all_values(values: list[float], top: int) -> None:
    assert choose_top(values) == top


def test_days_have_their_place_by_date_and_values_by_height() -> None:
    chart = build_trend_chart([MONDAY, FRIDAY, NEXT_WEEK], {"high": [0, 10, 5]})
    assert chart is not None
    (line,) = chart.lines
    assert (line.points, line.end) == ("0,100 40,0 100,50", (100, 50))
    assert (chart.ticks, chart.days, chart.band) == ((10, 5, 0), (MONDAY, date(2026, 1, 10), NEXT_WEEK), "")


def test_a_band_goes_along_its_upper_line_and_back_along_the_lower() -> None:
    chart = build_trend_chart([MONDAY, NEXT_WEEK], {"most": [1, 0.5], "least": [0.5, 0]}, top=1, band=("most", "least"))
    assert chart is not None
    assert chart.band == "0,0 100,50 100,100 0,50"


def test_marks_are_numbered_and_stay_inside_the_chart() -> None:
    days = [MONDAY, FRIDAY, NEXT_WEEK]
    chart = build_trend_chart(days, {"high": [1, 1, 1]}, marked=[date(2025, 1, 1), FRIDAY, date(2027, 1, 1)])
    assert chart is not None
    assert [(mark.number, mark.x) for mark in chart.marks] == [(1, 0), (2, 40), (3, 100)]


@pytest.mark.parametrize("days", [[], [MONDAY], [MONDAY, MONDAY]])
def test_before_a_second_day_there_is_no_chart(days: list[date]) -> None:
    assert build_trend_chart(days, {"high": [1] * len(days)}) is None


def test_days_beside_the_plot_are_each_named_once() -> None:
    assert spread_days(MONDAY, date(2026, 1, 6)) == (MONDAY, date(2026, 1, 6))
