"""The evidence store of one district: current loads, the rows they hold, and the snapshots resolved from them.

On disk, below `<root>/<district>/`: `blobs/` (content-addressed Parquet), `loads/` (one manifest a load, numbered),
`held/` (loads that wait for a person), `undone/` (one tombstone an undone load), `departed/` (rows that left, one
manifest a chain of loads), `derived/` (one manifest a resolved snapshot, numbered). A manifest appears by one rename
after all blobs that it names are synced, so that a reader sees a complete load or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import filelock
import msgspec
import pyarrow as pa

from homeroom.evidence.diff.departed_rows import find_departed_rows
from homeroom.evidence.diff.load_scopes import any_newer_load_condition_sql, select_newer_loads
from homeroom.evidence.diff.snapshot_diff import SPILL_FOLDER
from homeroom.evidence.event_files.catalog import Catalog, list_catalog_paths, read_catalog
from homeroom.evidence.event_files.event_loads import (
    EventLoad,
    find_event_load,
    get_event_load,
    iter_newest_event_loads,
    list_event_blobs,
    parse_load_number,
    remove_unpublished_loads,
)
from homeroom.evidence.files import blobs
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.manifest_records import ManifestRecorder, record_manifests, remove_manifests
from homeroom.evidence.files.manifests import (
    Departed,
    Derived,
    Load,
    Partition,
    list_manifest_paths,
    list_manifests,
    read_manifest,
    write_manifest,
)
from homeroom.evidence.files.snapshots import Snapshot, build_snapshot, share_keys
from homeroom.evidence.loads.manifest_paths import HELD_PREFIX, get_manifest_path, get_undo_path
from homeroom.evidence.query.session import SOURCES_SCHEMA, PinnedSnapshot, SnapshotPart
from homeroom.evidence.tables import SOURCE_TABLES, TABLES

LOCK_SECONDS = 120
Chains = Mapping[tuple[str, str, str], Sequence[Load]]
"""Loads that were not undone, by chain, the oldest of each chain first."""


class StoreBusy(Exception):
    """Another load of the district is being written."""


class NoSuchLoad(Exception):
    """There is no load of that id in the requested state."""


class EvidenceStore:
    """The evidence of one district. Reading needs no lock; one process at a time writes (`lock_for_writing`)."""

    def __init__(self, root: Path, *, district: str, recorder: ManifestRecorder | None = None) -> None:
        if not district or "/" in district or "\\" in district or district.startswith("."):
            raise ValueError(f"{district!r} is not a district's short name")
        self.folder = root / district
        self.blobs = self.folder / "blobs"
        self._recorder = recorder

    # --- reading -----------------------------------------------------------------------------------------------------

    def list_loads(self) -> tuple[Load, ...]:
        """Return the published loads that were not undone, oldest first."""
        undone = self.list_undone_ids()
        return tuple(load for load in list_manifests(self.folder / "loads", kind=Load) if load.id not in undone)

    def list_all_loads(self) -> tuple[Load, ...]:
        """Return all published loads, undone ones too, oldest first."""
        return tuple(list_manifests(self.folder / "loads", kind=Load))

    def list_undone_ids(self) -> frozenset[str]:
        """Return the ids of loads that were undone."""
        return frozenset(path.stem for path in list_manifest_paths(self.folder / "undone"))

    def iter_event_loads(self) -> Iterator[EventLoad]:
        """Yield the loads of logs that were not undone, newest first; those of two years are many."""
        catalog = read_catalog(self.folder)
        loads = iter_newest_event_loads(self.folder, until=catalog.position)
        return (load for load in loads if load.number not in catalog.undone)

    def list_recent_event_loads(self, *, limit: int) -> tuple[EventLoad, ...]:
        """Return the newest loads of logs, undone ones too, oldest first."""
        loads = iter_newest_event_loads(self.folder, until=read_catalog(self.folder).position)
        return tuple(reversed(list(islice(loads, limit))))

    def find_event_load(self, fingerprint: str) -> EventLoad | None:
        """Return the load of a log with that fingerprint whose rows are stored, else None."""
        catalog, load = read_catalog(self.folder), find_event_load(self.folder, fingerprint)
        if load is None or load.number > catalog.position or load.number in (*catalog.undone, *catalog.damaged):
            return None
        return load

    def is_event_load_undone(self, load_id: str) -> bool:
        """Return whether a load of a log was undone."""
        return parse_load_number(load_id) in read_catalog(self.folder).undone

    def list_newest_event_loads(self) -> tuple[EventLoad, ...]:
        """Return the newest load of every chain of logs that was not undone, oldest first."""
        catalog = read_catalog(self.folder)
        ids = sorted(stream.load for stream in catalog.streams.values())
        if any(parse_load_number(load_id) in catalog.undone for load_id in ids):
            newest: dict[tuple[str, str, str], EventLoad] = {}
            for load in self.iter_event_loads():
                newest.setdefault(load.chain, load)
            return tuple(reversed(newest.values()))
        return tuple(load for load in (get_event_load(self.folder, load_id) for load_id in ids) if load is not None)

    def list_held_loads(self) -> tuple[Load, ...]:
        """Return the loads that wait for a person, oldest first."""
        return tuple(list_manifests(self.folder / "pending", kind=Load))

    def get_load(self, load_id: str) -> Load:
        """Return the load of that id, published or held, also one of a log. Raise NoSuchLoad."""
        if (event_load := get_event_load(self.folder, _require_safe_id(load_id))) is not None:
            return event_load
        path = get_manifest_path(self.folder, load_id)
        if not path.exists():
            raise NoSuchLoad(f"there is no load {load_id}")
        return read_manifest(path, kind=Load)

    def list_current_loads(self) -> tuple[Load, ...]:
        """Return the newest load of every chain, oldest first."""
        return tuple(sorted({load.chain: load for load in self.list_loads()}.values(), key=lambda load: load.id))

    def get_held_load(self, load_id: str) -> Load:
        """Return the held load of that id. Raise NoSuchLoad."""
        for load in self.list_held_loads():
            if load.id == load_id:
                return load
        raise NoSuchLoad(f"no load {load_id} is waiting")

    def list_chain(self, member: Load) -> tuple[Load, ...]:
        """Return the published loads of one chain that were not undone, oldest first."""
        return tuple(load for load in self.list_loads() if load.chain == member.chain)

    def compute_sources_id(self) -> str:
        """Return one hash (16 hex digits) of the current loads and of erasures, to which a resolve is pinned."""
        erasures = [path.name for path in list_manifest_paths(self.folder / "erasures")]
        names = "\n".join([*(load.id for load in self.list_current_loads()), *erasures])
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    def get_latest_derived(self) -> Derived | None:
        """Return the newest resolved snapshot, or None."""
        paths = list_manifest_paths(self.folder / "derived")
        return read_manifest(paths[-1], kind=Derived) if paths else None

    def get_derived(self, derived_id: str) -> Derived:
        """Return the resolved snapshot of that id. Raise NoSuchLoad."""
        path = self.folder / "derived" / f"{_require_safe_id(derived_id)}.json"
        if not path.exists():
            raise NoSuchLoad(f"there is no resolved snapshot {derived_id}")
        return read_manifest(path, kind=Derived)

    def iter_earlier_derived(self, *, before: str) -> Iterator[str]:
        """Return the ids of resolved snapshots older than that one, newest first."""
        names = (path.stem for path in reversed(list_manifest_paths(self.folder / "derived")))
        return (name for name in names if name < before)

    def get_blob_path(self, name: str) -> Path:
        """Return the path of a blob."""
        return blobs.get_blob_path(self.blobs, name)

    def get_snapshot(self, partition: Partition) -> Snapshot:
        """Return the files of one table of a load."""
        return build_snapshot(self.blobs, partition)

    def pin_snapshot(self, *, derived: str | None = None) -> PinnedSnapshot:
        """Return the current rows, and one resolved snapshot, as the files that a session may read.

        The loads are read once.
        """
        chains: dict[tuple[str, str, str], list[Load]] = {}
        for load in self.list_loads():
            chains.setdefault(load.chain, []).append(load)
        current_loads = tuple(sorted((chain[-1] for chain in chains.values()), key=lambda load: load.id))
        views: dict[str, list[SnapshotPart]] = {}
        for table in SOURCE_TABLES:
            if table.events:
                continue
            views[table.name] = self._list_current_parts(current_loads, table.name)
            if table.remembered:
                views[f"{table.name}_gone"] = self._list_departed_parts(current_loads, table.name, chains)
        if derived is not None:
            for name, partition in self.get_derived(derived).tables.items():
                views[name] = [SnapshotPart(snapshot=self.get_snapshot(partition))]
        sources, catalog = _build_sources_table(current_loads), read_catalog(self.folder)
        return PinnedSnapshot(root=self.blobs, views=views, sources=sources, catalog=catalog)

    # --- writing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def lock_for_writing(self, *, wait: float = LOCK_SECONDS) -> Iterator[None]:
        """Lock the district for one writer. Raise StoreBusy if another does not finish within `wait` seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.folder / "lock", timeout=wait), record_manifests(self.folder, self._recorder):
                yield
        except filelock.Timeout as error:
            raise StoreBusy("another load of this district is being written; try again when it has ended") from error

    def sweep(self) -> int:
        """Remove what killed writers left. Call it inside `lock_for_writing`."""
        referenced = {name for load in (*self.list_all_loads(), *self.list_held_loads()) for name in load.blobs}
        derived = list_manifests(self.folder / "derived", kind=Derived)
        departed = list_manifests(self.folder / "departed_rows", kind=Departed)
        tables = [*(item.tables for item in derived), *(item.tables for item in departed)]
        referenced |= {part.blob for parts in tables for part in parts.values()}
        referenced |= self._sweep_events()
        unfinished = [path for path in self.folder.glob(f"*/{blobs.TEMPORARY_PREFIX}*") if path.parent != self.blobs]
        for path in unfinished:
            path.unlink(missing_ok=True)
        old = blobs.remove_stale_files(self.folder / SPILL_FOLDER) + blobs.remove_stale_files(
            self.folder, pattern=f"*/*/{blobs.TEMPORARY_PREFIX}*"
        )
        return blobs.remove_orphans(self.blobs, keep=referenced) + len(unfinished) + old

    def publish(self, load: Load) -> Load:
        """Publish a load under the next number and find the departed rows. Call it inside `lock_for_writing`."""
        numbered = self.number_load(load)
        write_manifest(get_manifest_path(self.folder, numbered.id), numbered)
        self._ensure_departed_manifest(self.list_chain(numbered))
        return numbered

    def number_load(self, load: Load) -> Load:
        """Return a load with the id that it gets if it is published next. Call it inside `lock_for_writing`."""
        return msgspec.structs.replace(load, id=f"{self._get_next_number('loads'):06d}-{load.fingerprint[:12]}")

    def replace_manifest(self, load: Load) -> None:
        """Replace the manifest of a load whose files were restored. Call it inside `lock_for_writing`."""
        write_manifest(get_manifest_path(self.folder, load.id), load)

    def find_damaged_blobs(self, load: Load) -> tuple[str, ...]:
        """Return the names of a load's blobs that are missing or are not what was written."""
        return tuple(name for name in dict.fromkeys(load.blobs) if not blobs.is_sound(self.get_blob_path(name), name))

    def hold(self, load: Load) -> Load:
        """Hold a load until a person approves or discards it. Call it inside `lock_for_writing`."""
        pending_load = msgspec.structs.replace(load, id=f"{HELD_PREFIX}{load.fingerprint[:12]}")
        write_manifest(get_manifest_path(self.folder, pending_load.id), pending_load)
        return pending_load

    def discard(self, load_id: str) -> Load:
        """Drop a held load; its blobs go with the next sweep. Raise NoSuchLoad. Call it inside `lock_for_writing`."""
        load = self.get_held_load(load_id)
        remove_manifests([get_manifest_path(self.folder, load.id)])
        return load

    def undo(self, load_id: str) -> Load:
        """Undo a published load completely. Call it inside `lock_for_writing`.

        Raises NoSuchLoad if it is not published or undone already, and ValueError if a current load was overlaid on it,
        naming that load.
        """
        load = next((item for item in self.list_loads() if item.id == load_id), None)
        if load is None:
            raise NoSuchLoad(f"no load {load_id} stands or stood")
        dependent = next((item for item in self.list_loads() if item.base == load_id), None)
        if dependent is not None:
            raise ValueError(f"load {dependent.id} was laid over {load_id}; undo {dependent.id} first")
        self.mark_undone(load_id)
        if remaining := self.list_chain(load):
            self._ensure_departed_manifest(remaining)
        return load

    def mark_undone(self, load_id: str) -> None:
        """Write down that a load was undone."""
        write_manifest(get_undo_path(self.folder, load_id), {})

    def publish_derived(self, tables: Mapping[str, pa.Table], *, inputs: str, today: date, at: datetime) -> Derived:
        """Write and publish a resolved snapshot, unless the newest one is the same. Takes the lock itself."""
        with self.lock_for_writing():
            parts = {
                name: Partition(
                    blob=blobs.write_table(
                        self.blobs, table.select(build_arrow_schema(TABLES[name]).names), ordered=True
                    ),
                    rows=table.num_rows,
                )
                for name, table in sorted(tables.items())
            }
            newest = self.get_latest_derived()
            if newest is not None and (newest.inputs, newest.today, newest.tables) == (inputs, today, parts):
                return newest
            content = msgspec.json.encode([inputs, today, parts], order="deterministic")
            number, digest = self._get_next_number("derived"), hashlib.sha256(content).hexdigest()[:12]
            snapshot = Derived(id=f"{number:06d}-{digest}", inputs=inputs, today=today, at=at, tables=parts)
            write_manifest(self.folder / "derived" / f"{snapshot.id}.json", snapshot)
            return snapshot

    # --- within ------------------------------------------------------------------------------------------------------

    def _sweep_events(self) -> set[str]:
        """Remove what killed writers left of events, and return the names of the files that are needed."""
        catalogs = [read_manifest(path, kind=Catalog) for path in list_catalog_paths(self.folder)]
        position = catalogs[-1].position if catalogs else 0
        remove_unpublished_loads(self.folder, position=position)
        return {
            *(name for catalog in catalogs[:-1] for name in catalog.blobs),
            *(name for catalog in catalogs[-1:] for name in catalog.stored_blobs),
            *list_event_blobs(self.folder),
        }

    def _get_next_number(self, folder: str) -> int:
        numbers = [int(path.stem.split("-")[0]) for path in (self.folder / folder).glob("*.json")]
        return max(numbers, default=0) + 1

    def _list_current_parts(self, current_loads: tuple[Load, ...], table: str) -> list[SnapshotPart]:
        parts = []
        for load in current_loads:
            if table in load.tables:
                covered_sql = any_newer_load_condition_sql(
                    load, current_loads, table=table, rows=lambda part: self.get_snapshot(part).rows_sql
                )
                where = f"NOT ({covered_sql})" if covered_sql else ""
                newer = [
                    self.get_snapshot(newer_load.tables[table])
                    for newer_load in select_newer_loads(load, current_loads, table=table)
                ]
                own = self.get_snapshot(load.tables[table])
                parts.append(_build_part(load, own, table=table, shadows=newer, where=where))
        return parts

    def _list_departed_parts(self, current_loads: tuple[Load, ...], table: str, chains: Chains) -> list[SnapshotPart]:
        parts = []
        for load in current_loads:
            partition = self._ensure_departed_manifest(tuple(chains[load.chain])).tables.get(table)
            if partition is not None and partition.rows:
                same_stream = [
                    self.get_snapshot(stream_load.tables[table])
                    for stream_load in current_loads
                    if (stream_load.instance, stream_load.stream) == (load.instance, load.stream)
                    and table in stream_load.tables
                ]
                own = self.get_snapshot(partition)
                parts.append(_build_part(load, own, table=table, shadows=same_stream, own_origin=True))
            if covered_sql := any_newer_load_condition_sql(
                load, current_loads, table=table, rows=lambda part: self.get_snapshot(part).rows_sql
            ):
                newer = [
                    self.get_snapshot(stream_load.tables[table])
                    for stream_load in select_newer_loads(load, current_loads, table=table)
                ]
                own = self.get_snapshot(load.tables[table])
                parts.append(_build_part(load, own, table=table, shadows=newer, where=covered_sql))
        return parts

    def _ensure_departed_manifest(self, chain: tuple[Load, ...]) -> Departed:
        name = hashlib.sha256("\n".join(load.id for load in chain).encode()).hexdigest()[:32]
        path = self.folder / "departed_rows" / f"{name}.json"
        if path.exists():
            return read_manifest(path, kind=Departed)
        if len(chain) < 2:
            return Departed(tables={})
        before = self._ensure_departed_manifest(chain[:-1])
        departed = find_departed_rows(self.blobs, before=before, older=chain[-2], newer=chain[-1])
        write_manifest(path, departed)
        return departed


def _build_part(
    load: Load, snapshot: Snapshot, *, table: str, shadows: list[Snapshot], own_origin: bool = False, where: str = ""
) -> SnapshotPart:
    key = TABLES[table].key
    return SnapshotPart(
        snapshot=snapshot,
        connector=load.connector,
        instance=load.instance,
        load_id="" if own_origin else load.id,
        seen_at=None if own_origin else load.loaded_at,
        shadows=tuple(item for item in shadows if share_keys(snapshot, item, key=key)),
        where=where,
    )


def _build_sources_table(current_loads: tuple[Load, ...]) -> pa.Table:
    fields = ("connector", "instance", "stream", "scope", "loaded_at", "complete", "decides")
    rows = [{"load_id": load.id, **{name: getattr(load, name) for name in fields}} for load in current_loads]
    return pa.Table.from_pylist(rows, schema=SOURCES_SCHEMA)


def _require_safe_id(name: str) -> str:
    if not name or not all(letter.isalnum() or letter == "-" for letter in name):
        raise NoSuchLoad(f"{name!r} is not a load's id")
    return name
