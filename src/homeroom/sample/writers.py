"""Files as vendors write them: CSV with their line ends and marks, JSON in pages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Row = Sequence[object]
Envelope = Callable[[list[dict[str, Any]], int, bool], dict[str, Any]]
"""(records of the page, page number from 1, whether more follow) to the document."""


class CsvFile:
    """One CSV file in UTF-8, written row by row. `marked` puts a byte order mark first, as spreadsheets do.

    `header` names the columns with commas between.
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

    def row(self, row: Row) -> None:
        """Write one row."""
        self._writer.writerow(row)
        self.rows += 1

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        for row in rows:
            self.row(row)

    def close(self) -> list[Path]:
        """Close the file and name it."""
        self._file.close()
        return [self.path]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class JsonPages:
    """Records in pages of `size`, each page a file of its own: `users.json`, `users-2.json`, …"""

    def __init__(self, path: Path, *, size: int, envelope: Envelope) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._size = size
        self._envelope = envelope
        self._waiting: list[dict[str, Any]] = []
        self._written: list[Path] = []

    def record(self, record: dict[str, Any]) -> None:
        """Add one record; a full page is written when the next record shows that more follow."""
        if len(self._waiting) == self._size:
            self._page(more=True)
        self._waiting.append(record)
        self.rows += 1

    def _page(self, *, more: bool) -> None:
        number = len(self._written) + 1
        path = self.path if number == 1 else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        document = self._envelope(self._waiting, number, more)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
        self._written.append(path)
        self._waiting = []

    def close(self) -> list[Path]:
        """Write the last page and name all pages."""
        self._page(more=False)
        return self._written
