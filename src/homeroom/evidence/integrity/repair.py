"""Repair of damaged evidence without another source than the evidence itself, or from a backup.

Nothing is deleted that could still be read: what cannot be repaired is moved to `damaged/` in the district's folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from homeroom.evidence.events.damaged_segments import drop_damaged_segment
from homeroom.evidence.files.blobs import TEMPORARY_PREFIX, is_sound, rename_durably, write_file
from homeroom.evidence.files.manifest_records import announce_manifests, announce_removal
from homeroom.evidence.files.manifests import (
    Departed,
    Derived,
    EvidenceDamaged,
    is_sealed,
    read_manifest,
    seal_manifest,
)
from homeroom.evidence.integrity.damage import REMOVE, RESEAL, FileDamage, list_files
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.mapped_files import get_checksum_path

DAMAGED_FOLDER = "damaged"


def restore_from_backup(damages: Iterable[FileDamage], *, data: Path, backup: Path) -> list[FileDamage]:
    """Copy damaged files from a backup of the data folder if they are sound there; return the damage that remains."""
    return [damage for damage in damages if not _restore_file(damage, data=data, backup=backup)]


def repair_locally(store: EvidenceStore, damages: Iterable[FileDamage], *, data: Path) -> None:
    """Remove what is built again, seal what can be read, and set aside manifests that cannot be read.

    Call it inside `lock_for_writing`; then rows that departed are found again by the next `pin_snapshot`.
    """
    for damage in damages:
        path = data / damage.path
        if damage.remedy == RESEAL:
            _seal_file(path)
        elif path.suffix == ".parquet" and drop_damaged_segment(store, path.stem):
            continue
        elif damage.remedy == REMOVE and path.suffix == ".parquet":
            _remove_departed_manifests(store, blob=path.stem)
            _set_aside_snapshots(store, blob=path.stem)
        elif path.suffix == ".arrow":
            path.unlink(missing_ok=True)
            get_checksum_path(path).unlink(missing_ok=True)
        elif path.suffix == ".json" and path.exists():
            _set_aside(store, path)


def _restore_file(damage: FileDamage, *, data: Path, backup: Path) -> bool:
    target, source = data / damage.path, backup / damage.path
    if not source.is_file() or not _is_sound(source):
        return False
    announce_manifests({target: source.read_bytes()} if source.suffix == ".json" else {})
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f"{TEMPORARY_PREFIX}restored-{target.name}")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o600)
    rename_durably(temporary, target)
    return True


def _is_sound(path: Path) -> bool:
    """Return whether a file of a backup is what was once written; one that carries no checksum is not trusted."""
    if path.suffix == ".parquet" or len(path.name) == 64:
        return is_sound(path, path.stem)
    if path.suffix == ".json":
        try:
            return is_sealed(path.read_bytes())
        except ValueError:
            return False
    return False


def _seal_file(path: Path) -> None:
    """Write a manifest's checksum. One that is missing or cannot be read is a tombstone, whose name alone counts."""
    content = path.read_bytes() if path.exists() else b"{}"
    try:
        is_sealed(content)
        msgspec.json.decode(content, type=dict)
    except ValueError:
        content = b"{}"
    sealed = seal_manifest(content)
    announce_manifests({path: sealed})
    write_file(path, sealed)


def _remove_departed_manifests(store: EvidenceStore, *, blob: str) -> None:
    """Remove the manifests of departed rows that name a damaged blob; they are computed again from the loads."""
    for path in list_files(store.folder / "departed_rows", "*.json"):
        try:
            departed = read_manifest(path, kind=Departed)
        except EvidenceDamaged:
            continue
        if any(blob in part.blobs for part in departed.tables.values()):
            path.unlink()


def _set_aside_snapshots(store: EvidenceStore, *, blob: str) -> None:
    """Set aside the manifests of past snapshots that name a damaged blob."""
    for path in list_files(store.folder / "derived", "*.json"):
        try:
            derived = read_manifest(path, kind=Derived)
        except EvidenceDamaged:
            continue
        if any(blob in part.blobs for part in derived.tables.values()):
            _set_aside(store, path)


def _set_aside(store: EvidenceStore, path: Path) -> None:
    folder = store.folder / DAMAGED_FOLDER / path.parent.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    announce_removal(path)
    path.replace(folder / path.name)
