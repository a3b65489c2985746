"""Write lists that a district maintains: a CSV with the mapping that reads it, and the expected findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.truth.ground_truth import GroundTruth, build_ref


@dataclass(frozen=True, kw_only=True)
class ExpectedFindings:
    """What is true of one record: controls that it fails, controls without an answer, and near misses."""

    key: str
    fails: Sequence[str] = ()
    unknown: Sequence[str] = ()
    near: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class ListWriter:
    """Writer of such lists into a folder, as of a day, with the ground truth that records the expected findings."""

    folder: Path
    today: date
    truth: GroundTruth
    rows: dict[str, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def subtract_days(self, days: int) -> date:
        """Return the day that many days before today; after today if negative."""
        return self.today - timedelta(days=days)

    def record_expected(self, source: str, expected: ExpectedFindings) -> None:
        """Record what is true of one record of a source."""
        records = [build_ref(source, expected.key)]
        for control in expected.fails:
            self.truth.add_failure(control, records)
        for control in expected.unknown:
            self.truth.add_unknown(control, records)
        for control, reason in expected.near.items():
            self.truth.add_look_alike(f"nearly-{control}", control, reason, records)

    def write_list(self, name: str, *, header: str, mapping: str, rows: Iterable[Sequence[object]]) -> None:
        """Write one list and, next to it, its mapping."""
        file = CsvFile(self.folder / f"{name}.csv", header)
        file.write_rows([["" if cell is None else cell for cell in row] for row in rows])
        self.rows[f"lists/{name}"] = file.rows
        mapping_path = self.folder / f"{name}.mapping.yaml"
        mapping_path.write_text(mapping, encoding="utf-8", newline="\n")
        self.files += [*file.close(), mapping_path]


def format_yes_no(value: bool | None) -> str:
    """Format a cell as spreadsheets do: Yes or No, blank if nobody filled it."""
    return "" if value is None else "Yes" if value else "No"


def subtract_year(day: date) -> date:
    """Return the same day of the year before, or the last of February where there is none."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
