"""A report as HTML: one self-contained, printable file that loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.template.loader import render_to_string

from homeroom.apps.comply.reports.report import DistrictReport, ReportSection, ReportTrend, mask_students
from homeroom.domain.ids import parse_public_id
from homeroom.engines.charts.trend import build_trend_chart

PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 36, 10, 556, 60
"""Where the plot is in the drawing of a trend (`_trend.svg`)."""
_OWN_PAGES = ("person", "account", "device")
"""Kinds of subjects with a page of their own; all others are shown by the page of resources."""


@dataclass(frozen=True, kw_only=True)
class RenderedRow:
    """A row: the public id of what it is about, else empty, and every cell with its title and whether it is numeric.

    `page` is the name of the page's address that shows it.
    """

    opens: str
    page: str
    cells: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, kw_only=True)
class RenderedTable:
    """A table for display: titles, which columns are numeric, and every cell as text."""

    name: str
    title: str
    note: str
    titles: tuple[tuple[str, bool], ...]
    rows: tuple[RenderedRow, ...]
    starts_page: bool = False


def build_context(report: DistrictReport, *, hide_students: bool = False) -> dict[str, Any]:
    """Build the template context of a report: figures and tables as text."""
    return {
        "report": report,
        "as_of": report.format_time(report.as_of),
        "figures": [
            (figure.label, figure.number, report.summarize_sources(figure), figure.control) for figure in report.figures
        ],
        "trend": build_trend_context(report.trend),
        "sections": [_render_table(report, section, hide_students=hide_students) for section in report.sections],
    }


def build_trend_context(trend: ReportTrend | None) -> dict[str, Any] | None:
    """Return {trend, days, lines, band} for the drawing of a trend; None without one or before a second day.

    Points are those of the drawing: what reads a PDF does not stretch the lines of a drawing within it.
    """
    if trend is None:
        return None
    chart = build_trend_chart(trend.days, {"high": trend.high, "low": trend.low}, top=1.0, band=("high", "low"))
    if chart is None:
        return None
    return {
        "trend": trend,
        "days": chart.days,
        "lines": [(line.name, _scale_points(line.points)) for line in chart.lines],
        "band": _scale_points(chart.band),
    }


def _scale_points(points: str) -> str:
    """Move points from hundredths of the plot to the plot of the drawing."""
    pairs = ([float(number) / 100 for number in pair.split(",")] for pair in points.split())
    return " ".join(f"{PLOT_LEFT + PLOT_WIDTH * x:g},{PLOT_TOP + PLOT_HEIGHT * y:g}" for x, y in pairs)


def render_html(report: DistrictReport, *, hide_students: bool = False) -> bytes:
    """Render the complete page, UTF-8."""
    return render_to_string("reports/alone.html", build_context(report, hide_students=hide_students)).encode()


def _render_table(report: DistrictReport, section: ReportSection, *, hide_students: bool) -> RenderedTable:
    rows = mask_students(section) if hide_students else section.rows
    titles = tuple((column.title, column.number) for column in section.columns)
    return RenderedTable(
        name=section.name,
        title=section.title,
        note=section.note,
        titles=titles,
        rows=tuple(
            RenderedRow(
                opens=opens or "",
                page=_get_page(opens),
                cells=tuple(
                    (title, report.format_value(value), number)
                    for (title, number), value in zip(titles, row, strict=True)
                ),
            )
            for row, opens in zip_longest(rows, section.opens)
        ),
        starts_page=section.starts_page,
    )


def _get_page(public: str | None) -> str:
    kind = parse_public_id(public)[0] if public else ""
    return kind if kind in _OWN_PAGES else "resource"
