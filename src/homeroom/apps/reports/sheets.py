"""A report as CSV: one file a table, and one of its figures with their sources."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from homeroom.apps.reports.report import Figure, Report, Section, masked
from homeroom.domain.spreadsheets import harmless


def sheets(report: Report, *, hide_pupils: bool = False) -> Mapping[str, bytes]:
    """Every CSV by file name, UTF-8 with a byte order mark so that spreadsheets read it as that.

    The first table has the report's own name. Values that a spreadsheet would run begin with an apostrophe (OWASP ASVS
    5.0.0, 1.2.10), save in an import for another system: whoever makes its rows leaves such values out (`remedies.csv_pieces`).
    """
    made = {f"{report.name}-figures.csv": figures_sheet(report)}
    for number, section in enumerate(report.sections):
        name = report.name if number == 0 else f"{report.name}-{section.name}"
        made[f"{name}.csv"] = section_sheet(report, section, hide_pupils=hide_pupils)
    return made


def section_sheet(report: Report, section: Section, *, hide_pupils: bool = False) -> bytes:
    """One table."""
    rows = masked(section) if hide_pupils and not section.plain else section.rows
    titles = [column.title for column in section.columns]
    return _written(
        [titles, *([_cell(report, value, plain=section.plain) for value in row] for row in rows)],
        mark=not section.plain,
    )


def figures_sheet(report: Report) -> bytes:
    """The figures, each with its parts as plain numbers, its control and its sources."""
    titles = [_("Figure"), _("Number"), _("Of"), _("Cannot tell"), _("Control"), _("Day"), _("As of"), _("Sources")]
    rows = (
        [
            harmless(one.label),
            *("" if count is None else _plain(one, count) for count in (one.part, one.whole, one.cannot_tell)),
            one.control,
            report.today.isoformat(),
            report.as_of.isoformat() if report.as_of else "",
            harmless(report.rests_on(one)),
        ]
        for one in report.figures
    )
    return _written([titles, *rows])


def _plain(figure: Figure, count: int) -> str:
    return figure.words(count) if figure.open(count) is None else str(count)


def _written(rows: Iterable[list[str]], *, mark: bool = True) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return ("\N{ZERO WIDTH NO-BREAK SPACE}" if mark else "").encode() + text.getvalue().encode()


def _cell(report: Report, value: Any, *, plain: bool) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return report.told(value) if plain else harmless(report.told(value))
