"""Makers of devices under one name each: firmware and asset lists spell them differently."""

from __future__ import annotations

_SAME = {
    "hewlett-packard": "hp",
    "hewlett": "hp",
    "hpe": "hp",
    "asustek": "asus",
    "micro-star": "msi",
    "micro": "msi",
}
"""First words of a maker's name, and the name that they are compared by."""


def maker_sql(value: str) -> str:
    """Return SQL for the first word of a maker's name in lower case, the same for each of its spellings."""
    word = f"regexp_extract(lower({value}), '[a-z0-9]+(-[a-z0-9]+)*')"
    cases = " ".join(f"WHEN '{word}' THEN '{name}'" for word, name in _SAME.items())
    return f"nullif(CASE {word} {cases} ELSE {word} END, '')"
