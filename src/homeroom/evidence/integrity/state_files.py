"""Check the files of a data folder beside the evidence: its mark, its keys, its databases and proofs.

Needs no database connection and no settings, so that it works when those are what is damaged.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from homeroom.evidence.files.data_folder import KEY_FILE, MARKER_FILE, FolderRefused, read_folder_kind
from homeroom.evidence.integrity.damage import REMOVE, RESTORE, FileDamage, describe_problem, list_files

STATE_FILE, JOBS_FILE = "state.sqlite3", "jobs.sqlite3"
LOST_STATE = "users, acceptances, findings and the audit trail are in it, and nothing but a backup has them"
LOST_JOBS = "jobs that wait are in it; it is created again, and they are queued again"
LOST_KEY = "it is created again, and everybody signs in again"
LOST_MARK = "it states whether the data is real or a demo's; nothing is opened without it"
LOST_PROOF = "a proof of an attestation; attach it again"


def is_new_folder(data: Path) -> bool:
    """Return whether a folder holds nothing yet but perhaps the key."""
    return not data.is_dir() or not {path.name for path in data.iterdir()} - {KEY_FILE}


def check_state_files(data: Path, *, deep: bool) -> tuple[FileDamage, ...]:
    """Return the damage of a data folder's own files; `deep` reads the databases and proofs from end to end."""
    return tuple(_iter_damages(data, deep=deep))


def repair_state_files(
    damages: tuple[FileDamage, ...], *, data: Path, backup: Path | None, deep: bool
) -> tuple[FileDamage, ...]:
    """Restore files from a backup, and set aside those that are created again; return the damage that remains."""
    for damage in damages:
        source, target = (backup / damage.path if backup else None), data / damage.path
        if source is not None and source.is_file() and source.stat().st_size:
            _set_aside(data, target)
            shutil.copyfile(source, target)
            target.chmod(0o600)
        elif damage.remedy == REMOVE:
            _set_aside(data, target)
    return check_state_files(data, deep=deep)


def _set_aside(data: Path, path: Path) -> None:
    """Move a damaged file to `damaged/`, with what a database has beside it."""
    folder = data / "damaged"
    folder.mkdir(mode=0o700, exist_ok=True)
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if part.exists():
            part.replace(folder / part.name)


def is_database_lost(data: Path) -> bool:
    """Return whether a folder's state database is missing or empty, though its jobs or its journal are there.

    A folder whose state is in PostgreSQL has neither.
    """
    path = data / STATE_FILE
    companions = (data / JOBS_FILE, path.with_name(f"{STATE_FILE}-wal"))
    return any(item.exists() for item in companions) and (not path.exists() or path.stat().st_size == 0)


def _iter_damages(data: Path, *, deep: bool) -> Iterator[FileDamage]:
    try:
        if not read_folder_kind(data):
            yield _build_damage(MARKER_FILE, "is missing", LOST_MARK, RESTORE)
    except FolderRefused:
        yield _build_damage(MARKER_FILE, "cannot be read", LOST_MARK, RESTORE)
    if problem := _find_key_problem(data / KEY_FILE):
        yield _build_damage(KEY_FILE, problem, LOST_KEY, REMOVE)
    if problem := check_database(data / STATE_FILE, deep=deep):
        yield _build_damage(STATE_FILE, problem, LOST_STATE, RESTORE)
    elif is_database_lost(data):
        yield _build_damage(STATE_FILE, "is missing", LOST_STATE, RESTORE)
    if problem := check_database(data / JOBS_FILE, deep=deep):
        yield _build_damage(JOBS_FILE, problem, LOST_JOBS, REMOVE)
    for path in list_files(data / "proofs", "*/*") if deep else ():
        if problem := describe_problem(path, digest=path.name):
            name = path.relative_to(data).as_posix()
            yield _build_damage(name, problem, LOST_PROOF, RESTORE)


def check_database(path: Path, *, deep: bool) -> str:
    """Return what is wrong with a SQLite database; empty text if nothing is, or if there is none."""
    if not path.exists():
        return ""
    if path.stat().st_size == 0:
        return "is empty"
    try:
        with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True, timeout=20)) as database:
            status = str(database.execute(f"PRAGMA {'integrity_check' if deep else 'quick_check'}").fetchone()[0])
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        return f"cannot be read ({error})"
    return "" if status == "ok" else f"is damaged ({status.splitlines()[0][:120]})"


def _find_key_problem(path: Path) -> str:
    try:
        return "" if path.read_text(encoding="ascii").strip() else "is empty"
    except FileNotFoundError:
        return "is missing"
    except (OSError, UnicodeDecodeError):
        return "cannot be read"


def _build_damage(path: str, problem: str, consequence: str, remedy: str) -> FileDamage:
    return FileDamage(path=path, problem=problem, subject="data folder", consequence=consequence, remedy=remedy)
