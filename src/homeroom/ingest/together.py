"""Small files of one package read as one frame, so that a page costs what its rows cost and not what a file costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.ingest.ahead import abreast
from homeroom.ingest.columns import MOST_CELLS, Odd, together
from homeroom.ingest.connector import Kind, Reader, Reading
from homeroom.ingest.dialect import LINE
from homeroom.ingest.entities import unescaped
from homeroom.ingest.glance import decoded
from homeroom.ingest.headings import Headings, listened
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.packages import PackageFile
from homeroom.ingest.problems import said_of
from homeroom.ingest.shapes import Shape, Unlike, columns_of

FILE = "_file"
_MOST = 12 << 20
"""Bytes of files that are read together: with their columns, what one large file's frame takes."""
_AT_ONCE = 2
"""Runs of files that are in the making: of one the interpreter makes columns while expressions of another are worked out."""


def runs(files: Sequence[PackageFile]) -> Iterator[range]:
    """The numbers of files that are read together: pages of JSON side by side, of one kind; every other file alone."""
    start, size = 0, 0
    for number, file in enumerate(files):
        if number > start and not (_beside(files[start], file) and size + file.size <= _MOST):
            yield range(start, number)
            start, size = number, 0
        size += file.size
    if files:
        yield range(start, len(files))


def _beside(one: PackageFile, other: PackageFile) -> bool:
    return one.kind == other.kind and one.kind.form == "json" and not one.kind.objects and not other.carried


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Rows of several files in one frame. `_line` counts through; `numbers` are the files', `starts` the rows before each."""

    frame: pl.DataFrame
    numbers: Sequence[int]
    starts: Sequence[int]

    @property
    def rows(self) -> list[int]:
        """How many rows each file has."""
        ends = [*self.starts[1:], self.frame.height]
        return [end - start for start, end in zip(self.starts, ends, strict=True)]

    def parted(self, reading: Reading) -> Reading:
        """What was made of the frame, with the file of each row beside it and `_line` as it is in that file."""
        tables = {name: self._placed(frame, line=LINE) for name, frame in reading.tables.items()}
        return replace(reading, tables=tables, rejects=self._placed(reading.rejects, line="line"))

    def _placed(self, frame: pl.DataFrame, *, line: str) -> pl.DataFrame:
        through = frame[line].fill_null(1)
        place = pl.Series(self.starts, dtype=pl.Int64).search_sorted(through - 1, side="right") - 1
        starts = pl.Series(self.starts, dtype=pl.Int64).gather(place)
        files = pl.Series(self.numbers, dtype=pl.Int32).gather(place)
        return frame.with_columns((pl.col(line) - starts).alias(line), files.alias(FILE))


@dataclass(frozen=True, kw_only=True)
class Together:
    """The numbers of files that are read together, what was made of them, and how many rows each has; None of one alone.

    `mixed` are sentences about their days, where a column has them in several forms.
    """

    numbers: range
    reading: Reading | None = None
    rows: Sequence[int] = ()
    mixed: tuple[str, ...] = ()


def read_together(files: Sequence[PackageFile], *, readers: Mapping[str, Reader]) -> Iterator[Together]:
    """What the readers make of small files that are read together, run after run. Raises Refused."""
    shapes: dict[str, Shape] = {}

    def made(run: range) -> Together:
        kind = files[run.start].kind
        if len(run) == 1:
            return Together(numbers=run)
        stack = stacked(files, run, shape=shapes.setdefault(kind.id, Shape(envelope=kind.envelope)))
        asked = Headings()
        with listened(asked):
            reading = said_of(partial(readers[kind.reader], stack.frame), {"": files[run.start].name})
        mixed = tuple(f"{told}, in {len(run):,} files from this one on" for told in asked.mixed)
        return Together(numbers=run, reading=stack.parted(reading), rows=stack.rows, mixed=mixed)

    return abreast(made, runs(files), at_once=_AT_ONCE)


def stacked(files: Sequence[PackageFile], numbers: Sequence[int], *, shape: Shape | None = None) -> Stack:
    """The rows of the files with these numbers, one after another. `shape` learns from one call to the next. Raises Refused.

    Of pages whose rows were kept when they were looked at, those are taken; else they come through a type, or, where
    none fits them, one by one.
    """
    kind = files[numbers[0]].kind
    shape = shape or Shape(envelope=kind.envelope)
    pages = [_page(files[number], shape) for number in numbers]
    found = [page for page in pages if page is not None]
    heights = list(map(len, found))
    most = min(STANDARD.columns, MOST_CELLS // max(sum(heights), 1))
    try:
        frames = [_framed(list(same), most=most) for _, same in groupby(found, key=lambda page: page.type)]
    except Unlike:
        return _by_row(files, numbers)
    if len(found) < len(pages) or len({name for frame in frames for name in frame.columns}) > most + 1:
        return _by_row(files, numbers)
    columns = pl.concat(frames, how="diagonal").drop(LINE).to_dict(as_series=True)
    return _lettered(_stack([_asked(kind, columns, sum(heights))], heights, numbers), files)


def _lettered(stack: Stack, files: Sequence[PackageFile]) -> Stack:
    """The same with the escapes of a system that writes such undone, as `PackageFile.chunks` does it."""
    if not files[stack.numbers[0]].kind.escaped:
        return stack
    frame, lines = unescaped(stack.frame)
    for number, start, rows in zip(stack.numbers, stack.starts, stack.rows, strict=True):
        files[number].lettered(line - start for line in lines if start < line <= start + rows)
    return replace(stack, frame=frame)


def _page(file: PackageFile, shape: Shape) -> pa.StructArray | None:
    """The rows of a page; None where the file is no page, or no type fits it."""
    if (kept := file.kept()) is not None:
        return kept
    page = file.page()
    if page is None:
        return None
    rows = shape.rows(page)
    if rows is None and (found := decoded(page)):
        shape.learn(found)
        rows = shape.rows(page)
    return rows


def _framed(pages: Sequence[pa.StructArray], *, most: int) -> pl.DataFrame:
    """The rows of pages of one type, and `_line`. Raises Unlike."""
    columns = columns_of(pa.chunked_array(pages), most=most)
    # Put together as columns of views, whose texts stay where they are: joining the pages themselves would copy them.
    return pl.DataFrame({**columns, LINE: pl.int_range(sum(map(len, pages)), eager=True)}).rechunk()


def _by_row(files: Sequence[PackageFile], numbers: Sequence[int]) -> Stack:
    found = [files[number].plain() for number in numbers]
    every = [rows for rows in found if rows is not None]
    try:
        if len(every) == len(found):
            flat = _flat(files[numbers[0]].kind, every)
            return _lettered(_stack([flat], list(map(len, every)), numbers), files)
    except Odd:
        pass  # file by file, which says where
    frames = [list(files[number].chunks()) for number in numbers]
    heights = [sum(frame.height for frame in of_one) for of_one in frames]
    return _stack([frame for of_one in frames for frame in of_one], heights, numbers)


def _flat(kind: Kind, found: Sequence[Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
    """The objects of all files as one frame. Raises Odd."""
    every = [one for rows in found for one in rows]
    return _asked(kind, together(every, depth=STANDARD.depth, most=STANDARD.columns), len(every))


def _asked(kind: Kind, columns: dict[str, pl.Series], rows: int) -> pl.DataFrame:
    """The columns and those that the kind is known by, which a reader may ask for."""
    for name in (*kind.needs, *kind.any_of):
        columns.setdefault(name, pl.Series(name, [None] * rows, dtype=pl.String()))
    return pl.DataFrame(columns)


def _stack(frames: Sequence[pl.DataFrame], heights: Sequence[int], numbers: Sequence[int]) -> Stack:
    frame = pl.concat(frames, how="diagonal")
    through = pl.Series(LINE, range(1, frame.height + 1), dtype=pl.Int64)
    return Stack(frame=frame.with_columns(through), numbers=numbers, starts=[0, *accumulate(heights)][:-1])
