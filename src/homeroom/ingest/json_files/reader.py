"""JSON exports: the content of a file, and its rows as flat frames or as whole objects.

Flat: each object becomes one row of text. Levels are joined by dots (`name.familyName`). A list of plain values is
joined by a blank (`aliases`); of a list of objects each has its number (`recentUsers.0.email`), as GAM writes them.
True and false are `true` and `false`, a number is the text that it was, null, empty text, `[]` and `{}` are null.
`_line` is the ordinal of the object in the file, from 1, since an object has no line of its own.

A frame has the columns of its own objects, and the requested ones; frames of one file may differ.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.ingest.contract.connector import JsonKind
from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.csv_files.broken_rows import BrokenRow, BrokenRows, build_broken_row
from homeroom.ingest.files.byte_marks import detect_utf16
from homeroom.ingest.files.byte_source import ByteGap, ByteSource, Survey
from homeroom.ingest.files.encodings import Encoding, detect_encoding, iter_utf8_blocks
from homeroom.ingest.files.prefetch import prefetch
from homeroom.ingest.files.text_layout import LINE
from homeroom.ingest.json_files.damage import TRAILING_COMMA_NOTE, Damage, NotRepairable, PageLists
from homeroom.ingest.json_files.fast_path import SMALL
from homeroom.ingest.json_files.flatten import NotFlattenable, flatten_objects
from homeroom.ingest.json_files.flatten_object import flatten_object
from homeroom.ingest.json_files.nesting import is_shallow
from homeroom.ingest.json_files.object_stream import (
    SAMPLE_SIZE,
    JsonObjectStream,
    collect_names,
    select_distinct_shapes,
)
from homeroom.ingest.json_files.repair import find_damage, find_value_damage
from homeroom.ingest.json_files.schema_cache import SchemaCache
from homeroom.ingest.json_files.strict_values import parse_trusted

_CELLS = 1_000_000  # of one frame
_BATCH = 4 << 20  # characters of JSON whose objects are handed over together
_FRAME = 12 << 20  # characters of JSON that make one frame
_FITS_OBJECT = "a plainer object"
_Part = tuple[dict[str, pl.Series], int, int] | BrokenRow
"""Columns, their rows and the ordinal of the first; or an object that no row can hold."""
EMPTY_LIST_NOTE = "no rows in the file: the list is empty"
"""The note on a file without rows."""
_FALSE_VALUES = ("", "0", "false")


@dataclass(frozen=True, kw_only=True)
class JsonDocument:
    """A JSON file that was read once from end to end: well-formed throughout, except for what a manifest drops.

    `rows` counts objects by their envelope, "" for those in none: a list, lines, or the single object that the file is.
    `names` are the names of the first of them, with dots between levels, `top` the plain values of the single object or
    beside an envelope's rows. `skipped` are large values that are dropped, by name, and not read again. `is_complete`
    is true if nothing was skipped, so that all of the file was checked; `is_fast` if it was decoded in one go
    (`glance`), so that a schema may be inferred from it; `cached_rows` then holds the rows of its single envelope, if
    there was room. `damage` is what is broken in it, and left out; `rows` counts only what can be read.
    """

    origin: ByteSource
    encoding: Encoding
    limits: Limits
    rows: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    top: Mapping[str, str | bool]
    skipped: Sequence[tuple[str, ByteGap]] = ()
    is_complete: bool = False
    is_fast: bool = False
    cached_rows: list[pa.StructArray] = field(default_factory=list, repr=False, compare=False)
    damage: Damage | None = field(default=None, repr=False)

    @property
    def display_names(self) -> tuple[str, ...]:
        """Display names: those of the rows of the only envelope, else of the objects themselves."""
        wrapped = [names for under, names in self.names.items() if under and names]
        return wrapped[0] if len(wrapped) == 1 else self.names.get("", ())

    @property
    def incomplete(self) -> str:
        """Reason why the file holds fewer rows than exist, as far as it is damaged; else empty."""
        return self.damage.incomplete if self.damage else ""

    def find_envelope(self, kind: JsonKind) -> str:
        """Return the envelope that holds the rows of this kind in the file, or empty text."""
        return kind.envelope if kind.envelope in self.rows else ""

    def has_more(self, kind: JsonKind) -> bool:
        """Check whether the file itself announces another page."""
        flag = self.top.get(kind.more, "") if kind.more and self.find_envelope(kind) else ""
        return flag not in _FALSE_VALUES if isinstance(flag, str) else flag

    def get_total(self, kind: JsonKind) -> int:
        """Return how many rows the file declares for all pages together, or 0 if it declares none."""
        declared = self.top.get(kind.total, "") if kind.total and self.find_envelope(kind) else ""
        return int(declared) if isinstance(declared, str) and re.fullmatch(r"[0-9]{1,9}", declared) else 0

    def iter_chunks(
        self,
        *,
        notes: Notes,
        names: Mapping[str, str] | None = None,
        required: Iterable[str] = (),
        envelope: str = "",
        drops: AbstractSet[str] = frozenset(),
        dropped: Counter[str] | None = None,
        broken: BrokenRows | None = None,
    ) -> Iterator[pl.DataFrame]:
        """Yield frames of text and `_line`.

        `names` gives a field another spelling, `required` are columns always present. Objects that no row can hold are
        added to `broken`. Raise FileRefused if one is and it is None, or if they are too many.
        """
        objects, broken_rows = self._open_stream(envelope, drops), broken or BrokenRows()
        for part in prefetch(self._iter_columns(objects)):
            if isinstance(part, BrokenRow):
                if broken is None:
                    reason = f"object {part.line:,}: {part.reason}"
                    raise build_refusal(self.origin.name, reason, fits=_FITS_OBJECT)
                broken_rows.add([part])
                continue
            columns, rows, first = part
            broken_rows.sound += rows
            yield self._build_frame(columns, rows, first, names or {}, required)
        broken_rows.must_be_few(self.origin.name)
        if dropped is not None:
            dropped.update(objects.dropped)
        if not objects.ordinal:
            notes.add(EMPTY_LIST_NOTE)
            yield self._build_frame({}, 0, 1, names or {}, required)

    def build_empty_frame(self, *, required: Iterable[str], notes: Notes) -> pl.DataFrame:
        """Return the frame of an export without rows, with the requested columns."""
        notes.add(EMPTY_LIST_NOTE)
        return self._build_frame({}, 0, 1, {}, required)

    def iter_objects(
        self, *, notes: Notes, envelope: str, drops: AbstractSet[str], dropped: Counter[str]
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
        """Yield whole objects in batches of bounded size, each with the ordinal of its first; at least one batch."""
        objects = self._open_stream(envelope, drops)
        for batch, first in self._iter_batches(objects, characters=_BATCH):
            yield from self._split_at_lost(batch, first)
        dropped.update(objects.dropped)
        if not objects.ordinal:
            notes.add(EMPTY_LIST_NOTE)
            yield [], 1

    def _split_at_lost(
        self, batch: list[dict[str, Any]], first: int
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
        """Yield a batch in parts without a lost object between, each with the ordinal of its first in the file."""
        if self.damage is None or not self.damage.lost_objects:
            yield batch, first
            return
        ordinals = self.damage.restore_ordinals(pl.Series(range(first, first + len(batch)), dtype=pl.Int64())).to_list()
        starts = [0, *(at for at in range(1, len(batch)) if ordinals[at] != ordinals[at - 1] + 1), len(batch)]
        for start, end in pairwise(starts):
            yield batch[start:end], ordinals[start]

    def load_rows(self, envelope: str) -> list[dict[str, Any]] | None:
        """Return the rows of a small file with that envelope, parsed in one go, or None if it is no such file.

        The file was read from end to end before, so its form is known to be right.
        """
        if not (self.is_complete and envelope and self.origin.size <= _BATCH):
            return None
        content = parse_trusted(self.read_text().decode("utf-8"))
        rows = content.get(envelope) if isinstance(content, dict) else None
        return rows if isinstance(rows, list) and len(rows) == self.rows.get(envelope) else None

    def read_text(self) -> bytes:
        """Return the whole text of a small file, in UTF-8."""
        gaps = self.damage.gaps if self.damage else ()
        return b"".join(iter_utf8_blocks(self.origin, encoding=self.encoding, limits=self.limits, gaps=gaps))

    def _iter_batches(
        self, objects: JsonObjectStream, *, characters: int
    ) -> Iterator[tuple[list[dict[str, Any]], int]]:
        """Yield objects in lists of bounded size, each with the ordinal of its first."""
        batch: list[dict[str, Any]] = []
        first, batch_start = 1, 0
        for _, run in objects.iter_runs():
            batch += run
            while objects.position - batch_start > characters or len(batch) >= self.limits.rows_per_frame:
                yield batch[: self.limits.rows_per_frame], first
                first, batch_start = first + len(batch[: self.limits.rows_per_frame]), objects.position
                batch = batch[self.limits.rows_per_frame :]
        if batch:
            yield batch, first

    def _open_stream(self, envelope: str, drops: AbstractSet[str]) -> JsonObjectStream:
        envelopes = frozenset((envelope,)) if envelope else frozenset()
        gaps = self.damage.gaps if self.damage else [gap for name, gap in self.skipped if name in drops]
        return JsonObjectStream(
            self.origin, self.encoding, self.limits, envelopes=envelopes, drops=drops, gaps=gaps, again=self.is_complete
        )

    def _iter_columns(self, objects: JsonObjectStream) -> Iterator[_Part]:
        for batch, first in self._iter_batches(objects, characters=_FRAME):
            yield from self._flatten_batch(batch, first)

    def _flatten_batch(self, batch: list[dict[str, Any]], first: int) -> Iterator[_Part]:
        """Yield columns of the objects, their row count, and the ordinal of the first, in parts of bounded size."""
        try:
            yield flatten_objects(batch, depth=self.limits.depth, max_names=self.limits.columns), len(batch), first
        except NotFlattenable:
            yield from self._flatten_one_by_one(batch, first)

    def _flatten_one_by_one(self, batch: list[dict[str, Any]], first: int) -> Iterator[_Part]:
        rows: list[dict[str, str]] = []
        columns: dict[str, None] = {}
        for ordinal, item in enumerate(batch, start=first):
            row = self._flatten_object(item, ordinal)
            if isinstance(row, BrokenRow):
                if rows:
                    yield _build_columns(rows, columns), len(rows), ordinal - len(rows)
                rows, columns = [], {}
                yield row
                continue
            rows.append(row)
            columns.update(dict.fromkeys(row))
            if len(rows) * len(columns) > _CELLS:
                yield _build_columns(rows, columns), len(rows), ordinal + 1 - len(rows)
                rows, columns = [], {}
        if rows:
            yield _build_columns(rows, columns), len(rows), first + len(batch) - len(rows)

    def _flatten_object(self, item: dict[str, Any], ordinal: int) -> dict[str, str] | BrokenRow:
        try:
            return flatten_object(item, limits=self.limits)
        except ValueError as error:
            ordinals = pl.Series([ordinal], dtype=pl.Int64())
            line = int(self.damage.restore_ordinals(ordinals)[0]) if self.damage else ordinal
            return build_broken_row(line, b"", reason=str(error), fits=_FITS_OBJECT)

    def _build_frame(
        self, columns: Mapping[str, pl.Series], rows: int, first: int, names: Mapping[str, str], required: Iterable[str]
    ) -> pl.DataFrame:
        if len(columns) > self.limits.columns:
            raise build_refusal(
                self.origin.name, f"has more than {self.limits.columns:,} fields", fits="a plainer export"
            )
        renamed = {names.get(name, name): values for name, values in columns.items()}
        for name in required:
            renamed.setdefault(name, pl.Series([None] * rows, dtype=pl.String()))
        ordinals = pl.Series(range(first, first + rows), dtype=pl.Int64())
        renamed[LINE] = self.damage.restore_ordinals(ordinals) if self.damage and self.damage.lost_objects else ordinals
        return pl.DataFrame(renamed)


def _build_columns(rows: Sequence[Mapping[str, str]], names: Iterable[str]) -> dict[str, pl.Series]:
    return {name: pl.Series([row.get(name) for row in rows], dtype=pl.String()) for name in names}


def open_json(
    origin: ByteSource,
    *,
    survey: Survey,
    limits: Limits,
    notes: Notes,
    schema_cache: SchemaCache,
) -> JsonDocument:
    """Read a JSON file once, or once more if it has damage that costs few objects.

    Raise FileRefused, with line and character, if it is damaged beyond that. `schema_cache` holds the envelopes and
    drops that any file kind declares, since the kind of this file is not known yet.
    """
    encoding: Encoding | None = None
    try:
        encoding = detect_encoding(origin, survey=survey, notes=notes)
        return _read_document(origin, survey=survey, encoding=encoding, limits=limits, schema_cache=schema_cache)
    except FileRefused:
        if (utf8 := _select_utf8(survey, encoding)) is None:
            raise
        document = _read_damaged(origin, survey=survey, encoding=utf8, limits=limits, schema_cache=schema_cache)
        if document is None:
            raise
    for line in document.damage.comma_lines if document.damage else ():
        notes.add(TRAILING_COMMA_NOTE, line=line)
    for note in document.damage.value_notes if document.damage else ():
        notes.add(note.reason, line=note.line, count=note.count)
    return document


def _read_damaged(
    origin: ByteSource, *, survey: Survey, encoding: Encoding, limits: Limits, schema_cache: SchemaCache
) -> JsonDocument | None:
    """Read a damaged file without the objects that are broken, or with its values repaired.

    None if neither helps. Raise FileRefused if too many objects are broken.
    """
    for damage in _iter_damages(origin, survey, encoding, limits, schema_cache):
        try:
            return _read_document(
                origin, survey=survey, encoding=encoding, limits=limits, schema_cache=schema_cache, damage=damage
            )
        except FileRefused:
            continue
    return None


def _select_utf8(survey: Survey, encoding: Encoding | None) -> Encoding | None:
    """Return the encoding of a file that is UTF-8 but for a few bytes; None for any other."""
    if encoding is None and not detect_utf16(survey.head):
        return Encoding(codec="utf-8", mark_length=len(BOM_UTF8) if survey.head.startswith(BOM_UTF8) else 0)
    return encoding if encoding and encoding.codec == "utf-8" else None


def _iter_damages(
    origin: ByteSource, survey: Survey, encoding: Encoding, limits: Limits, schema_cache: SchemaCache
) -> Iterator[Damage]:
    """Yield the damage of a file by objects, then by values. Raise FileRefused if too many objects are broken."""
    mark_length = encoding.mark_length
    page_lists = PageLists(envelopes=schema_cache.envelopes, is_row=schema_cache.is_row)
    with suppress(NotRepairable, RecursionError):
        damage = find_damage(origin, head=survey.head, mark_length=mark_length, limits=limits, page_lists=page_lists)
        if damage.sound_count and not damage.is_tolerable:
            raise _build_damage_refusal(origin, damage)
        if damage.sound_count:
            yield damage
        elif damage.by_line or not survey.head[mark_length:].lstrip().startswith(b"{"):
            return  # a list, and none of its objects can be read
    with suppress(NotRepairable, RecursionError):
        yield find_value_damage(origin, mark_length=mark_length, limits=limits)


def _build_damage_refusal(origin: ByteSource, damage: Damage) -> FileRefused:
    first, count = damage.lost_objects[0], len(damage.lost_objects)
    reason = f"{count:,} of {count + damage.sound_count:,} {damage.noun} are broken; the first: {first.reason}"
    fits = "a file with at most 10 broken rows, or at most 1 in 100: export it again"
    return build_refusal(origin.name, reason, line=first.line, field=first.field, value=first.value, fits=fits)


def _read_document(
    origin: ByteSource,
    *,
    survey: Survey,
    encoding: Encoding,
    limits: Limits,
    schema_cache: SchemaCache,
    damage: Damage | None = None,
) -> JsonDocument:
    """Read a file from end to end, without its damage. Raise FileRefused if it is not well-formed."""
    complete = JsonDocument(
        origin=origin,
        encoding=encoding,
        limits=limits,
        rows={},
        names={},
        top={},
        is_complete=True,
        is_fast=damage is None,
        damage=damage,
    )
    small = survey.size <= min(SMALL, limits.row) and encoding.codec == "utf-8" and damage is None
    text = complete.read_text() if small else b""
    if small and is_shallow(text) and (sniffed := schema_cache.sniff(text)):
        summary, rows_kept = sniffed
        cached_rows = [] if rows_kept is None else [rows_kept]
        return replace(complete, rows=summary.rows, names=summary.names, top=summary.top, cached_rows=cached_rows)
    reader = JsonObjectStream(
        origin,
        encoding,
        limits,
        envelopes=schema_cache.envelopes,
        drops=schema_cache.drops,
        only_names=True,
        gaps=damage.gaps if damage else (),
    )
    rows: Counter[str] = Counter()
    names: dict[str, dict[str, None]] = {}
    for envelope, run in reader.iter_runs():
        for item in select_distinct_shapes(run[: max(SAMPLE_SIZE - rows[envelope], 0)]):
            names.setdefault(envelope, {}).update(collect_names(item, max_names=limits.columns))
        rows[envelope] += len(run)
    envelopes = {"", *reader.envelopes_met} - reader.not_rows
    return replace(
        complete,
        rows={envelope: rows[envelope] for envelope in envelopes},
        names={envelope: tuple(names.get(envelope, ())) for envelope in envelopes},
        top=reader.top,
        skipped=tuple(reader.passed),
        is_complete=not reader.dropped,
        is_fast=False,
    )
