"""A CSV list beside a refresh problem: its rows by column with their lines, each cell parsed or refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.manage.refresh.values import Unfit, format_value
from homeroom.library.manage.refresh.yaml_document import MAX_PROBLEMS


class CsvTable:
    """A CSV list that is read row by row; problems are noted in it."""

    def __init__(self, path: Path, columns: Mapping[str, Callable[[str], Any]]) -> None:
        self._path = path
        self._columns = columns
        self.problems: list[Problem] = []

    def add_problem(self, line: int | None, field: str | None, reason: str, *, value: str = "", fits: str = "") -> None:
        """Note a problem of a cell, until there are too many to read."""
        if len(self.problems) < MAX_PROBLEMS:
            shown = format_value(value) if value else None
            self.problems.append(
                Problem(file=self._path.name, reason=reason, line=line, field=field, value=shown, fits=fits)
            )

    def iterate_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the line and the values of each row that fits; note the problems of the others."""
        fits = f"a CSV file in UTF-8 whose first line is {','.join(self._columns)}"
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                yield from self._iterate_file(file, fits)
        except OSError as error:
            self.add_problem(None, None, f"cannot be read: {error.strerror}", fits=fits)
        except UnicodeDecodeError:
            self.add_problem(None, None, "is not UTF-8", fits=fits)
        except csv.Error as error:
            self.add_problem(None, None, f"is no CSV: {error}", fits=fits)

    def _iterate_file(self, file: TextIO, fits: str) -> Iterator[tuple[int, dict[str, Any]]]:
        rows = csv.reader(file, strict=True)
        header = [cell.strip().lower() for cell in next(rows, [])]
        for column in self._columns:
            if header.count(column) != 1:
                reason = "is no column of it" if column not in header else "is a column twice"
                self.add_problem(1, column, reason, fits=fits)
        if self.problems:
            return
        places = {column: header.index(column) for column in self._columns}
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if any("\0" in cell for cell in cells):
                self.add_problem(rows.line_num, None, "has a NUL byte", fits="text")
                continue
            if len(cells) != len(header):
                reason = f"has {len(cells)} cells"
                self.add_problem(rows.line_num, None, reason, fits=f"{len(header)} cells, as in the first line")
                continue
            values = self._parse_cells(rows.line_num, cells, places)
            if values is not None:
                yield rows.line_num, values

    def _parse_cells(self, line: int, cells: list[str], places: Mapping[str, int]) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for column, parse in self._columns.items():
            text = cells[places[column]].strip()
            try:
                values[column] = parse(text)
            except Unfit as error:
                self.add_problem(line, column, error.reason, value=text or "blank", fits=error.fits)
        return values if len(values) == len(self._columns) else None


def raise_problems(problems: list[Problem]) -> None:
    """Raise FileRefused if there are problems."""
    if problems:
        raise FileRefused(problems[:MAX_PROBLEMS])
