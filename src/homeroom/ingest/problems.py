"""What is wrong or odd about a file, in words that a technician can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a file, or one place in it, was refused.

    `line` is the physical line, counted from 1 (for JSON the line of the text), or None where no line is to blame.
    `field` is a column name, or a member's name inside an archive. `value` is already masked. `fits` says what would
    have been accepted.
    """

    file: str
    reason: str
    line: int | None = None
    field: str | None = None
    value: str | None = None
    fits: str = ""

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line is not None else self.file
        field = f", {self.field}" if self.field else ""
        value = f" ({self.value})" if self.value else ""
        fits = f" What fits: {self.fits}." if self.fits else ""
        return f"{place}{field}: {self.reason}{value}.{fits}"


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something odd that was tolerated: the first line it was seen on, and how often in all."""

    reason: str
    line: int | None = None
    count: int = 1

    def __str__(self) -> str:
        often = f" ({self.count} times)" if self.count > 1 else ""
        place = f", first on line {self.line}" if self.line is not None else ""
        return f"{self.reason}{place}{often}"


class Refused(Exception):
    """A file is not loaded, and why. Nothing that was read from it before may be kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        if not self.problems:
            return "Refused."
        more = len(self.problems) - 1
        return f"{self.problems[0]}{f' And {more} more.' if more else ''}"


def refused(
    file: str,
    reason: str,
    *,
    line: int | None = None,
    field: str | None = None,
    value: str | None = None,
    fits: str = "",
) -> Refused:
    """A refusal for one problem, ready to raise."""
    return Refused([Problem(file=file, reason=reason, line=line, field=field, value=value, fits=fits)])


def said_of[Made](reader: Callable[[], Made], names: Mapping[str, str]) -> Made:
    """What the reader made. A refusal of it is said of the file: of the one that it names where there are several.

    `names` are the files' names by the word that a reader has for each; the one under empty text is said of all others.
    """
    try:
        return reader()
    except Refused as why:
        raise Refused([replace(one, file=names.get(one.file, names[""])) for one in why.problems]) from None


class Notes:
    """Tolerated oddities of one file, summed by reason in the order in which they were first seen."""

    def __init__(self) -> None:
        self._seen: dict[str, Note] = {}

    def add(self, reason: str, *, line: int | None = None, count: int = 1) -> None:
        """Count one more sighting; the first line stays."""
        old = self._seen.get(reason)
        first = old.line if old else line
        self._seen[reason] = Note(reason=reason, line=first, count=count + (old.count if old else 0))

    def clear(self) -> None:
        """Forget everything, before the file is read anew."""
        self._seen.clear()

    def all(self) -> tuple[Note, ...]:
        """Every note so far."""
        return tuple(self._seen.values())
