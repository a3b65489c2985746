"""Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def render_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table; bars and line ends inside a cell are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_escape_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
