"""Histograms and matrices: bars by their counts, and shades of cells."""

from __future__ import annotations

from homeroom.engines.charts.histogram import build_histogram
from homeroom.engines.charts.matrix import build_matrix_chart


def test_bars_stand_side_by_side_and_a_single_device_is_visible() -> None:
    chart = build_histogram([("Past", 1, "past"), ("2027", 0, ""), ("2028", 1000, ""), ("2029", 500, "")])
    assert chart is not None
    assert [(bar.x, bar.width) for bar in chart.bars] == [(2.5, 20), (27.5, 20), (52.5, 20), (77.5, 20)]
    assert [bar.height for bar in chart.bars] == [1, 0, 100, 50]
    assert [bar.y for bar in chart.bars] == [99, 100, 0, 50]
    assert chart.ticks == (1000, 500, 0)


def test_without_a_count_there_is_no_histogram() -> None:
    assert build_histogram([("2027", 0, "")]) is None
    assert build_histogram([]) is None


def test_a_cell_is_as_dark_as_its_share_of_the_highest_count() -> None:
    counts = {("public", "critical"): 8, ("public", "high"): 4, ("staff", "critical"): 1}
    chart = build_matrix_chart(counts, rows=("public", "servers", "staff"), columns=("critical", "high"))
    assert [(row.name, row.total) for row in chart.rows] == [("public", 12), ("staff", 1)]
    assert [[cell.level for cell in row.cells] for row in chart.rows] == [[4, 2], [1, 0]]


def test_a_matrix_of_nothing_has_no_row() -> None:
    assert build_matrix_chart({}, rows=("public",), columns=("critical",)).rows == ()
