"""Columns of one name: read as one where their values agree, left out where they do not.

A name that differs only in case, blanks and underscores is the same, since both would fill one column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.ingest.contract.errors import Notes, build_refusal
from homeroom.ingest.files.text_layout import LINE

_BETWEEN_WORDS = re.compile(r"[\s_]+")


def rename_repeated(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the names with the position in repeated ones, and each of these with the first of its name.

    The second `Name`, in the fifth column, becomes `(column 5: Name)`.
    """
    firsts: dict[str, str] = {}
    distinct: list[str] = []
    repeated: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        first = firsts.get(_normalize_name(name))
        if first is None:
            firsts[_normalize_name(name)] = name
        else:
            repeated[f"(column {number}: {name})"] = first
        distinct.append(name if first is None else f"(column {number}: {name})")
    return distinct, repeated


@dataclass(frozen=True, kw_only=True)
class ColumnConflict:
    """Two columns of one name with different values: the first line on which they differ."""

    name: str
    line: int


def find_conflicts(frames: Iterable[pl.DataFrame], *, repeated: Mapping[str, str]) -> dict[str, ColumnConflict]:
    """Return the columns of one name whose values differ in a row that has both, by the first of that name."""
    conflicts: dict[str, ColumnConflict] = {}
    for frame in frames:
        for column, first in repeated.items():
            if first not in conflicts and frame.height:
                differing = frame.filter(pl.col(column).str.strip_chars() != pl.col(first).str.strip_chars())
                if differing.height:
                    conflicts[first] = ColumnConflict(name=first, line=int(differing[LINE][0]))
    return conflicts


def note_conflicts(
    conflicts: Mapping[str, ColumnConflict],
    *,
    repeated: Mapping[str, str],
    needed: Collection[str],
    file: str,
    notes: Notes,
) -> None:
    """Note which columns of one name are read as one, and which are left out. Raise FileRefused if one is needed."""
    for name in dict.fromkeys(repeated.values()):
        conflict = conflicts.get(name)
        if conflict is None:
            notes.add(f"two columns are called {name} and agree, so they are read as one")
        elif name.casefold() in needed:
            reason = "two columns have this name, and their values differ"
            raise build_refusal(file, reason, line=conflict.line, field=name, fits="a name only once")
        else:
            notes.add(f"two columns are called {name} and differ, so neither is read", line=conflict.line)


def merge_repeated(
    frame: pl.DataFrame, *, repeated: Mapping[str, str], conflicts: Collection[str], names: Mapping[str, str]
) -> pl.DataFrame:
    """Return the frame with one column of each name, filled from all of them; none for those in `conflicts`.

    `names` maps the first of a name to its spelling in the frame.
    """
    for column, first in repeated.items():
        spelling = names.get(first, first)
        if first not in conflicts:
            frame = frame.with_columns(pl.coalesce(spelling, column).alias(spelling))
    dropped = {names.get(first, first) for first in repeated.values() if first in conflicts}
    return frame.drop([*repeated, *dropped])


def _normalize_name(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name).casefold()
