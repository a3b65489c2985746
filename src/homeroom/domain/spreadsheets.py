"""Lines of CSV, and cells that a spreadsheet would take for a formula and run (OWASP ASVS 5.0.0, 1.2.10)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def is_formula(cell: str) -> bool:
    """Check whether a spreadsheet would take the cell for a formula."""
    return cell.startswith(FORMULA_PREFIXES)


def escape_formula(cell: str) -> str:
    """Return the cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if is_formula(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return the cell without the apostrophe that `escape_formula` put before it."""
    return cell[1:] if cell.startswith("'") and is_formula(cell[1:]) else cell


class _LineTarget:
    """Target of the CSV writer that returns each line."""

    def write(self, line: str) -> str:
        """Return the line itself."""
        return line


def iterate_csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield each row as one line of CSV; cells that a person may have typed must be escaped before."""
    writer: Any = csv.writer(_LineTarget())
    return (writer.writerow(row) for row in rows)
