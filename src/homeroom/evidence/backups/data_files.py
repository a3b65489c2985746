"""The files of a data folder that belong into a backup, pinned so that they stay while it is written.

A file of evidence never changes once it has its name; a newer one replaces it. So a second name (a hard link) of each
is enough to read, at leisure, what the folder held at one moment.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from homeroom.evidence.files.blobs import TEMPORARY_PREFIX
from homeroom.evidence.files.data_folder import (
    MARKER_FILE,
    MOVED_MARKER,
    MOVING_MARKER,
    RESTORE_MARKER,
    STAGING_FOLDER,
)
from homeroom.evidence.files.log_file import LOG_FOLDER
from homeroom.evidence.files.work_folder import WORK_FOLDER

STATUS_FILE = "backups.json"
PINNED_FOLDER, COPIED_FOLDER = "pinned", "copied"
APPENDED_FOLDER = "audit"
"""The folder with the files to which lines are appended: committed heads and checkpoints of audit trails."""
LEFT_OUT_FOLDERS = (WORK_FOLDER, LOG_FOLDER, "run", "damaged", STAGING_FOLDER)
"""Folders of the data folder that describe this machine's processes, or that nothing reads."""
LEFT_OUT_CACHES = ("row_store", "list_cache")
"""Folders of a district's evidence that are written again when a page needs them."""
AUDIT_NOTES = "heads-"
"""How files begin that note each audit entry as it is committed: they run ahead of the state that a backup holds."""
_LEFT_OUT_FILES = (STATUS_FILE, RESTORE_MARKER, MOVED_MARKER, MOVING_MARKER)
_DATABASES = ("state.sqlite3", "jobs.sqlite3")


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """A file: its path below the data folder, with slashes, and where it can be read."""

    path: str
    source: Path


def copy_appended_files(data: Path, *, work: Path) -> dict[str, Path]:
    """Copy the files of a data folder to which lines are appended, and return the copies by path.

    Copy them before the state is read: a line that is newer than the state would be about entries that it lacks.
    """
    folder = work / COPIED_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    copies: dict[str, Path] = {}
    for number, path in enumerate(list_files(data / APPENDED_FOLDER)):
        copies[path.relative_to(data).as_posix()] = target = folder / str(number)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copies


@contextmanager
def pin_files(data: Path, *, work: Path, copies: Mapping[str, Path] | None = None) -> Iterator[tuple[PinnedFile, ...]]:
    """Pin the files of a data folder below `work`, on the same file system, and yield them by path.

    Files to which lines are appended are those of `copies`.
    """
    folder = work / PINNED_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        replaced = [path for path in list_files(data) if path.relative_to(data).parts[0] != APPENDED_FOLDER]
        pinned = [_pin(data, path, folder / str(number)) for number, path in enumerate(replaced)]
        copied = [PinnedFile(path=path, source=source) for path, source in (copies or {}).items()]
        yield tuple(sorted([*pinned, *copied], key=lambda file: file.path))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(work / COPIED_FOLDER, ignore_errors=True)


def list_files(data: Path) -> list[Path]:
    """Return the files of a data folder that belong into a backup, by path."""
    paths: list[Path] = []
    for folder, folders, names in os.walk(data):
        place = Path(folder)
        folders[:] = [name for name in folders if _belongs(data, place / name)]
        paths += [place / name for name in names if _is_backed_up(place / name, at_root=place == data)]
    return sorted(paths)


def read_tokens(data: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what changes when a manifest is published, rewritten or removed: path, number, time and size of each.

    Two equal results mean that none was in between: an erasure rewrites manifests under the names that they have. Raise
    FileNotFoundError if one is removed meanwhile.
    """
    return tuple(_read_token(path) for path in list_files(data / "evidence") if path.suffix == ".json")


def _read_token(path: Path) -> tuple[str, int, int, int]:
    status = path.stat()
    return str(path), status.st_ino, status.st_mtime_ns, status.st_size


def _pin(data: Path, path: Path, target: Path) -> PinnedFile:
    try:
        target.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(path, target)
    return PinnedFile(path=path.relative_to(data).as_posix(), source=target)


def _belongs(data: Path, folder: Path) -> bool:
    parts = folder.relative_to(data).parts
    if len(parts) == 1:
        return parts[0] not in LEFT_OUT_FOLDERS
    return not (len(parts) == 3 and parts[0] == "evidence" and parts[2] in (*LEFT_OUT_CACHES, "damaged"))


def _is_backed_up(path: Path, *, at_root: bool) -> bool:
    name = path.name
    if name.startswith((TEMPORARY_PREFIX, f".{MARKER_FILE}")) or name.endswith(".lock") or name == "lock":
        return False
    if path.parent.parent.name == "audit" and name.startswith(AUDIT_NOTES):
        return False
    return not (at_root and (name.startswith(_DATABASES) or name in _LEFT_OUT_FILES))
