"""A report as HTML: one file that stands alone, with nothing to fetch, and prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from homeroom.apps.reports.report import Report, Section, masked


@dataclass(frozen=True, kw_only=True)
class Told:
    """A table as people read it: titles, whether a column is of numbers, and every cell as text."""

    name: str
    title: str
    note: str
    titles: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str, bool], ...], ...]


def body(report: Report, *, hide_pupils: bool = False) -> dict[str, Any]:
    """What the templates of a report need: figures and tables as text."""
    return {
        "report": report,
        "as_of": report.clock(report.as_of),
        "figures": [(one.label, one.number, report.rests_briefly(one), one.control) for one in report.figures],
        "sections": [_told(report, section, hide_pupils=hide_pupils) for section in report.sections],
    }


def page(report: Report, *, hide_pupils: bool = False) -> bytes:
    """The whole page, UTF-8."""
    return render_to_string("reports/alone.html", body(report, hide_pupils=hide_pupils)).encode()


def _told(report: Report, section: Section, *, hide_pupils: bool) -> Told:
    rows = masked(section) if hide_pupils else section.rows
    titles = tuple((column.title, column.number) for column in section.columns)
    return Told(
        name=section.name,
        title=section.title,
        note=section.note,
        titles=titles,
        rows=tuple(
            tuple((title, report.told(value), number) for (title, number), value in zip(titles, row, strict=True))
            for row in rows
        ),
    )
