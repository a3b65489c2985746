"""Write files as vendors do: CSV with their line ends and byte order marks, JSON in pages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CsvRow = Sequence[object]
PageEnvelope = Callable[[list[dict[str, Any]], int, bool], dict[str, Any]]
"""Builds the document from (records of the page, page number from 1, whether another page follows)."""


class CsvFile:
    """One CSV file in UTF-8, written row by row.

    `marked` puts a byte order mark first, as spreadsheets do. `header` has the column names separated by commas.
    """

    def __init__(
        self, path: Path, header: str, *, ends: str = "\r\n", quoted: bool = False, marked: bool = False
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._file = path.open("w", encoding="utf-8-sig" if marked else "utf-8", newline="")
        self._writer = csv.writer(
            self._file, lineterminator=ends, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        )
        self._writer.writerow(header.split(","))

    def write_row(self, row: CsvRow) -> None:
        """Write one row."""
        self._writer.writerow(row)
        self.rows += 1

    def write_rows(self, rows: Iterable[CsvRow]) -> None:
        """Write rows."""
        for row in rows:
            self.write_row(row)

    def close(self) -> list[Path]:
        """Close the file and return its path."""
        self._file.close()
        return [self.path]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class JsonPages:
    """Records in pages of `size`, each page in its own file.

    The files are `users.json`, `users-2.json`, …
    """

    def __init__(self, path: Path, *, size: int, envelope: PageEnvelope) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._size = size
        self._envelope = envelope
        self._pending: list[dict[str, Any]] = []
        self._paths: list[Path] = []

    def add_record(self, record: dict[str, Any]) -> None:
        """Add one record; a full page is written when the next record shows that another page follows."""
        if len(self._pending) == self._size:
            self._write_page(has_next=True)
        self._pending.append(record)
        self.rows += 1

    def _write_page(self, *, has_next: bool) -> None:
        number = len(self._paths) + 1
        path = self.path if number == 1 else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        document = self._envelope(self._pending, number, has_next)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
        self._paths.append(path)
        self._pending = []

    def close(self) -> list[Path]:
        """Write the last page and return the paths of all pages."""
        self._write_page(has_next=False)
        return self._paths
