"""A report as CSV: one file per table, and one for its figures with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import ENGLISH, DistrictReport, ReportFigure, ReportSection, mask_students
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines


def render_csv_files(report: DistrictReport, *, hide_students: bool = False) -> Mapping[str, bytes]:
    """Return every CSV by file name, in UTF-8 with a byte order mark for spreadsheets.

    The first table has the report's own name. Values that a spreadsheet would run begin with an apostrophe (OWASP ASVS
    5.0.0, 1.2.10), except in an import for another system: the builder of its rows leaves such values out
    (`remedies.csv_pieces`).
    """
    stem = name_report(report)
    files = {f"{stem}-figures.csv": render_figures_csv(report)}
    for number, section in enumerate(report.sections):
        name = stem if number == 0 else f"{stem}-{section.name}"
        files[f"{name}.csv"] = render_section_csv(report, section, hide_students=hide_students)
    return files


def name_report(report: DistrictReport) -> str:
    """Return the name of a report's files without an ending; that of a Spanish one ends in its language."""
    return report.name if report.language == ENGLISH else f"{report.name}-{report.language}"


def render_section_csv(report: DistrictReport, section: ReportSection, *, hide_students: bool = False) -> bytes:
    """Render one table."""
    rows = mask_students(section) if hide_students and not section.plain else section.rows
    titles = [column.title for column in section.columns]
    return _write_csv(
        [titles, *([_format_cell(report, value, plain=section.plain) for value in row] for row in rows)],
        with_bom=not section.plain,
    )


def render_figures_csv(report: DistrictReport) -> bytes:
    """Render the figures, each with its parts as plain numbers, its control and its sources."""
    titles = [_("Figure"), _("Number"), _("Of"), _("Unknown"), _("Control"), _("Day"), _("As of"), _("Sources")]
    rows = (
        [
            escape_formula(figure.label),
            *(
                "" if count is None else _format_count(figure, count)
                for count in (figure.part, figure.total, figure.cannot_tell)
            ),
            figure.control,
            report.today.isoformat(),
            report.as_of.isoformat() if report.as_of else "",
            escape_formula(report.list_sources(figure)),
        ]
        for figure in report.figures
    )
    return _write_csv([titles, *rows])


def _format_count(figure: ReportFigure, count: int) -> str:
    return figure.format_count(count) if figure.mask_small_count(count) is None else str(count)


def _write_csv(rows: Iterable[list[str]], *, with_bom: bool = True) -> bytes:
    return ("\N{ZERO WIDTH NO-BREAK SPACE}" if with_bom else "").encode() + "".join(iterate_csv_lines(rows)).encode()


def _format_cell(report: DistrictReport, value: Any, *, plain: bool) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return report.format_value(value) if plain else escape_formula(report.format_value(value))
