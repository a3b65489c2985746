"""Columns that a reader requested: found, missing or in several formats, so that a load can report them.

A heading that a district renamed loses a column without an error. A reader requests columns through `rows.RawRows`,
which records them in its `usage`; the reader passes that on in its `Reading`. For a reader that does not, nothing is
reported. A column of days in two formats (`2026-05-01`, `5/1/2026`) is read, and may be two lists that were put under
each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

MAX_LISTED = 8
"""Columns that a sentence names before it counts the rest."""


@dataclass
class ColumnUsage:
    """Columns requested while rows were read: the file's own names that were found, and headings without a column.

    `forms` counts the values of each column of days or times by the format in which they were read, named by an
    example.
    """

    matched: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    forms: dict[str, Counter[str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def record_found(self, names: Iterable[str]) -> None:
        """Record that a reader requested columns, and that the file has them under these names."""
        self.matched |= dict.fromkeys(names)

    def record_missing(self, heading: str) -> None:
        """Record that a reader requested this heading or others of its meaning, and that the file has none of them."""
        self.missing[heading] = None

    def count_formats(self, column: str, counts: Mapping[str, int]) -> None:
        """Count the values of a column that were read in each of the formats.

        Columns are parsed at the same time.
        """
        with self._lock:
            self.forms.setdefault(column, Counter()).update(counts)

    def merge(self, other: ColumnUsage) -> None:
        """Add the usage of further rows of the file."""
        self.matched |= other.matched
        self.missing |= other.missing
        for column, counts in other.forms.items():
            self.count_formats(column, counts)

    def rename_columns(self, original_names: Mapping[str, str]) -> ColumnUsage:
        """Return the usage under the file's own names; `original_names` maps requested names to those."""
        originals = {original_names[name]: None for name in self.matched if name in original_names}
        renamed = ColumnUsage(matched=self.matched | originals, missing=dict(self.missing))
        for column in sorted(self.forms, key=original_names.__contains__):
            renamed.count_formats(original_names.get(column, column), self.forms[column])
        return renamed

    def find_other_formats(self, usual_format: str) -> set[str]:
        """Return the formats in which days or times of any column were read, other than the usual one."""
        return {date_format for forms in self.forms.values() for date_format in forms} - {usual_format}

    @property
    def mixed_formats(self) -> tuple[str, ...]:
        """Sentences about each column whose days or times are written in more than one format."""
        return tuple(
            f"{column}: dates in {len(forms)} forms, {_format_by_frequency(forms)}"
            for column, forms in self.forms.items()
            if len(forms) > 1
        )

    def describe(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Describe the columns of a file in sentences; none about headings if the reader requested none by name."""
        return (*self._describe_columns(tuple(columns)), *self.mixed_formats)

    def _describe_columns(self, columns: Sequence[str]) -> tuple[str, ...]:
        if not (self.matched and columns):
            return ()
        unread = [name for name in columns if name not in self.matched and not name.startswith("_")]
        sentences = []
        if unread:
            sentences.append(f"{_count_columns(len(unread))} not read: {_format_names(unread)}")
        if self.missing:
            sentences.append(f"no column for: {_format_names(list(self.missing))}")
        return tuple(sentences)


def merge_usage(usages: Iterable[ColumnUsage]) -> ColumnUsage:
    """Return the usage of all rows together, for a reader that combines other readers."""
    merged = ColumnUsage()
    for usage in usages:
        merged.merge(usage)
    return merged


def _count_columns(number: int) -> str:
    return "1 column is" if number == 1 else f"{number:,} columns are"


def _format_by_frequency(forms: Mapping[str, int]) -> str:
    return ", ".join(
        f"{date_format} ({count:,})"
        for date_format, count in sorted(forms.items(), key=lambda item: (-item[1], item[0]))
    )


def _format_names(names: Sequence[str]) -> str:
    remaining = len(names) - MAX_LISTED
    return ", ".join(names[:MAX_LISTED]) + (f" and {remaining:,} more" if remaining > 0 else "")
