"""Read every byte of a district's evidence that anything refers to, and name what is damaged.

Blobs are named by their hash, manifests end with a checksum, and files of the page cache have one beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from homeroom.evidence.event_files.catalog import Catalog, list_catalog_paths
from homeroom.evidence.event_files.event_loads import (
    ARCHIVE_PREFIX,
    EVENT_LOAD_FOLDER,
    EventLoad,
    LoadArchive,
    parse_load_number,
)
from homeroom.evidence.files.manifests import Departed, Derived, EvidenceDamaged, Load, is_sealed, read_manifest
from homeroom.evidence.integrity.damage import (
    ASSESS,
    RELOAD,
    REMOVE,
    RESEAL,
    RESOLVE,
    FileDamage,
    describe_problem,
    list_files,
)
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import ASSESSMENT_FOLDERS, LIST_FOLDERS, SNAPSHOT_FOLDERS
from homeroom.evidence.page_cache.mapped_files import get_checksum_path

NOT_CURRENT = "it was replaced by newer loads; undoing those, and assessing a past day, is not possible"
CURRENT = "its rows cannot be resolved or assessed until the file is restored"
HELD = "it cannot be approved until the file is restored"
LOST_UNDO = "it was undone, and its rows are current again until that is written down again"
LOST_LOAD = "until its files are loaded again, the rows of the load before are current"
DEPARTED = "rows that departed cannot be read; they are found again from the loads"
DERIVED = "pages and reports of the current snapshot cannot be shown; resolving again writes it"
OLD_DERIVED = "a past snapshot; nothing current depends on it"
EVENTS = "they cannot be read or judged until the file is restored, or their logs are loaded again"
LOST_CATALOG = "until it is restored, the events are those of the change before"
LOST_EVENT_LOAD = "its events stay; it cannot be undone, and its rejects are not listed"
CACHED = "a page could show wrong rows; the file is written again from the evidence"


@dataclass(frozen=True, kw_only=True)
class References:
    """What the state database refers to: published, undone and held loads, and the snapshots that pages show."""

    loads: Collection[str] = ()
    undone: Collection[str] = ()
    held: Collection[str] = ()
    derived: Collection[str] = ()


@dataclass(kw_only=True)
class _Manifests:
    """The manifests that can be read, by kind."""

    loads: list[Load] = field(default_factory=list)
    held: list[Load] = field(default_factory=list)
    departed: dict[str, Departed] = field(default_factory=dict)
    derived: list[Derived] = field(default_factory=list)
    catalogs: list[Catalog] = field(default_factory=list)
    event_loads: list[EventLoad] = field(default_factory=list)


def check_evidence(store: EvidenceStore, *, references: References) -> tuple[FileDamage, ...]:
    """Return all damage of a district's evidence. Reads every file, so it takes about a second for each gigabyte."""
    manifests = _Manifests()
    damages = [
        *_check_manifests(store, manifests),
        *find_missing_manifests(store, references),
        *_check_blobs(store, manifests, references),
        *_check_page_cache(store),
    ]
    return tuple({damage.path: damage for damage in reversed(damages)}.values())[::-1]


def _check_manifests(store: EvidenceStore, manifests: _Manifests) -> Iterator[FileDamage]:
    newest = max((path.stem for path in list_files(store.folder / "derived", "*.json")), default="")
    for path in list_files(store.folder / "loads", "*.json"):
        manifest, damage = _read(store, path, Load, subject=f"load {path.stem}", consequence=LOST_LOAD, remedy=RELOAD)
        manifests.loads += [manifest] if manifest else []
        yield from damage
    for path in list_files(store.folder / "pending", "*.json"):
        manifest, damage = _read(store, path, Load, subject=f"load {path.stem}", consequence=HELD, remedy=RELOAD)
        manifests.held += [manifest] if manifest else []
        yield from damage
    for path in list_files(store.folder / "departed_rows", "*.json"):
        departed, damage = _read(store, path, Departed, subject="departed rows", consequence=DEPARTED, remedy=REMOVE)
        manifests.departed |= {path.stem: departed} if departed else {}
        yield from damage
    for path in list_files(store.folder / "derived", "*.json"):
        is_newest = path.stem == newest
        derived, damage = _read(
            store,
            path,
            Derived,
            subject=f"snapshot {path.stem}",
            consequence=DERIVED if is_newest else OLD_DERIVED,
            remedy=RESOLVE if is_newest else REMOVE,
        )
        manifests.derived += [derived] if derived else []
        yield from damage
    yield from _check_event_manifests(store, manifests)
    for path in list_files(store.folder / "undone", "*.json"):
        _, damage = _read(
            store, path, dict, subject=f"load {path.stem}", consequence="it is still undone", remedy=RESEAL
        )
        yield from damage


def _check_event_manifests(store: EvidenceStore, manifests: _Manifests) -> Iterator[FileDamage]:
    for path in list_catalog_paths(store.folder):
        catalog, damage = _read(
            store, path, Catalog, subject="catalog of events", consequence=LOST_CATALOG, remedy=RELOAD
        )
        manifests.catalogs += [catalog] if catalog else []
        yield from damage
    for path in list_files(store.folder / EVENT_LOAD_FOLDER, "*.json"):
        subject = f"load {path.stem}"
        if path.stem.startswith(ARCHIVE_PREFIX):
            archive, damage = _read(
                store, path, LoadArchive, subject=subject, consequence=LOST_EVENT_LOAD, remedy=REMOVE
            )
            manifests.event_loads += archive.loads if archive else ()
        else:
            load, damage = _read(store, path, EventLoad, subject=subject, consequence=LOST_EVENT_LOAD, remedy=REMOVE)
            manifests.event_loads += [load] if load else []
        yield from damage


def _read[S](
    store: EvidenceStore, path: Path, kind: type[S], *, subject: str, consequence: str, remedy: str
) -> tuple[S | None, list[FileDamage]]:
    """Return a manifest if it can be read, and its damage."""
    name = _describe_path(store, path)
    try:
        manifest = read_manifest(path, kind=kind)
        if is_sealed(path.read_bytes()):
            return manifest, []
    except EvidenceDamaged as error:
        damage = FileDamage(path=name, problem=error.problem, subject=subject, consequence=consequence, remedy=remedy)
        return None, [damage]
    unsealed = "its content can be read"
    return manifest, [
        FileDamage(path=name, problem="has no checksum", subject=subject, consequence=unsealed, remedy=RESEAL)
    ]


def find_missing_manifests(store: EvidenceStore, references: References) -> Iterator[FileDamage]:
    """Yield the manifests that the database refers to and that are not there; no file is read."""
    groups = (
        ("loads", [name for name in references.loads if not parse_load_number(name)], "load", LOST_LOAD, RELOAD),
        ("undone", _list_stored(store, references.undone), "load", LOST_UNDO, RESEAL),
        ("pending", references.held, "load", HELD, RELOAD),
        ("derived", references.derived, "snapshot", DERIVED, RESOLVE),
    )
    for folder, names, kind, consequence, remedy in groups:
        for name in sorted(names):
            path = store.folder / folder / f"{name}.json"
            if not path.exists():
                yield FileDamage(
                    path=_describe_path(store, path),
                    problem="is missing",
                    subject=f"{kind} {name}",
                    consequence=consequence,
                    remedy=remedy,
                )


def _list_stored(store: EvidenceStore, loads: Collection[str]) -> list[str]:
    """Return those of the loads whose manifest is there: no other could be current again."""
    return [name for name in loads if (store.folder / "loads" / f"{name}.json").exists()]


def _check_blobs(store: EvidenceStore, manifests: _Manifests, references: References) -> Iterator[FileDamage]:
    checked: dict[str, str] = {}
    for load, consequence in _list_loads_by_importance(store, manifests):
        kind = "held load" if load.id.startswith("held-") else "load"
        subject = f"{kind} {load.id} of {load.instance} ({load.stream}, {load.loaded_at:%Y-%m-%d})"
        files = tuple(file.name for file in load.files)
        yield from _check_each(store, load.blobs, checked, subject, consequence, RELOAD, originals=files)
    for departed in manifests.departed.values():
        names = [name for part in departed.tables.values() for name in part.blobs]
        yield from _check_each(store, names, checked, "departed rows", DEPARTED, REMOVE)
    yield from _check_event_blobs(store, manifests, checked)
    newest = max((derived.id for derived in manifests.derived), default="")
    for derived in sorted(manifests.derived, key=lambda item: item.id, reverse=True):
        is_current = derived.id == newest or derived.id in references.derived
        names = [name for part in derived.tables.values() for name in part.blobs]
        consequence, remedy = (DERIVED, RESOLVE) if is_current else (OLD_DERIVED, REMOVE)
        yield from _check_each(store, names, checked, f"snapshot {derived.id}", consequence, remedy)


def _check_event_blobs(store: EvidenceStore, manifests: _Manifests, checked: dict[str, str]) -> Iterator[FileDamage]:
    for catalog in manifests.catalogs[-1:]:
        for table, days in catalog.tables.items():
            for day, segments in days.items():
                subject = f"{table.replace('_', ' ')} of {day}"
                names = [segment.blob for segment in segments]
                yield from _check_each(store, names, checked, subject, EVENTS, RELOAD)
    for load in manifests.event_loads:
        yield from _check_each(store, load.blobs, checked, f"load {load.id}", LOST_EVENT_LOAD, RELOAD)


def _list_loads_by_importance(store: EvidenceStore, manifests: _Manifests) -> Iterator[tuple[Load, str]]:
    undone = store.list_undone_ids()
    current = {load.chain: load.id for load in manifests.loads if load.id not in undone}
    for load in manifests.loads:
        if current.get(load.chain) == load.id:
            yield load, CURRENT
    for load in manifests.held:
        yield load, HELD
    for load in manifests.loads:
        if current.get(load.chain) != load.id:
            yield load, NOT_CURRENT


def _check_each(
    store: EvidenceStore,
    names: Collection[str],
    checked: dict[str, str],
    subject: str,
    consequence: str,
    remedy: str,
    *,
    originals: tuple[str, ...] = (),
) -> Iterator[FileDamage]:
    """Yield the damage of blobs that no other subject, which comes before, refers to as well."""
    for name in names:
        if name in checked:
            continue
        path = store.get_blob_path(name)
        checked[name] = describe_problem(path, digest=name)
        if checked[name]:
            yield FileDamage(
                path=_describe_path(store, path),
                problem=checked[name],
                subject=subject,
                consequence=consequence,
                remedy=remedy,
                originals=originals,
            )


def _check_page_cache(store: EvidenceStore) -> Iterator[FileDamage]:
    remedies: Mapping[str, str] = {SNAPSHOT_FOLDERS: REMOVE, LIST_FOLDERS: REMOVE, ASSESSMENT_FOLDERS: ASSESS}
    for folder, remedy in remedies.items():
        for path in list_files(store.folder / folder, "*/*.arrow"):
            problem = _find_cache_problem(path)
            if problem:
                subject = f"page cache of {path.parent.name}"
                yield FileDamage(
                    path=_describe_path(store, path),
                    problem=problem,
                    subject=subject,
                    consequence=CACHED,
                    remedy=remedy,
                )


def _find_cache_problem(path: Path) -> str:
    try:
        digest = get_checksum_path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return "has no checksum"
    return describe_problem(path, digest=digest)


def _describe_path(store: EvidenceStore, path: Path) -> str:
    return path.relative_to(store.folder.parent.parent).as_posix()
