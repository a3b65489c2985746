"""Problems and oddities of a file, in words that a technician can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The reason why a file, or one place in it, was refused.

    `line` is the physical line, counted from 1 (for JSON the line of the text), or None if no line is to blame. `field`
    is a column name, or a member's name inside an archive. `value` is already masked. `fits` describes what would have
    been accepted.
    """

    file: str
    reason: str
    line: int | None = None
    field: str | None = None
    value: str | None = None
    fits: str = ""

    def __str__(self) -> str:
        location = f"{self.file}, line {self.line}" if self.line is not None else self.file
        field = f", {self.field}" if self.field else ""
        value = f" ({self.value})" if self.value else ""
        fits = f" Use: {self.fits}." if self.fits else ""
        return f"{location}{field}: {self.reason}{value}.{fits}"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A tolerated oddity: the first line on which it occurred, and how often in all."""

    reason: str
    line: int | None = None
    count: int = 1

    def __str__(self) -> str:
        frequency = f" ({self.count} times)" if self.count > 1 else ""
        location = f", first on line {self.line}" if self.line is not None else ""
        return f"{self.reason}{location}{frequency}"


class FileRefused(Exception):
    """Raised if a file is not loaded, with the reasons.

    Rows that were read from it before must be discarded.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        if not self.problems:
            return "Refused."
        remaining = len(self.problems) - 1
        return f"{self.problems[0]}{f' And {remaining} more.' if remaining else ''}"


def build_refusal(
    file: str,
    reason: str,
    *,
    line: int | None = None,
    field: str | None = None,
    value: str | None = None,
    fits: str = "",
) -> FileRefused:
    """Build a refusal for one problem, ready to raise."""
    return FileRefused([Problem(file=file, reason=reason, line=line, field=field, value=value, fits=fits)])


def add_file_names[Made](reader: Callable[[], Made], names: Mapping[str, str]) -> Made:
    """Return the result of the reader.

    A refusal gets the name of the file: of several, the one that it names. `names` are the files' names by the word
    that a reader has for each; the one under empty text is used for all others.
    """
    try:
        return reader()
    except FileRefused as error:
        raise FileRefused(
            [replace(problem, file=names.get(problem.file, names[""])) for problem in error.problems]
        ) from None


class Notes:
    """Tolerated oddities of one file, summed by reason in the order of their first occurrence."""

    def __init__(self) -> None:
        self._seen: dict[str, Note] = {}

    def add(self, reason: str, *, line: int | None = None, count: int = 1) -> None:
        """Count one more occurrence; the first line stays."""
        previous = self._seen.get(reason)
        first = previous.line if previous else line
        self._seen[reason] = Note(reason=reason, line=first, count=count + (previous.count if previous else 0))

    def merge(self, other: Notes, *, lines: Sequence[int] | None = None) -> None:
        """Add all notes of another text; `lines` are the physical lines of its lines, if it is only part of a file."""
        for note in other.list_all():
            line = int(lines[note.line - 1]) if lines is not None and note.line is not None else note.line
            self.add(note.reason, line=line, count=note.count)

    def clear(self) -> None:
        """Remove all notes, before the file is read again."""
        self._seen.clear()

    def list_all(self) -> tuple[Note, ...]:
        """Return every note so far."""
        return tuple(self._seen.values())
