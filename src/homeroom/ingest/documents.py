"""JSON exports: what stands in a file, and its rows as flat frames or as whole objects.

Flat: each object becomes one row of text. Levels are joined by dots (`name.familyName`). A list of plain values is joined
by a blank (`aliases`); of a list of objects each has its number (`recentUsers.0.email`), as GAM writes them. True and
false are `true` and `false`, a number is the text that it was, null, empty text, `[]` and `{}` are null. `_line` is the
ordinal of the object in the file, from 1, since an object has no line of its own.

A frame has the columns that its own objects have, and those that are asked for; frames of one file may differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.ingest.ahead import ahead
from homeroom.ingest.alike import Alike
from homeroom.ingest.columns import Odd, together
from homeroom.ingest.connector import Kind
from homeroom.ingest.dialect import LINE
from homeroom.ingest.encodings import Encoding, encoding_of, utf8_blocks
from homeroom.ingest.glance import SMALL
from homeroom.ingest.jsonvalues import again
from homeroom.ingest.limits import Limits
from homeroom.ingest.objects import SAMPLE, Objects, names_in, unlike
from homeroom.ingest.origins import Gap, Origin, Survey
from homeroom.ingest.problems import Notes, refused

_CELLS = 1_000_000  # of one frame
_BATCH = 4 << 20  # characters of JSON whose objects are handed over together
_FRAME = 12 << 20  # characters of JSON that make one frame
_FITS = "an object or a list of objects"
NOTHING = "no rows in the file: the list is empty"
"""What is noted of a file without any."""
_NO = ("", "0", "false")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A JSON file that was read once from end to end: well-formed throughout, but for what a manifest says to drop.

    `rows` counts objects by the envelope that they stand in, "" for those in none: a list, lines, or the one object that
    the whole file is. `names` are the names of the first of them, with dots between levels, `top` the plain values of the
    one object or beside an envelope's rows. `passed` are large values that are dropped, by name, and not read again. `whole` is true where
    nothing was passed over, so that nothing can stand in it that was not looked at; `plain` where it was decoded in one go
    (`glance`), so that a type may be asked of it, and `kept` then holds the rows of its one envelope, if there was room.
    """

    origin: Origin
    encoding: Encoding
    limits: Limits
    rows: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    top: Mapping[str, str | bool]
    passed: Sequence[tuple[str, Gap]] = ()
    whole: bool = False
    plain: bool = False
    kept: list[pa.StructArray] = field(default_factory=list, repr=False, compare=False)

    @property
    def shown(self) -> tuple[str, ...]:
        """The names to tell people of: those of the rows of the only envelope, else of the objects themselves."""
        wrapped = [names for under, names in self.names.items() if under and names]
        return wrapped[0] if len(wrapped) == 1 else self.names.get("", ())

    def under(self, kind: Kind) -> str:
        """The envelope in which the rows of this kind stand here, or empty text."""
        return kind.envelope if kind.envelope in self.rows else ""

    def more(self, kind: Kind) -> bool:
        """Whether the file itself says that another page follows it."""
        said = self.top.get(kind.more, "") if kind.more and self.under(kind) else ""
        return said not in _NO if isinstance(said, str) else said

    def total(self, kind: Kind) -> int:
        """How many rows the file says that it and the pages beside it have together; 0 where it says nothing."""
        said = self.top.get(kind.total, "") if kind.total and self.under(kind) else ""
        return int(said) if isinstance(said, str) and re.fullmatch(r"[0-9]{1,9}", said) else 0

    def chunks(
        self,
        *,
        notes: Notes,
        names: Mapping[str, str] | None = None,
        asked: Iterable[str] = (),
        under: str = "",
        drops: AbstractSet[str] = frozenset(),
        dropped: Counter[str] | None = None,
    ) -> Iterator[pl.DataFrame]:
        """Frames of text and `_line`. `names` gives a field another spelling, `asked` are columns always there."""
        objects = self._objects(under, drops)
        for columns, rows, place in ahead(self._columns_of(objects)):
            yield self._frame(columns, rows, place, names or {}, asked)
        if dropped is not None:
            dropped.update(objects.dropped)
        if not objects.ordinal:
            notes.add(NOTHING)
            yield self._frame({}, 0, 1, names or {}, asked)

    def nothing(self, *, asked: Iterable[str], notes: Notes) -> pl.DataFrame:
        """The frame of an export without rows, with the columns that are asked for."""
        notes.add(NOTHING)
        return self._frame({}, 0, 1, {}, asked)

    def objects(
        self, *, notes: Notes, under: str, drops: AbstractSet[str], dropped: Counter[str]
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
        """Whole objects in batches of bounded size, each with the ordinal of its first. One batch, if only an empty one."""
        objects = self._objects(under, drops)
        yield from self._batches(objects, characters=_BATCH)
        dropped.update(objects.dropped)
        if not objects.ordinal:
            notes.add(NOTHING)
            yield [], 1

    def at_once(self, under: str) -> list[dict[str, Any]] | None:
        """The rows of a small file whose envelope has them, taken apart in one go; None where it is no such file.

        The file was read from end to end before, so that its form is known to be right.
        """
        if not (self.whole and under and self.origin.size <= _BATCH):
            return None
        found = again(self.text().decode("utf-8"))
        rows = found.get(under) if isinstance(found, dict) else None
        return rows if isinstance(rows, list) and len(rows) == self.rows.get(under) else None

    def text(self) -> bytes:
        """The whole text of a small file, in UTF-8."""
        return b"".join(utf8_blocks(self.origin, encoding=self.encoding, limits=self.limits))

    def _batches(self, objects: Objects, *, characters: int) -> Iterator[tuple[list[dict[str, Any]], int]]:
        """Objects in lists of bounded size, each with the ordinal of its first."""
        batch: list[dict[str, Any]] = []
        first, began = 1, 0
        for _, run in objects.runs():
            batch += run
            while objects.place - began > characters or len(batch) >= self.limits.rows_per_frame:
                yield batch[: self.limits.rows_per_frame], first
                first, began = first + len(batch[: self.limits.rows_per_frame]), objects.place
                batch = batch[self.limits.rows_per_frame :]
        if batch:
            yield batch, first

    def _objects(self, under: str, drops: AbstractSet[str]) -> Objects:
        envelopes = frozenset((under,)) if under else frozenset()
        gaps = [gap for name, gap in self.passed if name in drops]
        return Objects(
            self.origin, self.encoding, self.limits, envelopes=envelopes, drops=drops, gaps=gaps, again=self.whole
        )

    def _columns_of(self, objects: Objects) -> Iterator[tuple[dict[str, pl.Series], int, int]]:
        for batch, first in self._batches(objects, characters=_FRAME):
            yield from self._flat(batch, first)

    def _flat(self, batch: list[dict[str, Any]], first: int) -> Iterator[tuple[dict[str, pl.Series], int, int]]:
        """Columns of the objects, how many rows they have, and the ordinal of the first: of bounded size, whatever the names."""
        try:
            yield together(batch, depth=self.limits.depth, most=self.limits.columns), len(batch), first
        except Odd:
            yield from self._one_by_one(batch, first)

    def _one_by_one(self, batch: list[dict[str, Any]], first: int) -> Iterator[tuple[dict[str, pl.Series], int, int]]:
        rows: list[dict[str, str]] = []
        columns: dict[str, None] = {}
        for ordinal, found in enumerate(batch, start=first):
            row = self._row(found, ordinal)
            rows.append(row)
            columns.update(dict.fromkeys(row))
            if len(rows) * len(columns) > _CELLS:
                yield _columns(rows, columns), len(rows), ordinal + 1 - len(rows)
                rows, columns = [], {}
        if rows:
            yield _columns(rows, columns), len(rows), first + len(batch) - len(rows)

    def _row(self, found: dict[str, Any], ordinal: int) -> dict[str, str]:
        try:
            return flattened(found, limits=self.limits)
        except ValueError as error:
            raise refused(self.origin.name, f"object {ordinal:,}: {error}", fits=_FITS) from error

    def _frame(
        self, found: Mapping[str, pl.Series], rows: int, first: int, names: Mapping[str, str], asked: Iterable[str]
    ) -> pl.DataFrame:
        if len(found) > self.limits.columns:
            raise refused(self.origin.name, f"has more than {self.limits.columns:,} fields", fits="a plainer export")
        columns = {names.get(name, name): values for name, values in found.items()}
        for name in asked:
            columns.setdefault(name, pl.Series([None] * rows, dtype=pl.String()))
        columns[LINE] = pl.Series(range(first, first + rows), dtype=pl.Int64())
        return pl.DataFrame(columns)


def _columns(rows: Sequence[Mapping[str, str]], names: Iterable[str]) -> dict[str, pl.Series]:
    return {name: pl.Series([row.get(name) for row in rows], dtype=pl.String()) for name in names}


def document_of(
    origin: Origin,
    *,
    survey: Survey,
    limits: Limits,
    notes: Notes,
    alike: Alike,
) -> Document:
    """Read a JSON file once. Raises Refused, with line and character, where it is not well-formed throughout.

    `alike` says which envelopes and drops any kind of file declares, since it is not yet known which kind this one is.
    """
    encoding = encoding_of(origin, survey=survey, notes=notes)
    whole = Document(origin=origin, encoding=encoding, limits=limits, rows={}, names={}, top={}, whole=True, plain=True)
    small = survey.size <= min(SMALL, limits.row) and encoding.codec == "utf-8"
    if small and (seen := alike.look(whole.text())):
        told, rows_kept = seen
        rows_at_hand = [] if rows_kept is None else [rows_kept]
        return replace(whole, rows=told.rows, names=told.names, top=told.top, kept=rows_at_hand)
    reader = Objects(origin, encoding, limits, envelopes=alike.envelopes, drops=alike.drops, only_names=True)
    rows: Counter[str] = Counter()
    names: dict[str, dict[str, None]] = {}
    for under, run in reader.runs():
        for found in unlike(run[: max(SAMPLE - rows[under], 0)]):
            names.setdefault(under, {}).update(names_in(found, most=limits.columns))
        rows[under] += len(run)
    kept = {"", *reader.found} - reader.not_rows
    return Document(
        origin=origin,
        encoding=encoding,
        limits=limits,
        rows={under: rows[under] for under in kept},
        names={under: tuple(names.get(under, ())) for under in kept},
        top=reader.top,
        passed=tuple(reader.passed),
        whole=not reader.dropped,
    )


def flattened(found: dict[str, Any], *, limits: Limits) -> dict[str, str]:
    """One JSON object as a flat row. Raises ValueError where it is nested too deep or two names meet."""
    row: dict[str, str] = {}
    _flatten(found, "", row, limits.depth)
    if len(row) > limits.columns:
        raise ValueError(f"more than {limits.columns:,} values")
    return row


def _flatten(value: Any, name: str, row: dict[str, str], depth: int) -> None:
    """Write a value into the row. Raises ValueError for what cannot stand in one."""
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        for inner, item in value.items():
            _flatten(item, f"{name}.{inner}" if name else inner, row, depth - 1)
    elif isinstance(value, list):
        _flatten_list(value, name, row, depth)
    elif value is not None and value != "":
        _put(_plain(value), name, row)


def _flatten_list(values: list[Any], name: str, row: dict[str, str], depth: int) -> None:
    if any(isinstance(item, dict | list) for item in values):
        for number, item in enumerate(values):
            _flatten(item, f"{name}.{number}", row, depth - 1)
        return
    plain = [_plain(item) for item in values if item is not None and item != ""]
    if plain:
        _put(" ".join(plain), name, row)


def _plain(value: str | bool) -> str:
    return value if isinstance(value, str) else ("true" if value else "false")


def _put(text: str, name: str, row: dict[str, str]) -> None:
    if name in row:
        raise ValueError(f"two values for {name[:60]}")
    if name == LINE or not name:
        raise ValueError("a field without a name, or with a reserved one")
    if "\0" in text:
        raise ValueError(f"a NUL in {name[:60]}")
    if not (text.isascii() and name.isascii()):
        try:
            (text + name).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(f"half a letter (a lone surrogate) in {name[:60]}") from error
    row[name] = text
