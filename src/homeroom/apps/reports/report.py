"""What a report is: figures that carry their source, their time and how much could not be told, and tables of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from homeroom.evidence.tables import Privacy

NAMED = 10
"""How many sources of a figure are named one by one on pages and papers; its sheet names all."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source instance that a figure rests on, and when its oldest part was loaded (UTC)."""

    name: str
    loaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number: `part` of `whole`, how many could not be told, and what it rests on.

    `whole` is None where the number is a plain count. `control` names the control that it was counted by, if one did.
    Counts of people under `few` are not told by their number, in no form of the report.
    """

    label: str
    part: int
    whole: int | None = None
    cannot_tell: int = 0
    sources: tuple[Source, ...] = ()
    control: str = ""
    few: int = 0

    def open(self, count: int | None) -> int | None:
        """The count, or None for one that is hidden, or that there is not."""
        return None if count is None or 0 < count < self.few else count

    def words(self, count: int) -> str:
        """The count as pages write it."""
        if self.open(count) is None:
            return gettext("fewer than %(few)s") % {"few": self.few}
        return number_format(count, force_grouping=True)

    @property
    def number(self) -> str:
        """As pages write it: 17 of 812; 214 cannot tell."""
        part = self.words(self.part)
        unknown = gettext("%(n)s cannot tell") % {"n": self.words(self.cannot_tell)}
        if self.whole is None:
            return f"{part}; {unknown}" if self.cannot_tell else part
        whole = self.words(self.whole)
        return gettext("%(part)s of %(whole)s; %(unknown)s") % {"part": part, "whole": whole, "unknown": unknown}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: its title, and whose privacy its values touch. `number` sets it to the right."""

    title: str
    privacy: Privacy = Privacy.PUBLIC
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """One table of a report; `name` is short, for a file's name. `note` says what to know before reading it.

    `plain` keeps cells as a machine reads them (an import for another system): dates as ISO 8601, and nothing masked.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    note: str = ""
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report as it stands on one day. `pupils` counts the rows that are about a pupil."""

    name: str
    title: str
    lead: str
    district: str
    timezone: str
    today: date
    as_of: datetime | None
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    pupils: int = 0

    def told(self, value: Any) -> str:
        """A cell as people read it: dates in words, truths as yes and no, empty where null."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, datetime):
            return date_format(value.astimezone(ZoneInfo(self.timezone)), "M j, Y")
        if isinstance(value, date):
            return date_format(value, "M j, Y")
        if isinstance(value, int):
            return number_format(value, force_grouping=True)
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    def clock(self, at: datetime | None) -> str:
        """A time in the district's zone, with its day."""
        if at is None:
            return gettext("never")
        local = at.astimezone(ZoneInfo(self.timezone))
        return f"{date_format(local, 'M j, Y')}, {local.hour}:{local.minute:02}"

    def rests_briefly(self, figure: Figure) -> str:
        """A figure's sources with the time of each; of many their number, and the times of the oldest and the newest."""
        if len(figure.sources) <= NAMED:
            return self.rests_on(figure)
        times = [one.loaded_at for one in figure.sources]
        told = {"n": len(times), "first": self.clock(min(times)), "last": self.clock(max(times))}
        if told["first"] == told["last"]:
            return gettext("%(n)s sources, loaded %(first)s") % told
        return gettext("%(n)s sources, loaded from %(first)s to %(last)s") % told

    def rests_on(self, figure: Figure) -> str:
        """A figure's sources with the time of each."""
        return "; ".join(f"{one.name}, {self.clock(one.loaded_at)}" for one in figure.sources)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of report. `make` gets what was asked (`asking.Asked`) and gives the report."""

    name: str
    title: Any
    about: Any
    make: Callable[[Any], Report]


def masked(section: Section) -> list[tuple[Any, ...]]:
    """The rows of a section with everything about pupils left out."""
    hidden = gettext("masked")
    return [
        tuple(
            hidden if column.privacy is Privacy.STUDENT and value not in (None, "") else value
            for column, value in zip(section.columns, row, strict=True)
        )
        for row in section.rows
    ]
