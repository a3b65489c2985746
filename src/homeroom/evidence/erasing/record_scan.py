"""Read the person and account records of every load, undone, held and departed ones too: their ids and names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import polars as pl

from homeroom.evidence.erasing.chunked_file import ChunkCache, ChunkedFile, ColumnQuestion
from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, RECORD_TABLES
from homeroom.evidence.erasing.column_searches import find_matches
from homeroom.evidence.erasing.person_terms import RecordKey, build_broad_pattern, find_plain_part, fold_term
from homeroom.evidence.files.manifests import Departed, Load, Partition, read_manifest
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Type

_MAX_KNOWN = 1_000
"""Records of one row group up to which they are remembered."""
_NAME_COLUMNS = ("given_name", "middle_name", "family_name", "preferred_name")


@dataclass(frozen=True)
class RecordIds:
    """One record as one file has it: its source and key, its folded ids, and its full names in lower case."""

    record: RecordKey
    ids: frozenset[str]
    names: frozenset[str]

    @property
    def folded_names(self) -> frozenset[str]:
        """The names without accents."""
        return frozenset(map(fold_term, self.names))

    def has_id(self, ids: frozenset[str]) -> bool:
        """Return whether the record has one of these ids, also as the part of an address before the @."""
        return not ids.isdisjoint(self.ids) or any(item.partition("@")[0] in ids for item in self.ids)


@dataclass(frozen=True)
class _RecordFile:
    table: str
    blob: str
    instance: str
    is_current: bool


class RecordScan:
    """The files with person and account records of one district."""

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store
        self._chunks = ChunkCache()
        self._known: dict[tuple[object, ...], tuple[RecordIds, ...]] = {}

    def list_records(self, keys: Collection[RecordKey]) -> set[RecordIds]:
        """Return what every file has of these records."""
        wanted = frozenset(keys)
        return {
            record
            for file in self._files
            for own in [sorted({key for source, kind, key in wanted if self._may_hold(file, source, kind)})]
            if own
            for record in self._read(file, [_ask("key", pl.col("key").is_in(own), own)])
            if record.record in wanted
        }

    def list_with_ids(self, ids: Collection[str]) -> set[RecordIds]:
        """Return the records that have one of these folded ids, also as the part of an address before the @."""
        wanted = frozenset(ids)
        needles = sorted({find_plain_part(item) for item in wanted} - {""})
        return {
            record for file in self._files for record in self._read(file, _ask_for_ids(file.table, needles), ids=wanted)
        }

    def list_with_names(self, names: Collection[str]) -> set[RecordIds]:
        """Return the current and departed records with one of these folded full names."""
        parts = sorted({part for name in names for part in name.split() if len(part) > 1})
        family = pl.col("family_name").str.normalize("NFD").str.replace_all(r"\p{M}", "").str.to_lowercase()
        if not parts:
            return set()
        closely = family.str.contains(build_broad_pattern(map(re.escape, parts)))
        question = _ask("family_name", (family.str.contains_any(parts), closely), ["name", *parts])
        return {
            record
            for file in self._files
            if file.is_current
            for record in self._read(file, [question])
            if not record.folded_names.isdisjoint(names)
        }

    def iter_all(self) -> Iterator[RecordIds]:
        """Yield every record of every file, each as often as files have it."""
        for file in self._files:
            yield from self._read(file, [_ask("key", pl.col("key").is_not_null(), ["all"])])

    def _may_hold(self, file: _RecordFile, source: str, kind: str) -> bool:
        return RECORD_TABLES[file.table] == kind and file.instance in ("", source)

    def _read(
        self, file: _RecordFile, questions: list[ColumnQuestion], *, ids: frozenset[str] | None = None
    ) -> Iterator[RecordIds]:
        """Yield the records that one of the questions finds; with `ids` those that have one of them."""
        classes = COLUMN_CLASSES[file.table]
        with ChunkedFile(self._store.get_blob_path(file.blob), self._chunks) as chunks:
            names = chunks.names
            columns = ["key", *classes.ids, *(name for name in _NAME_COLUMNS if name in TABLES[file.table].names)]
            columns = [name for name in dict.fromkeys(columns) if name in names]
            present = [question for question in questions if question.column in names]
            for group in range(len(chunks.group_rows)):
                if positions := chunks.find_any(group, present):
                    yield from self._read_group(file, chunks, group, positions, columns, ids)

    def _read_group(
        self,
        file: _RecordFile,
        chunks: ChunkedFile,
        group: int,
        positions: tuple[int, ...],
        columns: list[str],
        ids: frozenset[str] | None,
    ) -> tuple[RecordIds, ...]:
        """Return the records at some positions; those of the same bytes are read once."""
        read = columns if file.instance else [*columns, "load_id"]
        key = (file.table, file.instance, positions, ids, *(chunks.get_digest(group, name) for name in read))
        if key not in self._known:
            values = [chunks.take(group, name, positions) for name in read]
            loads = [] if file.instance else values.pop()
            sources = [self._instances.get(load, "") for load in loads] or [file.instance] * len(positions)
            records = (
                _build_record(source, file.table, dict(zip(columns, row, strict=True)))
                for source, row in zip(sources, zip(*values, strict=True), strict=True)
            )
            matching = tuple(record for record in records if ids is None or record.has_id(ids))
            if len(matching) > _MAX_KNOWN:
                return matching
            self._known[key] = matching
        return self._known[key]

    @cached_property
    def _instances(self) -> dict[str, str]:
        return {load.id: load.instance for load in self._store.list_all_loads()}

    @cached_property
    def _files(self) -> tuple[_RecordFile, ...]:
        current = {load.id for load in self._store.list_current_loads()}
        files: dict[_RecordFile, None] = {}
        loads: list[Load] = [*self._store.list_all_loads(), *self._store.list_held_loads()]
        for load in loads:
            files |= dict.fromkeys(_list_files(load.tables, load.instance, is_current=load.id in current))
        for path in sorted((self._store.folder / "departed_rows").glob("*.json")):
            departed = read_manifest(path, kind=Departed)
            files |= dict.fromkeys(_list_files(departed.tables, "", is_current=True))
        return tuple(files)


def build_names(given_name: str, middle_name: str, family_name: str, preferred_name: str) -> set[str]:
    """Return the full names that a record gives, in lower case: in both orders, with and without the middle name."""
    names = set()
    for first in filter(None, (given_name, preferred_name)):
        for name in filter(None, (first, f"{first} {middle_name}" if middle_name else "")):
            if family_name:
                names |= {f"{name} {family_name}", f"{family_name}, {name}", f"{family_name} {name}"}
    return {" ".join(unicodedata.normalize("NFC", name).lower().split()) for name in names}


def _list_files(tables: Mapping[str, Partition], instance: str, *, is_current: bool) -> Iterator[_RecordFile]:
    for table in RECORD_TABLES:
        part = tables.get(table)
        for blob in (part.blob, part.overlay) if part is not None else ():
            if blob:
                yield _RecordFile(table, blob, instance, is_current)


def _ask(column: str, condition: pl.Expr | tuple[pl.Expr, pl.Expr], values: Collection[str]) -> ColumnQuestion:
    """Return the question which values of a column meet a condition, or that of a quick and of a closer look.

    The condition depends on `values` only.
    """
    if isinstance(condition, tuple):
        find = partial(find_matches, text=condition)
    else:
        find = partial(find_matches, exact=[condition])
    return ColumnQuestion(column=column, key="\0".join(values), find=find)


def _ask_for_ids(table: str, needles: list[str]) -> list[ColumnQuestion]:
    """Return the question which records may have an id with one of these parts, before each is looked at."""
    questions = []
    for name in ("key", *COLUMN_CLASSES[table].ids):
        is_list = TABLES[table].get_column(name).type is Type.TEXTS
        text = pl.col(name).list.join("\n") if is_list else pl.col(name)
        quickly = text.str.contains_any(needles, ascii_case_insensitive=True)
        closely = text.str.contains(build_broad_pattern(map(re.escape, needles)))
        questions.append(_ask(name, (quickly, closely), ["id", *needles]))
    return questions


def _build_record(source: str, table: str, row: Mapping[str, Any]) -> RecordIds:
    values = [row["key"], *(row.get(name) for name in COLUMN_CLASSES[table].ids)]
    return RecordIds(
        record=(source, str(RECORD_TABLES[table]), row["key"]),
        ids=frozenset(_list_ids(values)),
        names=frozenset(build_names(*(row.get(name) or "" for name in _NAME_COLUMNS))),
    )


def _list_ids(values: list[object]) -> Iterator[str]:
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item.strip():
                folded = fold_term(item)
                yield folded
                if ":" in folded:
                    yield folded.rpartition(":")[2]
