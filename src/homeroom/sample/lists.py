"""Lists that a district keeps by itself: a CSV with the mapping that reads it, and what is true of each of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from homeroom.sample.truth import Truth, ref
from homeroom.sample.writers import CsvFile


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is true of one record: the controls that it fails, those of which nobody can tell, and those it only seems to fail."""

    key: str
    fails: Sequence[str] = ()
    unknown: Sequence[str] = ()
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Shelf:
    """The folder of such lists, the day, and where the truth is stated."""

    folder: Path
    today: date
    truth: Truth
    rows: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def ago(self, days: int) -> date:
        """The day so many days before today; after it where negative."""
        return self.today - timedelta(days=days)

    def stated(self, source: str, said: Said) -> None:
        """State what is true of one record of a source."""
        records = [ref(source, said.key)]
        for control in said.fails:
            self.truth.fails(control, records)
        for control in said.unknown:
            self.truth.unknown(control, records)
        for control, why in said.near.items():
            self.truth.innocent(f"nearly-{control}", control, why, records)

    def list_of(self, name: str, *, header: str, mapping: str, rows: Iterable[Sequence[object]]) -> None:
        """Write one list and, beside it, how it is read."""
        file = CsvFile(self.folder / f"{name}.csv", header)
        file.write([["" if cell is None else cell for cell in row] for row in rows])
        self.rows[f"lists/{name}"] = file.rows
        beside = self.folder / f"{name}.mapping.yaml"
        beside.write_text(mapping, encoding="utf-8", newline="\n")
        self.files += [*file.close(), beside]


def yes(value: bool | None) -> str:
    """How a spreadsheet says it; blank where nobody filled the cell."""
    return "" if value is None else "Yes" if value else "No"


def year_before(day: date) -> date:
    """The same day of the year before; the last of February where there is none."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
