"""Read a backup into an empty data folder: files at their places, rows of tables beside them until they are loaded.

The folder has a marker from the first byte on, and no `store.json` until the end: no command opens it half restored. A
restore that was interrupted begins again and removes what the one before had written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.age_stream import BackupKeys, open_decrypted
from homeroom.evidence.backups.archive import CHUNK_BYTES, iter_members
from homeroom.evidence.backups.manifest import (
    DESCRIPTION_NAME,
    FILES_FOLDER,
    FORMAT,
    MANIFEST_NAME,
    TABLES_FOLDER,
    BackupDescription,
    BackupManifest,
    BackupRefused,
    StoredFile,
)
from homeroom.evidence.files.blobs import open_owner_only, rename_durably, write_file
from homeroom.evidence.files.data_folder import (
    KEY_FILE,
    MARKER_FILE,
    RESTORE_MARKER,
    STAGING_FOLDER,
    remove_restore_files,
)


@dataclass(frozen=True, kw_only=True)
class StagedBackup:
    """A backup whose files are at their places in `folder`, and whose rows wait in it."""

    folder: Path
    manifest: BackupManifest
    checked_databases: str = ""
    """The databases that an earlier restore, interrupted since, met empty: what is in them is that restore's."""

    @property
    def description(self) -> BackupDescription:
        """Description of the backup: version, time, migrations."""
        return self.manifest.description

    def list_parts(self, table: str) -> list[Path]:
        """Return the files with the rows of a table, in their order."""
        return list_parts(self.folder / STAGING_FOLDER, table)


def list_parts(folder: Path, table: str) -> list[Path]:
    """Return the files with the rows of a table below a folder, in their order."""
    return sorted((folder / TABLES_FOLDER / table).glob("*.jsonl.zst"))


def stage_backup(path: Path, *, folder: Path, keys: BackupKeys, progress: Progress = ignore_progress) -> StagedBackup:
    """Read a backup into an empty folder, and compare every file with the manifest.

    Raise BackupRefused if the folder is not empty, or if the backup cannot be read to its end or is not as its manifest
    lists it.
    """
    with open_decrypted(path, keys=keys) as (header, stream):
        members = iter_members(stream)
        description = _read_description(members)
        if description.made_at != header.made_at:
            raise BackupRefused(f"the line in clear of {path.name} was changed since it was written")
        checked_databases = _read_marker(folder).databases
        _clear_folder(folder)
        mark_databases_checked(folder, checked_databases)
        stored, manifest = _write_members(members, folder, description=description, progress=progress)
    if manifest is None or manifest.description != description:
        raise BackupRefused(f"{path.name} has no manifest of its own; another backup would fit")
    _compare(stored, manifest)
    if os.name == "posix":
        os.sync()
    return StagedBackup(folder=folder, manifest=manifest, checked_databases=checked_databases)


def mark_databases_checked(folder: Path, databases: str) -> None:
    """Write down which databases were empty when the restore began, so that what they get is the restore's."""
    write_file(folder / RESTORE_MARKER, msgspec.json.encode(_Marker(databases=databases)))


def publish_folder(folder: Path) -> None:
    """Let commands open a restored folder: write the mark of the folder, and remove what the restore needed.

    Whoever opens the folder removes what an interrupted one left.
    """
    rename_durably(folder / STAGING_FOLDER / MARKER_FILE, folder / MARKER_FILE)
    remove_restore_files(folder)


class _Marker(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the marker of a folder that is being restored: which databases were empty, as a hash."""

    databases: str = ""


def _read_marker(folder: Path) -> _Marker:
    try:
        return msgspec.json.decode((folder / RESTORE_MARKER).read_bytes(), type=_Marker)
    except (OSError, msgspec.DecodeError):
        return _Marker()


def _read_description(members: Iterator[tuple[str, IO[bytes]]]) -> BackupDescription:
    name, content = next(members, ("", None))
    if name != DESCRIPTION_NAME or content is None:
        raise BackupRefused("the backup does not begin with its description")
    try:
        description = msgspec.json.decode(content.read(), type=BackupDescription)
    except msgspec.DecodeError as error:
        raise BackupRefused(f"the description of the backup cannot be read ({error})") from None
    if description.format > FORMAT:
        raise BackupRefused(f"the backup is of format {description.format}; a newer Homeroom reads it")
    return description


def _clear_folder(folder: Path) -> None:
    """Remove what an interrupted restore left. Raise BackupRefused if the folder holds anything else."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    names = {path.name for path in folder.iterdir()}
    if MARKER_FILE in names or (RESTORE_MARKER not in names and names - {KEY_FILE}):
        raise BackupRefused(f"{folder} is not empty; an empty folder would fit: --data FOLDER")
    for name in names:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        elif name != RESTORE_MARKER:
            path.unlink()


def _write_members(
    members: Iterator[tuple[str, IO[bytes]]], folder: Path, *, description: BackupDescription, progress: Progress
) -> tuple[dict[str, StoredFile], BackupManifest | None]:
    stored: dict[str, StoredFile] = {}
    manifest = None
    for number, (name, content) in enumerate(members):
        progress("Reading the backup", number, 0)
        top, _, rest = name.partition("/")
        if name == MANIFEST_NAME:
            manifest = msgspec.json.decode(content.read(), type=BackupManifest)
        elif top == TABLES_FOLDER and rest:
            _write(content, folder / STAGING_FOLDER / name)
        elif top == FILES_FOLDER and rest:
            target = folder / STAGING_FOLDER / rest if rest == MARKER_FILE else folder / rest
            size, digest = _write(content, target)
            stored[rest] = StoredFile(path=rest, size=size, sha256=digest)
        else:
            raise BackupRefused(f"the backup has a member that none of format {description.format} has: {name!r}")
    return stored, manifest


def _write(content: IO[bytes], target: Path) -> tuple[int, str]:
    """Write a file for its owner only, and return its size and SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with open(target, "wb", opener=open_owner_only) as handle:
        while chunk := content.read(CHUNK_BYTES):
            handle.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _compare(stored: dict[str, StoredFile], manifest: BackupManifest) -> None:
    expected = {file.path: file for file in manifest.files}
    if MARKER_FILE not in expected:
        raise BackupRefused(f"the backup has no {MARKER_FILE}; it is not one of a data folder")
    for path in sorted(expected.keys() | stored.keys()):
        if expected.get(path) != stored.get(path):
            raise BackupRefused(f"the file {path} of the backup is not what its manifest says")
