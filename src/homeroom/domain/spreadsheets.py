"""Cells that a spreadsheet would take for a formula and run (OWASP ASVS 5.0.0, 1.2.10)."""

from __future__ import annotations

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


def is_formula(cell: str) -> bool:
    """Check whether a spreadsheet would take the cell for a formula."""
    return cell.startswith(FORMULA_PREFIXES)


def escape_formula(cell: str) -> str:
    """Return the cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if is_formula(cell) else cell
