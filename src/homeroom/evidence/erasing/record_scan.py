"""Read the person and account records of every load, undone, held and departed ones too: their ids and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, OwnerKind
from homeroom.evidence.erasing.person_terms import RecordKey, find_plain_part, fold_term
from homeroom.evidence.files.manifests import Departed, Load, Partition, read_manifest
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Type

RECORD_TABLES: Mapping[str, OwnerKind] = {"person_records": OwnerKind.PERSON, "account_records": OwnerKind.ACCOUNT}
_NAME_COLUMNS = ("given_name", "middle_name", "family_name", "preferred_name")
_INSTANCE = "_instance"


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

    def list_records(self, keys: Collection[RecordKey]) -> set[RecordIds]:
        """Return what every file has of these records."""
        return {
            record
            for file in self._files
            for key in [[key for source, kind, key in keys if self._may_hold(file, source, kind)]]
            if key
            for record in self._read(file, pl.col("key").is_in(key))
            if record.record in keys
        }

    def list_with_ids(self, ids: Collection[str]) -> set[RecordIds]:
        """Return the records that have one of these folded ids, also as the part of an address before the @."""
        wanted = frozenset(ids)
        needles = sorted({find_plain_part(item) for item in wanted} - {""})
        return {
            record
            for file in self._files
            for record in self._read(file, _may_have_id(file.table, needles))
            if not wanted.isdisjoint(record.ids | {item.partition("@")[0] for item in record.ids})
        }

    def list_with_names(self, names: Collection[str]) -> set[RecordIds]:
        """Return the current and departed records with one of these folded full names."""
        parts = sorted({part for name in names for part in name.split() if len(part) > 1})
        family = pl.col("family_name").str.normalize("NFD").str.replace_all(r"\p{M}", "").str.to_lowercase()
        if not parts:
            return set()
        condition = family.str.contains_any(parts)
        return {
            record
            for file in self._files
            if file.is_current
            for record in self._read(file, condition)
            if not record.folded_names.isdisjoint(names)
        }

    def iter_all(self) -> Iterator[RecordIds]:
        """Yield every record of every file, each as often as files have it."""
        for file in self._files:
            yield from self._read(file, pl.lit(value=True))

    def _may_hold(self, file: _RecordFile, source: str, kind: str) -> bool:
        return RECORD_TABLES[file.table] == kind and file.instance in ("", source)

    def _read(self, file: _RecordFile, condition: pl.Expr) -> Iterator[RecordIds]:
        kind, classes = RECORD_TABLES[file.table], COLUMN_CLASSES[file.table]
        scan = pl.scan_parquet(self._store.get_blob_path(file.blob))
        present = scan.collect_schema().names()
        columns = ["key", *classes.ids, *(name for name in _NAME_COLUMNS if name in TABLES[file.table].names)]
        own = pl.col("load_id").replace_strict(self._instances, default="", return_dtype=pl.String)
        instance = own if not file.instance else pl.lit(file.instance)
        rows = scan.filter(condition).select(
            instance.alias(_INSTANCE), *(pl.col(name) for name in columns if name in present)
        )
        for row in rows.collect().iter_rows(named=True):
            values = [row["key"], *(row.get(name) for name in classes.ids)]
            yield RecordIds(
                record=(row[_INSTANCE], str(kind), row["key"]),
                ids=frozenset(_list_ids(values)),
                names=frozenset(build_names(*(row.get(name) or "" for name in _NAME_COLUMNS))),
            )

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


def _may_have_id(table: str, needles: list[str]) -> pl.Expr:
    """Return whether a record may have an id with one of these parts: a quick look, before each is looked at."""
    conditions = []
    for name in ("key", *COLUMN_CLASSES[table].ids):
        is_list = TABLES[table].get_column(name).type is Type.TEXTS
        text = pl.col(name).list.join("\n") if is_list else pl.col(name)
        conditions.append(text.str.contains_any(needles, ascii_case_insensitive=True).fill_null(value=False))
    return pl.any_horizontal(conditions)


def _list_ids(values: list[object]) -> Iterator[str]:
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and item.strip():
                folded = fold_term(item)
                yield folded
                if ":" in folded:
                    yield folded.rpartition(":")[2]
