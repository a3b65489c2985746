"""The evidence store of one district: which loads stand, what they hold, and what was resolved from them.

On disk, below `<root>/<district>/`: `blobs/` (content-addressed Parquet), `loads/` (one manifest a load, numbered),
`held/` (loads that wait for a person), `undone/` (one tombstone an undone load), `departed/` (rows that left, one
manifest a chain of loads), `derived/` (one manifest a resolved snapshot, numbered). A manifest appears by one rename
after all blobs that it names are synced, so that a reader sees a whole load or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import filelock
import msgspec
import pyarrow as pa

from homeroom.evidence import blobs
from homeroom.evidence.departures import departed_of
from homeroom.evidence.differences import SPILLED
from homeroom.evidence.manifests import Departed, Derived, Load, Partition
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.scopes import newer_than, spoken_of_all
from homeroom.evidence.session import SOURCES_SCHEMA, Part, Pinned
from homeroom.evidence.snapshots import Snapshot, snapshot_of
from homeroom.evidence.tables import SOURCE_TABLES, TABLES

LOCK_SECONDS = 120
Chains = Mapping[tuple[str, str, str], Sequence[Load]]
"""The loads that were not undone by their chain, each chain's oldest first."""


class StoreBusy(Exception):
    """Another load of the district is being written."""


class NoSuchLoad(Exception):
    """There is no load of that id in the state that was asked for."""


class Store:
    """The evidence of one district. Reading needs no lock; writing is done by one process at a time (`writing`)."""

    def __init__(self, root: Path, *, district: str) -> None:
        if not district or "/" in district or "\\" in district or district.startswith("."):
            raise ValueError(f"{district!r} is not a district's short name")
        self.folder = root / district
        self.blobs = self.folder / "blobs"

    # --- reading -----------------------------------------------------------------------------------------------------

    def loads(self) -> tuple[Load, ...]:
        """Every published load that was not undone, oldest first."""
        undone = self.undone()
        return tuple(load for load in self._every("loads", Load) if load.id not in undone)

    def every_load(self) -> tuple[Load, ...]:
        """Every published load, undone ones too, oldest first."""
        return tuple(self._every("loads", Load))

    def undone(self) -> frozenset[str]:
        """The ids of loads that were undone."""
        folder = self.folder / "undone"
        return frozenset(path.stem for path in folder.glob("*.json")) if folder.exists() else frozenset()

    def held(self) -> tuple[Load, ...]:
        """Loads that wait for a person, oldest first."""
        return tuple(self._every("held", Load))

    def load(self, load_id: str) -> Load:
        """The load of that id, published or held; raises NoSuchLoad."""
        for folder in ("loads", "held"):
            path = self.folder / folder / f"{_safe(load_id)}.json"
            if path.exists():
                return msgspec.json.decode(path.read_bytes(), type=Load)
        raise NoSuchLoad(f"there is no load {load_id}")

    def standing(self) -> tuple[Load, ...]:
        """The newest load of every chain, oldest first."""
        newest = {load.chain: load for load in self.loads()}
        return tuple(sorted(newest.values(), key=lambda load: load.id))

    def waiting(self, load_id: str) -> Load:
        """The held load of that id; raises NoSuchLoad."""
        held = next((item for item in self.held() if item.id == load_id), None)
        if held is None:
            raise NoSuchLoad(f"no load {load_id} is waiting")
        return held

    def chain(self, of: Load) -> tuple[Load, ...]:
        """The published loads of one chain that were not undone, oldest first."""
        return tuple(load for load in self.loads() if load.chain == of.chain)

    def sources_id(self) -> str:
        """What stands, as one hash (16 hex digits): a resolve is pinned to it."""
        names = "\n".join(load.id for load in self.standing())
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    def latest_derived(self) -> Derived | None:
        """The newest resolved snapshot, or None."""
        paths = sorted((self.folder / "derived").glob("*.json"))
        return msgspec.json.decode(paths[-1].read_bytes(), type=Derived) if paths else None

    def derived(self, derived_id: str) -> Derived:
        """The resolved snapshot of that id; raises NoSuchLoad."""
        path = self.folder / "derived" / f"{_safe(derived_id)}.json"
        if not path.exists():
            raise NoSuchLoad(f"there is no resolved snapshot {derived_id}")
        return msgspec.json.decode(path.read_bytes(), type=Derived)

    def earlier_derived(self, *, before: str) -> Iterator[str]:
        """The ids of resolved snapshots that are older than that one, newest first."""
        names = sorted((path.stem for path in (self.folder / "derived").glob("*.json")), reverse=True)
        return (name for name in names if name < before)

    def blob(self, name: str) -> Path:
        """The file of a blob."""
        return blobs.blob_path(self.blobs, name)

    def snapshot(self, partition: Partition) -> Snapshot:
        """The files of a table of a load."""
        return snapshot_of(self.blobs, partition)

    def pinned(self, *, derived: str | None = None) -> Pinned:
        """What stands now, and one resolved snapshot, as the files that a session may read. Reads the loads once."""
        chains: dict[tuple[str, str, str], list[Load]] = {}
        for load in self.loads():
            chains.setdefault(load.chain, []).append(load)
        standing = tuple(sorted((chain[-1] for chain in chains.values()), key=lambda load: load.id))
        views: dict[str, list[Part]] = {}
        for table in SOURCE_TABLES:
            views[table.name] = self._current(standing, table.name)
            if table.remembered:
                views[f"{table.name}_gone"] = self._departed(standing, table.name, chains)
        if derived is not None:
            for name, partition in self.derived(derived).tables.items():
                views[name] = [Part(snapshot=self.snapshot(partition))]
        return Pinned(root=self.blobs, views=views, sources=_sources(standing))

    # --- writing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, *, wait: float = LOCK_SECONDS) -> Iterator[None]:
        """The one writer of the district. Raises StoreBusy where another does not finish within `wait` seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self.folder / "lock", timeout=wait):
                yield
        except filelock.Timeout as late:
            raise StoreBusy("another load of this district is being written; try again when it has ended") from late

    def sweep(self) -> int:
        """Removes what killed writers left. Call it inside `writing`."""
        named = {name for load in (*self.every_load(), *self.held()) for name in load.blobs}
        named |= {part.blob for item in self._every("derived", Derived) for part in item.tables.values()}
        named |= {part.blob for item in self._every("departed", Departed) for part in item.tables.values()}
        unfinished = [path for path in self.folder.glob(f"*/{blobs.TEMPORARY}*") if path.parent != self.blobs]
        for path in unfinished:
            path.unlink(missing_ok=True)
        old = blobs.sweep_old(self.folder / SPILLED) + blobs.sweep_old(self.folder, pattern=f"*/*/{blobs.TEMPORARY}*")
        return blobs.sweep(self.blobs, keep=named) + len(unfinished) + old

    def publish(self, load: Load) -> Load:
        """Publishes a load under the next number and works out what departed. Call it inside `writing`."""
        numbered = msgspec.structs.replace(load, id=f"{self._next('loads'):06d}-{load.fingerprint[:12]}")
        blobs.write_file(self.folder / "loads" / f"{numbered.id}.json", msgspec.json.encode(numbered))
        self._departed_manifest(self.chain(numbered))
        return numbered

    def hold(self, load: Load) -> Load:
        """Keeps a load aside until a person approves or discards it. Call it inside `writing`."""
        named = msgspec.structs.replace(load, id=f"held-{load.fingerprint[:12]}")
        blobs.write_file(self.folder / "held" / f"{named.id}.json", msgspec.json.encode(named))
        return named

    def discard(self, load_id: str) -> Load:
        """Drops a held load; its blobs go with the next sweep. Raises NoSuchLoad. Call it inside `writing`."""
        load = self.waiting(load_id)
        (self.folder / "held" / f"{load_id}.json").unlink()
        return load

    def undo(self, load_id: str) -> Load:
        """Takes a published load back whole. Call it inside `writing`.

        Raises NoSuchLoad where it is not published or undone already, and ValueError where a standing load was laid over
        it, naming that load.
        """
        load = next((item for item in self.loads() if item.id == load_id), None)
        if load is None:
            raise NoSuchLoad(f"no load {load_id} stands or stood")
        above = next((item for item in self.loads() if item.base == load_id), None)
        if above is not None:
            raise ValueError(f"load {above.id} was laid over {load_id}; undo {above.id} first")
        blobs.write_file(self.folder / "undone" / f"{load_id}.json", b"{}")
        rest = self.chain(load)
        if rest:
            self._departed_manifest(rest)
        return load

    def publish_derived(self, tables: Mapping[str, pa.Table], *, inputs: str, today: date, at: datetime) -> Derived:
        """Writes a resolved snapshot and publishes it, unless the newest one is the same. Takes the lock itself."""
        with self.writing():
            parts = {
                name: Partition(
                    blob=blobs.write_table(self.blobs, table.select(arrow_schema(TABLES[name]).names), ordered=True),
                    rows=table.num_rows,
                )
                for name, table in sorted(tables.items())
            }
            newest = self.latest_derived()
            if newest is not None and (newest.inputs, newest.today, newest.tables) == (inputs, today, parts):
                return newest
            content = msgspec.json.encode([inputs, today, parts], order="deterministic")
            number, digest = self._next("derived"), hashlib.sha256(content).hexdigest()[:12]
            made = Derived(id=f"{number:06d}-{digest}", inputs=inputs, today=today, at=at, tables=parts)
            blobs.write_file(self.folder / "derived" / f"{made.id}.json", msgspec.json.encode(made))
            return made

    # --- within ------------------------------------------------------------------------------------------------------

    def _every[S](self, folder: str, kind: type[S]) -> Iterator[S]:
        for path in sorted((self.folder / folder).glob("*.json")):
            yield msgspec.json.decode(path.read_bytes(), type=kind)

    def _next(self, folder: str) -> int:
        numbers = [int(path.stem.split("-")[0]) for path in (self.folder / folder).glob("*.json")]
        return max(numbers, default=0) + 1

    def _current(self, standing: tuple[Load, ...], table: str) -> list[Part]:
        parts = []
        for load in standing:
            if table in load.tables:
                spoken = spoken_of_all(load, standing, table=table, rows=lambda part: self.snapshot(part).rows)
                where = f"NOT ({spoken})" if spoken else ""
                newer = [self.snapshot(other.tables[table]) for other in newer_than(load, standing, table=table)]
                parts.append(_part(load, self.snapshot(load.tables[table]), shadows=newer, where=where))
        return parts

    def _departed(self, standing: tuple[Load, ...], table: str, chains: Chains) -> list[Part]:
        parts = []
        for load in standing:
            partition = self._departed_manifest(tuple(chains[load.chain])).tables.get(table)
            if partition is not None and partition.rows:
                here = [
                    self.snapshot(other.tables[table])
                    for other in standing
                    if (other.instance, other.stream) == (load.instance, load.stream) and table in other.tables
                ]
                parts.append(_part(load, self.snapshot(partition), shadows=here, own_origin=True))
            if spoken := spoken_of_all(load, standing, table=table, rows=lambda part: self.snapshot(part).rows):
                newer = [self.snapshot(other.tables[table]) for other in newer_than(load, standing, table=table)]
                parts.append(_part(load, self.snapshot(load.tables[table]), shadows=newer, where=spoken))
        return parts

    def _departed_manifest(self, chain: tuple[Load, ...]) -> Departed:
        name = hashlib.sha256("\n".join(load.id for load in chain).encode()).hexdigest()[:32]
        path = self.folder / "departed" / f"{name}.json"
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=Departed)
        if len(chain) < 2:
            return Departed(tables={})
        before = self._departed_manifest(chain[:-1])
        made = departed_of(self.blobs, before=before, older=chain[-2], newer=chain[-1])
        blobs.write_file(path, msgspec.json.encode(made))
        return made


def _part(
    load: Load, snapshot: Snapshot, *, shadows: list[Snapshot], own_origin: bool = False, where: str = ""
) -> Part:
    return Part(
        snapshot=snapshot,
        connector=load.connector,
        instance=load.instance,
        load_id="" if own_origin else load.id,
        seen_at=None if own_origin else load.loaded_at,
        shadows=tuple(shadows),
        where=where,
    )


def _sources(standing: tuple[Load, ...]) -> pa.Table:
    said = ("connector", "instance", "stream", "scope", "loaded_at", "complete", "decides")
    rows = [{"load_id": load.id, **{name: getattr(load, name) for name in said}} for load in standing]
    return pa.Table.from_pylist(rows, schema=SOURCES_SCHEMA)


def _safe(name: str) -> str:
    if not name or not all(letter.isalnum() or letter == "-" for letter in name):
        raise NoSuchLoad(f"{name!r} is not a load's id")
    return name
