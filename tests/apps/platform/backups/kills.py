"""Kill a backup, a restore or a move at random moments of its work, and look at what is left and how it goes on.

The audit trail gets entries of the kill and of the run after it, so its rows are not compared: `homeroom verify` has to
find them in order, with all that they state.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from homeroom.evidence.backups.data_files import list_files
from homeroom.evidence.erasing.ledger import list_ledgers
from tests.apps.platform.backups.keys import get_settings, read_keys, read_manifest
from tests.apps.program import run_homeroom, start_to_kill

CHANGED_TABLES = ("audit_entry", "audit_head", "django_migrations")
"""Tables with rows about the backup, restore or move itself, or with the time of a migration."""
TRIES = 5
State = Mapping[str, str]
"""A hash of each table and of each file, by name."""


def kill(*arguments: object, data: Path, when: Callable[[], bool], delay: float, **environment: str) -> bool:
    """Run the program, and kill it `delay` seconds after something is seen; return whether it was still running."""
    process = start_to_kill(*map(str, arguments), data=data, **environment)
    while process.is_running() and not when():
        time.sleep(0.002)
    time.sleep(delay)
    return process.kill() == -signal.SIGKILL


def hash_manifest(backup: Path, folder: Path) -> State:
    """Return the state that a backup has."""
    manifest = read_manifest(backup, read_keys(folder))
    tables = {table.name: table.sha256 for table in manifest.tables if table.name not in CHANGED_TABLES}
    return tables | {file.path: file.sha256 for file in manifest.files if not file.path.startswith("audit/")}


def hash_folder(data: Path) -> State:
    """Return the state of a data folder with SQLite."""
    hashes = {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in list_files(data)
        if path.relative_to(data).parts[0] != "audit"
    }
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            if name not in CHANGED_TABLES:
                rows = sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))
                hashes[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return hashes


def kill_backups(folder: Path, work: Path, *, points: int, seed: int) -> Counter[str]:
    """Kill backups of the folder's district, and make one after each; return the counts.

    A backup that ended before its moment is tried again with an earlier one.
    """
    chance, counts = random.Random(seed), Counter[str]()
    data, place = work / "data", work / "backups"
    own = get_settings(folder)
    expected = hash_manifest(folder / "disk" / "before", folder)
    for number in range(points):
        for earlier in range(TRIES):
            for path in (data, place):
                shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(folder / "before", data)
            place.mkdir()
            trigger = chance.choice((lambda: _has(data, "tmp/*/*/*"), lambda: _has(place, ".*.partial")))
            delay = chance.uniform(0, 0.25) / 4**earlier
            if kill("backup", place / "killed", data=data, when=trigger, delay=delay, **own):
                counts["killed"] += 1
                break
        if (place / "killed").exists() and hash_manifest(place / "killed", folder) != expected:
            counts["partial"] += 1
        done = run_homeroom("backup", str(place / "again"), data=data, **own)
        counts["not resumed"] += done.returncode != 0
        counts["differs"] += done.returncode == 0 and hash_manifest(place / "again", folder) != expected
        counts["left behind"] += _has(place, ".*.partial") or _has(data, "tmp/*/")
        counts["unsound"] += run_homeroom("verify", data=data).returncode != 0
        counts["points"] = number + 1
    return counts


def kill_restores(folder: Path, work: Path, *, points: int, seed: int) -> Counter[str]:
    """Kill restores of the folder's last backup, and run each again; return the counts.

    A restore that ended before its moment is tried again with an earlier one.
    """
    chance, counts = random.Random(seed), Counter[str]()
    own = get_settings(folder)
    backup, data = folder / "backups" / "after", work / "restored"
    arguments = ("restore", str(backup), "--erasures", str(list_ledgers(backup.parent)[0]))
    expected = hash_manifest(backup, folder)
    triggers = ("restoring.json", "evidence/*/*", "state.sqlite3-journal", "state.sqlite3-wal", "jobs.sqlite3-wal")
    for number in range(points):
        for earlier in range(TRIES):
            shutil.rmtree(data, ignore_errors=True)
            seen, delay = partial(_has, data, chance.choice(triggers)), chance.uniform(0, 3) / 4**earlier
            if kill(*arguments, data=data, when=seen, delay=delay, **own):
                counts["killed"] += 1
                break
        if not (data / "store.json").exists():
            refused = run_homeroom("loads", data=data)
            counts["opened"] += refused.returncode == 0 or (data / "store.json").exists()
            done = run_homeroom(*arguments, data=data, **own)
            counts["not resumed"] += done.returncode != 0
        (work / "again").unlink(missing_ok=True)
        done = run_homeroom("backup", str(work / "again"), data=data, **own)
        counts["differs"] += done.returncode != 0 or hash_manifest(work / "again", folder) != expected
        counts["left behind"] += _has(data, "restoring*")
        counts["unsound"] += run_homeroom("verify", data=data).returncode != 0
        counts["points"] = number + 1
    return counts


def kill_moves(folder: Path, work: Path, *, points: int, seed: int, create_database: Callable[[], str]) -> Counter[str]:
    """Kill moves of the folder's district to an empty database each, and run each again; return the counts."""
    chance, counts = random.Random(seed), Counter[str]()
    data, expected = work / "data", hash_manifest(folder / "disk" / "before", folder)
    old_state = hash_folder(folder / "before")
    own = get_settings(folder)
    for number in range(points):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(folder / "before", data)
        address = create_database()
        arguments = ("move", "--to", address)
        seen = partial(_has, data, chance.choice(("tmp/*/moving-*", "moving.json")))
        counts["killed"] += kill(*arguments, data=data, when=seen, delay=chance.uniform(0, 4))
        if not (data / "state-moved.json").exists():
            counts["partial"] += hash_folder(data) != old_state
            done = run_homeroom(*arguments, data=data)
            counts["not resumed"] += done.returncode != 0
        (work / "moved").unlink(missing_ok=True)
        done = run_homeroom("backup", str(work / "moved"), data=data, DATABASE_URL=address, **own)
        counts["differs"] += done.returncode != 0 or hash_manifest(work / "moved", folder) != expected
        counts["unsound"] += run_homeroom("verify", data=data, DATABASE_URL=address).returncode != 0
        counts["points"] = number + 1
    return counts


def list_problems(counts: Counter[str]) -> dict[str, int]:
    """Return what must not have been seen."""
    names: Iterable[str] = ("partial", "opened", "not resumed", "differs", "left behind", "unsound")
    return {name: counts[name] for name in names if counts[name]}


def _has(folder: Path, pattern: str) -> bool:
    return next(iter(folder.glob(pattern)), None) is not None
