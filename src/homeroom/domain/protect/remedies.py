"""Bulk actions of a console about a finding: the actions, their changes, and the files that carry them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeroom.domain.spreadsheets import is_formula, iterate_csv_lines


@dataclass(frozen=True, kw_only=True, slots=True)
class FixChange:
    """One row of a fix file, in the tool's own words.

    `handle` is the tool's key of the subject, `to` the value to set, `back` the value that evidence holds now, None if
    it holds none that could be restored. `cells` are the values of a new record, by canonical name.
    """

    handle: str
    to: str
    back: str | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RenderedFile:
    """One file: its name inside the zip, and its text in pieces that are joined without anything between."""

    name: str
    pieces: Iterable[str]


@dataclass(frozen=True, kw_only=True)
class ConsoleAction:
    """One bulk action of a console on many subjects that can be undone and that the next load can verify.

    - `needs`: the column of the connector's record that holds the tool's handle; `fits` is a pattern of a complete
      handle, so that no value of evidence can mean something else to the tool (a query, a list, a formula).
    - `proves` and `proven`: the column of the record, and the lower-case texts that it can have once the change was
      made; without `proven` the row's own value counts, without `proves` the record itself, which was missing.
    - `before` and `restores`: the column that holds the value to restore, and the tool's word for each of its values in
      lower case; without words the value is restored as it is, without what `trims` removes from its end, and not if
      `unsure` matches in it.
    - `effect`: what the resolved subject shows once the change was made, as a matcher pattern over its table; without
      it, a subject that leaves a control's population is not taken for fixed.
    - `carries_names`: whether the file has the account's address and name (`upn`, `display_name` of a row's cells)
      beside a handle that no person recognizes.
    - `writes`: the tool's word for the change; empty if a person chooses it (`asks`: unit or label).
    - `needs_first`: what to look at before, a sentence each. `no_undo`: how to undo it if no file can.
    """

    id: str
    title: str
    does: str
    system: str
    subject: str
    table: str
    needs: str
    fits: str
    render_files: Callable[[ConsoleAction, Iterable[FixChange], str], Iterator[RenderedFile]]
    command: Callable[[ConsoleAction, str], str]
    proves: str = ""
    proven: tuple[str, ...] = ()
    before: str = ""
    restores: Mapping[str, str] = field(default_factory=dict)
    trims: str = ""
    unsure: str = ""
    writes: str = ""
    asks: str = ""
    carries_names: bool = False
    effect: Mapping[str, Any] = field(default_factory=dict)
    needs_first: tuple[str, ...] = ()
    no_undo: str = ""

    @property
    def creates(self) -> bool:
        """Check whether the change creates a record where there is none."""
        return not self.proves

    def is_valid_handle(self, handle: str | None) -> bool:
        """Check whether a handle can only mean one subject to the tool."""
        return bool(handle) and re.fullmatch(self.fits, handle or "") is not None

    def get_expected_values(self, to: str) -> tuple[str, ...]:
        """Return the lower-case texts that `proves` can hold after the change to `to`."""
        return self.proven or (to.lower(),)

    def compute_undo_value(self, value: str | None) -> str | None:
        """Return the tool's word that restores a value of `before`; None if nothing could."""
        if value is None or not self.before:
            return None
        if self.restores:
            return self.restores.get(value.lower())
        trimmed = re.sub(self.trims, "", value, flags=re.IGNORECASE) if self.trims else value
        is_unsure = self.unsure and re.search(self.unsure, trimmed, flags=re.IGNORECASE)
        return None if is_unsure or not trimmed or is_formula(trimmed) else trimmed


FIX, UNDO = "fix", "undo"


def invert_changes(changes: Iterable[FixChange]) -> Iterator[FixChange]:
    """Yield the changes that undo these, if there is a value to restore.

    Inverted twice, they are these again.
    """
    for change in changes:
        if change.back is not None:
            yield FixChange(handle=change.handle, to=change.back, back=change.to, cells=change.cells)


def render_csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Render a CSV as in RFC 4180, a line at a time.

    Raise ValueError, naming the column, for a cell that a spreadsheet would run.
    """
    yield from iterate_csv_lines([header])
    yield from iterate_csv_lines(_iter_checked_rows(header, rows))


def _iter_checked_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    for row in rows:
        for name, cell in zip(header, row, strict=True):
            if is_formula(cell):
                raise ValueError(f"{name}: a spreadsheet would run this cell; it is left out before it is written")
        yield row
