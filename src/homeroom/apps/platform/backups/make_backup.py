"""Make a backup: state, evidence, keys and attached files as of one moment, in one encrypted file."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connections
from filelock import FileLock, Timeout

from homeroom import __version__
from homeroom.apps.platform.backups.held_trails import TrailsBusy, hold_trails
from homeroom.apps.platform.backups.state_readers import StateSnapshot, open_state
from homeroom.apps.platform.backups.state_tables import list_applied_migrations, list_tables
from homeroom.apps.platform.backups.table_dump import dump_table
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.age_stream import BackupLock, check_lock, write_encrypted
from homeroom.evidence.backups.archive import ArchiveMember, build_member, iter_file_chunks, pack_members
from homeroom.evidence.backups.backup_folder import (
    choose_free_path,
    identify_installation,
    name_partial,
    remove_partials,
)
from homeroom.evidence.backups.data_files import PinnedFile, copy_appended_files, pin_files, read_tokens
from homeroom.evidence.backups.manifest import (
    DESCRIPTION_NAME,
    FILES_FOLDER,
    FORMAT,
    MANIFEST_NAME,
    BackupDescription,
    BackupManifest,
    BackupRefused,
    StoredFile,
    StoredTable,
)
from homeroom.evidence.erasing.register import REGISTER_FOLDER
from homeroom.evidence.files.blobs import open_owner_only, rename_durably
from homeroom.evidence.files.data_folder import read_folder_kind
from homeroom.evidence.files.work_folder import create_work_folder

LOCK_FILE = "backup.lock"
TRIES, PAUSE_SECONDS = 20, 0.5


@dataclass(frozen=True, kw_only=True)
class MadeBackup:
    """A backup that was written: its path, its size, and its manifest."""

    path: Path
    bytes: int
    manifest: BackupManifest


def write_backup(
    destination: Path, *, lock: BackupLock, at: datetime, progress: Progress = ignore_progress
) -> MadeBackup:
    """Write a backup to a new file, or into a folder under a name with the time.

    The file has its name only when it is complete and on disk; what killed backups left in the folder is removed. Raise
    BackupRefused if nothing locks it, if the place is in the data folder or taken, if evidence never keeps still, or
    while another backup is written.
    """
    check_lock(lock)
    data = Path(settings.DATA)
    path = _choose_path(destination, data, at)
    installation = identify_installation(data)
    partial = name_partial(path, installation=installation)
    try:
        with FileLock(data / LOCK_FILE, timeout=0):
            remove_partials(path.parent, installation=installation)
            archive = _write_partial(partial, data, lock=lock, at=at, installation=installation, progress=progress)
            rename_durably(partial, path)
    except Timeout:
        raise BackupRefused("another backup is being written; wait until that has ended") from None
    return MadeBackup(path=path, bytes=path.stat().st_size, manifest=archive.manifest)


def _write_partial(
    partial: Path, data: Path, *, lock: BackupLock, at: datetime, installation: str, progress: Progress
) -> _Archive:
    try:
        with _take_snapshot(data) as (state, files), open(partial, "xb", opener=open_owner_only) as handle:
            archive = _Archive(state, files, description=_describe(data, at), progress=progress)
            members = pack_members(archive.iter_members())
            write_encrypted(handle, members, lock=lock, made_at=at, installation=installation)
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return archive


class _Archive:
    """The members of one backup; the manifest is known when all of them were read."""

    def __init__(
        self, state: StateSnapshot, files: Sequence[PinnedFile], *, description: BackupDescription, progress: Progress
    ) -> None:
        self._state, self._files, self._description, self._progress = state, files, description, progress
        self._tables: list[StoredTable] = []
        self._stored: list[StoredFile] = []

    @property
    def manifest(self) -> BackupManifest:
        """Counts and hashes of what was read."""
        return BackupManifest(
            description=self._description,
            tables=tuple(self._tables),
            files=tuple(self._stored),
            damaged=tuple(file.path for file in self._stored if _is_damaged(file)),
            erasures=_count_erasures(self._stored),
        )

    def iter_members(self) -> Iterator[ArchiveMember]:
        """Yield all members in their order."""
        yield build_member(DESCRIPTION_NAME, msgspec.json.encode(self._description))
        tables = list_tables()
        for number, table in enumerate(tables):
            self._progress("Backing up tables", number, len(tables))
            yield from dump_table(self._state, table, record=self._tables.append)
        self._state.close()  # so that the database can reuse what the transaction held, while files are read
        for number, file in enumerate(self._files):
            self._progress("Backing up files", number, len(self._files))
            size = file.source.stat().st_size
            yield ArchiveMember(name=f"{FILES_FOLDER}/{file.path}", size=size, chunks=self._read(file, size))
        yield build_member(MANIFEST_NAME, msgspec.json.encode(self.manifest))

    def _read(self, file: PinnedFile, size: int) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in iter_file_chunks(file.source, size=size):
            digest.update(chunk)
            yield chunk
        self._stored.append(StoredFile(path=file.path, size=size, sha256=digest.hexdigest()))


@contextmanager
def _take_snapshot(data: Path) -> Iterator[tuple[StateSnapshot, tuple[PinnedFile, ...]]]:
    """Begin to read the state and pin all files, at a moment between two publications of evidence."""
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE_SECONDS)
        with ExitStack() as stack:
            work = stack.enter_context(create_work_folder(data))  # locked: another process sweeps those that are not
            try:
                before = read_tokens(data)
                with hold_trails():  # signing writes a checkpoint and its entry: a backup has both or none
                    copies = copy_appended_files(data, work=work)
                    state = stack.enter_context(open_state())
                files = stack.enter_context(pin_files(data, work=work, copies=copies))
                is_unchanged = read_tokens(data) == before
            except (FileNotFoundError, TrailsBusy):  # something was replaced, removed or signed meanwhile
                continue
            if is_unchanged:
                yield state, files
                return
    raise BackupRefused("evidence was published all the time while the backup began; run it again")


def _describe(data: Path, at: datetime) -> BackupDescription:
    return BackupDescription(
        format=FORMAT,
        made_at=at,
        version=__version__,
        kind=read_folder_kind(data),
        database=connections["default"].vendor,
        migrations=list_applied_migrations(),
    )


def _choose_path(destination: Path, data: Path, at: datetime) -> Path:
    path = destination.expanduser().resolve()
    path = choose_free_path(path, at) if path.is_dir() else path
    if path.is_relative_to(data.resolve()):
        raise BackupRefused(f"{path} is in the data folder that it would be a backup of; another disk would fit")
    if path.exists():
        raise BackupRefused(f"{path} exists already; a new name, or a folder, would fit")
    if not path.parent.is_dir():
        raise BackupRefused(f"there is no folder {path.parent}")
    return path


def _is_damaged(file: StoredFile) -> bool:
    """Return whether a file that is named by its hash has another one."""
    path = Path(file.path)
    return path.parent.name == "blobs" and path.suffix == ".parquet" and path.stem != file.sha256


def _count_erasures(files: Sequence[StoredFile]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for file in files:
        parts = Path(file.path).parts
        if len(parts) == 4 and parts[0] == "evidence" and parts[2] == REGISTER_FOLDER:
            counts[parts[1]] = counts.get(parts[1], 0) + 1
    return counts
