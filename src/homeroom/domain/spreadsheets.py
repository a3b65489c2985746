"""Cells that a spreadsheet would take for a formula and run (OWASP ASVS 5.0.0, 1.2.10)."""

from __future__ import annotations

RUN_BY_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula."""
    return cell.startswith(RUN_BY_A_SPREADSHEET)


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if runs(cell) else cell
