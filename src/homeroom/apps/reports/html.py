"""A report as HTML: one self-contained, printable file that loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.template.loader import render_to_string

from homeroom.apps.reports.report import DistrictReport, ReportSection, mask_students
from homeroom.domain.ids import parse_public_id

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
        "sections": [_render_table(report, section, hide_students=hide_students) for section in report.sections],
    }


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
