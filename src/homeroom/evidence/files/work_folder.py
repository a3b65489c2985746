"""The folder for temporary files of one process, in the data folder: no other installation touches it.

Below `tmp/` each process has a folder of its own, readable by its owner only, and beside it a lock that the system
releases when the process ends, however it ends. Whoever starts removes the folders whose lock is free.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

WORK_FOLDER = "tmp"
_LOCK_SECONDS = 30
_held_locks: list[filelock.BaseFileLock] = []


def open_work_folder(data: Path, *, on_dead: Callable[[Path], None] = lambda _folder: None) -> Path:
    """Create this process's folder, and let all of its temporary files go there. Remove those of dead processes.

    `on_dead` is called with each folder before it is removed.
    """
    parent = data / WORK_FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock_sweeping(parent):
        folder, lock = _create_locked(parent)
    _held_locks.append(lock)
    tempfile.tempdir = str(folder)
    os.environ["SQLITE_TMPDIR"] = str(folder)
    atexit.register(_remove_own_folder, folder, os.getpid())
    sweep_work_folders(parent, on_dead=on_dead)
    return folder


@contextmanager
def create_work_folder(data: Path) -> Iterator[Path]:
    """Create one more folder on the data folder's file system, which nobody sweeps before the block ends."""
    parent = data / WORK_FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock_sweeping(parent):
        folder, lock = _create_locked(parent)
    try:
        yield folder
    finally:
        _remove(folder, lock)


def sweep_work_folders(parent: Path, *, on_dead: Callable[[Path], None]) -> int:
    """Remove the folders of processes that ended without removing them, and return how many.

    They are removed while others may start: what a killed trial restore left is as large as the data.
    """
    with _lock_sweeping(parent):
        dead = list(_lock_dead_folders(parent))
    for folder, lock in dead:
        on_dead(folder)
        _remove(folder, lock)
    return len(dead)


def _lock_dead_folders(parent: Path) -> Iterator[tuple[Path, filelock.BaseFileLock]]:
    for folder in parent.iterdir():
        if not folder.is_dir():
            continue
        lock = filelock.FileLock(_get_lock_path(folder))
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            continue
        yield folder, lock


def _lock_sweeping(parent: Path) -> filelock.BaseFileLock:
    """Return the lock under which folders are created and swept: a folder without its lock is never seen."""
    return filelock.FileLock(parent / "sweep.lock", timeout=_LOCK_SECONDS)


def _create_locked(parent: Path) -> tuple[Path, filelock.BaseFileLock]:
    folder = parent / uuid.uuid4().hex
    lock = filelock.FileLock(_get_lock_path(folder))
    lock.acquire(timeout=0)
    folder.mkdir(mode=0o700)
    return folder, lock


def _remove(folder: Path, lock: filelock.BaseFileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    _get_lock_path(folder).unlink(missing_ok=True)


def _get_lock_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _remove_own_folder(folder: Path, process_id: int) -> None:
    if os.getpid() == process_id:  # a forked process inherits this call, not the folder
        shutil.rmtree(folder, ignore_errors=True)
        _get_lock_path(folder).unlink(missing_ok=True)
