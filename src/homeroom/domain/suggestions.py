"""Names that would have fit instead of one that is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest_names(name: str, names: Iterable[str]) -> str:
    """Return the names that are nearly the unknown one, the nearest first; if there are none, all names."""
    choices = sorted(names)
    return ", ".join(get_close_matches(name, choices, n=5) or choices)
