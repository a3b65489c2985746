"""What a console can do in bulk about a finding: actions, the changes they make, and the papers that carry them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.domain.spreadsheets import runs


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One row of a fix file, in the tool's own words.

    `handle` is what the tool knows the subject by, `to` the value to set, `back` the value that evidence holds now, None
    where it holds none that could be put back. `cells` are what a new record holds, by canonical name.
    """

    handle: str
    to: str
    back: str | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One file: its name inside the zip, and its text in pieces that are joined without anything between."""

    name: str
    pieces: Iterable[str]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that a console does to many subjects, that can be taken back, and that the next load can prove.

    - `needs`: the column of the connector's record that holds the tool's handle; `fits` is what a whole handle looks
      like, so that no value of evidence can mean something else to the tool (a query, a list, a formula).
    - `proves` and `proven`: the column of the record, and the texts in lower case of which one is its value once the
      change was made; no `proven` stands for the row's own value, no `proves` for the record itself, which was missing.
    - `before` and `restores`: the column that holds the value to put back, and the tool's word for each of its values
      in lower case; without words the value goes back as it stands, without what `trims` takes off its end, and not where
      `unsure` finds something in it.
    - `writes`: the tool's word for the change; empty where a person says it (`asks`: unit or label).
    - `needs_first`: what to look at before, a sentence each. `no_undo`: how it is taken back where no file can.
    """

    id: str
    title: str
    does: str
    system: str
    subject: str
    table: str
    needs: str
    fits: str
    papers: Callable[[Action, Iterable[Change], str], Iterator[Paper]]
    command: Callable[[Action, str], str]
    proves: str = ""
    proven: tuple[str, ...] = ()
    before: str = ""
    restores: Mapping[str, str] = field(default_factory=dict)
    trims: str = ""
    unsure: str = ""
    writes: str = ""
    asks: str = ""
    needs_first: tuple[str, ...] = ()
    no_undo: str = ""

    @property
    def creates(self) -> bool:
        """Whether the change makes a record where there is none."""
        return not self.proves

    def knows(self, handle: str | None) -> bool:
        """Whether that is a handle which the tool can only take for one subject."""
        return bool(handle) and re.fullmatch(self.fits, handle or "") is not None

    def proof(self, to: str) -> tuple[str, ...]:
        """The texts in lower case of which `proves` holds one after the change to `to`."""
        return self.proven or (to.lower(),)

    def back_of(self, value: str | None) -> str | None:
        """The tool's word that puts a value of `before` back; None where nothing could."""
        if value is None or not self.before:
            return None
        if self.restores:
            return self.restores.get(value.lower())
        whole = re.sub(self.trims, "", value, flags=re.IGNORECASE) if self.trims else value
        doubtful = self.unsure and re.search(self.unsure, whole, flags=re.IGNORECASE)
        return None if doubtful or not whole or runs(whole) else whole


FIX, UNDO = "fix", "undo"


def undone(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes that take these back, as far as there is something to put back. Undone twice, they are these again."""
    for one in changes:
        if one.back is not None:
            yield Change(handle=one.handle, to=one.back, back=one.to, cells=one.cells)


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A CSV as RFC 4180 has it, a line at a time. Raises ValueError, naming the column, for a cell that would run."""
    yield _line(header)
    for row in rows:
        for name, cell in zip(header, row, strict=True):
            if runs(cell):
                raise ValueError(f"{name}: a spreadsheet would run this cell; it is left out before it is written")
        yield _line(row)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
