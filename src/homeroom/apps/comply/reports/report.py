"""Report data structures: figures with their source, time and unknown count, and tables of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from homeroom.evidence.tables import Privacy

if TYPE_CHECKING:  # a bundle is checked and reported without a database
    from homeroom.apps.comply.privacy.opt_outs.masking import OptOutMask

ENGLISH, SPANISH = "en", "es"
LANGUAGES = ((ENGLISH, "English"), (SPANISH, "Español"))
"""The languages of reports, each with its name in itself."""
MAX_NAMED_SOURCES = 10
"""Number of sources of a figure that pages and PDFs name one by one; the CSV names all."""


@dataclass(frozen=True, kw_only=True)
class FigureSource:
    """One source instance of a figure, and when its oldest part was loaded (UTC)."""

    name: str
    loaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """One number: `part` of `total`, how many could not be determined, and its sources.

    `total` is None for a plain count. `control` names the control that counted it, if any. Counts of people under
    `min_count` are hidden in every form of the report.
    """

    label: str
    part: int
    total: int | None = None
    cannot_tell: int = 0
    sources: tuple[FigureSource, ...] = ()
    control: str = ""
    min_count: int = 0

    def mask_small_count(self, count: int | None) -> int | None:
        """Return the count, or None if it is hidden or missing."""
        return None if count is None or 0 < count < self.min_count else count

    def format_count(self, count: int) -> str:
        """Format the count for pages."""
        if self.mask_small_count(count) is None:
            return gettext("fewer than %(few)s") % {"few": self.min_count}
        return number_format(count, force_grouping=True)

    @property
    def number(self) -> str:
        """Text for pages: `part` of `total`; then the number that could not be determined."""
        part_text = self.format_count(self.part)
        unknown_text = gettext("%(n)s unknown") % {"n": self.format_count(self.cannot_tell)}
        if self.total is None:
            return f"{part_text} · {unknown_text}" if self.cannot_tell else part_text
        total_text = self.format_count(self.total)
        return gettext("%(part)s of %(whole)s · %(unknown)s") % {
            "part": part_text,
            "whole": total_text,
            "unknown": unknown_text,
        }


@dataclass(frozen=True, kw_only=True)
class ReportColumn:
    """One column of a table: its title, and the privacy class of its values. `number` aligns it to the right."""

    title: str
    privacy: Privacy = Privacy.PUBLIC
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportSection:
    """One table of a report; `name` is a short part of a file name. `note` explains how to read it.

    `plain` writes machine-readable cells (an import for another system): dates as ISO 8601, and nothing masked.
    `opens` has the public id of the thing that each row is about, which its first cell opens on pages. A section that
    `starts_page` is printed on a new sheet.
    """

    name: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: Sequence[tuple[Any, ...]]
    note: str = ""
    plain: bool = False
    opens: Sequence[str] = ()
    starts_page: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportTrend:
    """A range between 0 and 1 over days, the oldest first, as a chart; `alt` describes it in words."""

    title: str
    alt: str
    days: tuple[date, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class DistrictReport:
    """A report of one day. `students` counts the rows about students.

    `sentences` say the most important before all figures. `trend` is a chart beside them. `language` is what it is
    written in.
    """

    name: str
    title: str
    lead: str
    district: str
    timezone: str
    today: date
    as_of: datetime | None
    figures: tuple[ReportFigure, ...] = ()
    sections: tuple[ReportSection, ...] = ()
    notes: tuple[str, ...] = ()
    students: int = 0
    sentences: tuple[str, ...] = ()
    trend: ReportTrend | None = None
    language: str = ENGLISH

    @property
    def language_title(self) -> str:
        """Name of the language in itself; empty for English."""
        return "" if self.language == ENGLISH else dict(LANGUAGES)[self.language]

    def format_value(self, value: Any) -> str:
        """Format a cell for people: dates in words, booleans as yes and no, empty for null."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, datetime):
            return date_format(value.astimezone(ZoneInfo(self.timezone)), gettext("M j, Y"))
        if isinstance(value, date):
            return date_format(value, gettext("M j, Y"))
        if isinstance(value, int):
            return number_format(value, force_grouping=True)
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    def format_time(self, at: datetime | None) -> str:
        """Format a time in the district's zone, with its day."""
        if at is None:
            return gettext("never")
        local = at.astimezone(ZoneInfo(self.timezone))
        return date_format(local, gettext("M j, Y, g:i A"))

    def summarize_sources(self, figure: ReportFigure) -> str:
        """Format a figure's sources with their times, or only their number and first and last time if many."""
        if len(figure.sources) <= MAX_NAMED_SOURCES:
            return self.list_sources(figure)
        times = [source.loaded_at for source in figure.sources]
        message_values = {"n": len(times), "first": self.format_time(min(times)), "last": self.format_time(max(times))}
        if message_values["first"] == message_values["last"]:
            return gettext("%(n)s sources, loaded %(first)s") % message_values
        return gettext("%(n)s sources, loaded from %(first)s to %(last)s") % message_values

    def list_sources(self, figure: ReportFigure) -> str:
        """Format a figure's sources with the time of each."""
        return "; ".join(f"{source.name}, {self.format_time(source.loaded_at)}" for source in figure.sources)


@dataclass(frozen=True, kw_only=True)
class ReportKind:
    """One kind of report. `build` gets the data source (`ReportData`) and returns the report.

    `languages` are those that it can be made in: reports for boards and families are in Spanish too.
    """

    name: str
    title: Any
    about: Any
    build: Callable[[Any], DistrictReport]
    languages: tuple[str, ...] = (ENGLISH,)


def mask_students(section: ReportSection) -> list[tuple[Any, ...]]:
    """Return the rows of a section with all values about students masked."""
    mask_text = gettext("masked")
    return [
        tuple(
            mask_text if column.privacy is Privacy.STUDENT and value not in (None, "") else value
            for column, value in zip(section.columns, row, strict=True)
        )
        for row in section.rows
    ]


def mask_opted_out(report: DistrictReport, mask: OptOutMask) -> DistrictReport:
    """Return the report with values about students who opted out of directory information masked.

    An import for another system (`plain`) stays as it is: it goes to the district's own console.
    """
    return replace(
        report,
        sections=tuple(section if section.plain else _mask_section(section, mask) for section in report.sections),
    )


def _mask_section(section: ReportSection, mask: OptOutMask) -> ReportSection:
    private = [column.privacy is Privacy.STUDENT for column in section.columns]
    return replace(section, rows=[tuple(mask.mask_cells(row, private)) for row in section.rows])
