"""CSV as a stream of lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any


class _LineTarget:
    """Target of the CSV writer that returns each line."""

    def write(self, line: str) -> str:
        """Return the line itself."""
        return line


def iterate_csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield each row as one line of CSV; cells that a person may have typed must be escaped before."""
    writer: Any = csv.writer(_LineTarget())
    return (writer.writerow(row) for row in rows)
