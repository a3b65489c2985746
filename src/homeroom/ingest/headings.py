"""Which columns of a file its reader asked for: so that a load can say what it did not read, and what it looked for in vain.

A heading that a district renamed loses a column without a fault. A reader asks for columns through `rows.Raw`, which tells
here; a reader that knows its columns by themselves tells nothing, and then nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

SHOWN = 8
"""Columns that a sentence names before it counts the rest."""


@dataclass
class Headings:
    """What was asked for while a file was read: the file's own names that were found, and headings of which none was."""

    found: dict[str, None] = field(default_factory=dict)
    missed: dict[str, None] = field(default_factory=dict)

    def told(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Sentences about a file of those columns; none where the reader asked for nothing by name."""
        if not self.found:
            return ()
        unread = [name for name in columns if name not in self.found and not name.startswith("_")]
        said = []
        if unread:
            said.append(f"{_counted(len(unread))} not read: {_listed(unread)}")
        if self.missed:
            said.append(f"no column for: {_listed(list(self.missed))}")
        return tuple(said)


_asking: ContextVar[Headings | None] = ContextVar("headings", default=None)


@contextmanager
def listened(headings: Headings) -> Iterator[None]:
    """What is asked for in this block is kept in `headings`."""
    before = _asking.set(headings)
    try:
        yield
    finally:
        _asking.reset(before)


def found_under(names: Iterable[str]) -> None:
    """A reader looked for columns, and the file has them under these names."""
    if headings := _asking.get():
        headings.found |= dict.fromkeys(names)


def missed(heading: str) -> None:
    """A reader looked for a value under this heading and others of its meaning, and the file has none of them."""
    if headings := _asking.get():
        headings.missed[heading] = None


def _counted(number: int) -> str:
    return "1 column is" if number == 1 else f"{number:,} columns are"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
