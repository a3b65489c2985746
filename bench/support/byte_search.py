"""Search a folder for values, in every form in which a program may have stored them; it shares nothing with erasing.

`search_folder` looks at raw bytes (UTF-8 and UTF-16), Parquet as decoded columns, SQLite files with their free pages
and write-ahead logs, texts that were compressed into a cell, JSON escapes, and members of zips within zips. Letter case
does not matter. `python -m bench.support.byte_search FOLDER VALUE…` prints the places.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MAX_DEPTH = 4


@dataclass(frozen=True, order=True)
class FoundValue:
    """A value, and where it is: the file, and how it is stored there."""

    value: str
    place: str
    form: str


class ValueForms:
    """The byte strings that one value may be stored as."""

    def __init__(self, value: str) -> None:
        self.value = value
        spellings = {value, value.lower(), value.upper(), value.title()}
        self.raw = {text.encode() for text in spellings} | {json.dumps(text)[1:-1].encode() for text in spellings}
        self.wide = {text.encode(name) for text in spellings for name in ("utf-16-le", "utf-16-be")}
        self._digits = re.compile(rb"(?<![0-9])" + value.encode() + rb"(?![0-9])") if value.isdecimal() else None

    def find(self, content: bytes, *, is_decoded: bool) -> str:
        """Return the form in which the content holds the value, else an empty text.

        Among decoded values, digits within a longer run of digits do not count: of millions of hashes, some hold any
        number of seven digits.
        """
        if any(form in content for form in self.raw) and (
            not is_decoded or self._digits is None or self._digits.search(content)
        ):
            return "bytes"
        return "UTF-16" if any(form in content for form in self.wide) else ""


def search_folder(folder: Path, values: Sequence[str], *, skip: Sequence[str] = ()) -> list[FoundValue]:
    """Return every place of a folder that holds one of the values; files whose name is in `skip` are not opened."""
    forms = [ValueForms(value) for value in values]
    places: set[FoundValue] = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in skip:
            place = path.relative_to(folder).as_posix()
            places |= {
                FoundValue(form.value, place, f"{label}{kind}")
                for content, label in _iter_contents(path)
                for form in forms
                for kind in [form.find(content, is_decoded=bool(label) and label != "zip ")]
                if kind
            }
            places |= {FoundValue(form.value, place, "name") for form in forms if form.value.lower() in place.lower()}
    return sorted(places)


def _iter_contents(path: Path) -> Iterator[tuple[bytes, str]]:
    content = path.read_bytes()
    yield content, ""
    yield from _iter_unpacked(content, depth=0)
    if content[:4] == b"PAR1":
        yield _decode_parquet(path), "Parquet "
    elif content[:6] == b"ARROW1":
        yield _decode_arrow(path), "Arrow "
    elif content[:15] == b"SQLite format 3":
        yield from ((cell, "SQLite cell ") for cell in _iter_cells(path))


def _iter_unpacked(content: bytes, *, depth: int) -> Iterator[tuple[bytes, str]]:
    """Yield what is inside of a zip or a gzip file, to a depth."""
    if depth > MAX_DEPTH:
        return
    if content[:2] == b"\x1f\x8b":
        members = [gzip.decompress(content)]
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [archive.read(name) for name in archive.namelist()] + ["\n".join(archive.namelist()).encode()]
    else:
        return
    for member in members:
        yield member, "zip "
        yield from _iter_unpacked(member, depth=depth + 1)


def _decode_parquet(path: Path) -> bytes:
    file = pq.ParquetFile(path)
    statistics = [
        str(column.statistics.min) + "\0" + str(column.statistics.max)
        for group in range(file.metadata.num_row_groups)
        for column in map(file.metadata.row_group(group).column, range(file.metadata.num_columns))
        if column.statistics is not None and column.statistics.has_min_max
    ]
    return _join_columns(file.read()) + "\0".join(statistics).encode()


def _decode_arrow(path: Path) -> bytes:
    with pa.memory_map(str(path)) as source:
        return _join_columns(pa.ipc.open_file(source).read_all())


def _join_columns(table: pa.Table) -> bytes:
    """Return the texts, numbers and days of a table as bytes, lists opened."""
    return b"\0".join(text for column in table.columns for chunk in column.chunks for text in _iter_texts(chunk))


def _iter_texts(values: pa.Array) -> Iterator[bytes]:
    kind = values.type
    if pa.types.is_dictionary(kind):
        yield from _iter_texts(values.dictionary)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _iter_texts(values.flatten())
    elif pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            yield from _iter_texts(values.field(number))
    elif pa.types.is_integer(kind) or pa.types.is_date(kind):
        yield _join_parted(pc.cast(pc.unique(values), pa.string()))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield _join_parted(values)


def _join_parted(values: pa.Array) -> bytes:
    """Return texts with a gap between them: two that run together can hold a short number that neither is."""
    texts = pc.cast(values.drop_null(), pa.large_string())
    joined = pc.binary_join(pa.LargeListArray.from_arrays([0, len(texts)], texts), pa.scalar("\0", pa.large_string()))
    return cast("bytes", joined.cast(pa.large_binary())[0].as_py())


def _iter_cells(path: Path) -> Iterator[bytes]:
    """Yield the cells of a database that are compressed or binary, as they are when they are unpacked."""
    with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as database:
        database.text_factory = bytes
        tables = [name.decode() for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            texts = []
            for row in database.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    if isinstance(cell, int):
                        texts.append(str(cell).encode())
                    elif isinstance(cell, bytes):
                        texts.append(_unpack_cell(cell))
            yield b"\0".join(texts)


def _unpack_cell(cell: bytes) -> bytes:
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return cell


if __name__ == "__main__":
    counts_only = sys.argv[1] == "--count"
    place, *values = sys.argv[1 + counts_only :]
    results = search_folder(Path(place), values)
    lines = "\n".join(f"{item.value}\t{item.form}\t{item.place}" for item in results)
    if counts_only:
        print(lines, file=sys.stderr)
    print(len(results) if counts_only else lines)
