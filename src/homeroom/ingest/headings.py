"""What a reader asked for and met: so that a load can say what it did not read, looked for in vain, and took in two ways.

A heading that a district renamed loses a column without a fault. A reader asks for columns through `rows.Raw`, which tells
here; a reader that knows its columns by themselves tells nothing, and then nothing is said. A column of days in two forms
(`2026-05-01`, `5/1/2026`) is read, and may be two lists that somebody put under each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

SHOWN = 8
"""Columns that a sentence names before it counts the rest."""


@dataclass
class Headings:
    """What was asked for while a file was read: the file's own names that were found, and headings of which none was.

    `forms` counts the values of each column of days or times by the form that they were read in, named by an example.
    """

    found: dict[str, None] = field(default_factory=dict)
    missed: dict[str, None] = field(default_factory=dict)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False, compare=False)

    def dated(self, column: str, forms: Mapping[str, int]) -> None:
        """So many values of a column were read in each of the forms. Columns are parsed at the same time."""
        with self._one_at_a_time:
            self.forms.setdefault(column, Counter()).update(forms)

    def renamed(self, written: Mapping[str, str]) -> None:
        """Columns were asked for under other names than the file's own: `written` has the file's own by those."""
        self.found |= {written[name]: None for name in list(self.found) if name in written}
        with self._one_at_a_time:
            for column in [one for one in self.forms if one in written]:
                self.forms.setdefault(written[column], Counter()).update(self.forms.pop(column))

    def forms_but(self, usual: str) -> set[str]:
        """The forms that days or times were read in, of any column, other than the usual one."""
        return {form for forms in self.forms.values() for form in forms} - {usual}

    @property
    def mixed(self) -> tuple[str, ...]:
        """A sentence about each column whose days or times are written in more than one form."""
        return tuple(
            f"{column}: dates in {len(forms)} forms, {_most_first(forms)}"
            for column, forms in self.forms.items()
            if len(forms) > 1
        )

    def told(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Sentences about a file of those columns; none of its headings where the reader asked for nothing by name."""
        return (*self._of(tuple(columns)), *self.mixed)

    def _of(self, columns: Sequence[str]) -> tuple[str, ...]:
        if not (self.found and columns):
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


def hearing() -> Headings | None:
    """Where to tell what is met, by those who meet it later and in another thread; None where nobody listens."""
    return _asking.get()


def _counted(number: int) -> str:
    return "1 column is" if number == 1 else f"{number:,} columns are"


def _most_first(forms: Mapping[str, int]) -> str:
    return ", ".join(f"{form} ({n:,})" for form, n in sorted(forms.items(), key=lambda one: (-one[1], one[0])))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
