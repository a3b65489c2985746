"""The operations that are killed at random points, each prepared in folders of its own.

A preparation runs the operation undisturbed; the last of several runs is the one with most kinds of writes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.support.audit_state import read_audit_state
from bench.support.data_folder_state import list_blobs, read_full_state
from bench.support.killed_runs import DONE_CODES, Operation, UndisturbedRun, run_undisturbed
from bench.support.migrated_state import read_migrated_state, unpack_recorded_folder
from bench.support.program import require_exit_code, run_homeroom

STUDENTS = 500
OLD_VERSIONS = ("before-users",)
"""Recorded data folders that are migrated."""
VERBS = ("load", "resolve", "assess")


@dataclass(frozen=True, kw_only=True)
class Day:
    """The exports of a day, which `write` writes into a new folder."""

    today: str
    write: Callable[[Path], object]


def _invent_exports(folder: Path, *, seed: int, today: str) -> None:
    size = ("--students", str(STUDENTS), "--seed", str(seed), "--today", today)
    require_exit_code(run_homeroom("sample", str(folder), *size, data=folder.with_name("unused")))


SAMPLE_DAYS = tuple(
    Day(today=today, write=partial(_invent_exports, seed=seed, today=today))
    for seed, today in ((3, "2026-03-03"), (4, "2026-03-04"))
)
"""Two days of an invented district. On the second day most rows change and findings close."""


def read_loaded_state(data: Path) -> dict[str, Any]:
    """Return the state without the rows that departed: whoever reads them first finds them again."""
    state = read_full_state(data)
    manifests = list((data / "evidence").glob("*/departed_rows/*.json"))
    names = {path.name for path in manifests} | {f"{name}.parquet" for path in manifests for name in list_blobs(path)}
    state["files"] = {path: digest for path, digest in state["files"].items() if path.rpartition("/")[2] not in names}
    return state


def read_resolved_state(data: Path) -> dict[str, Any]:
    """Return the state without files that a killed writer began: nobody reads them, and the next load removes them."""
    state = read_full_state(data)
    files = state["files"].items()
    state["files"] = {path: digest for path, digest in files if not path.rpartition("/")[2].startswith(".writing-")}
    return state


STATE_READERS = {"load": read_loaded_state, "resolve": read_resolved_state, "assess": read_resolved_state}
"""What of the state has to be equal after each verb."""


class PreparedRuns:
    """Undisturbed runs by operation, prepared when they are first asked for, in one folder."""

    def __init__(self, folder: Path, *, start: Path | None = None, days: Sequence[Day] = SAMPLE_DAYS) -> None:
        """Prepare in `folder` for these days, from a copy of the data folder `start`, or from a new one."""
        self.folder, self.days = folder, days
        self._start = start
        self._chained: dict[str, list[UndisturbedRun]] = {}

    @property
    def start(self) -> Path:
        """The data folder before the first day, with a district."""
        path = self.folder / "start"
        if not path.exists():
            if self._start is not None:
                shutil.copytree(self._start, path)
            require_exit_code(run_homeroom("loads", data=path))
        return path

    def list_runs(self, operation: str) -> list[UndisturbedRun]:
        """Return the undisturbed runs of an operation of `PREPARATIONS`."""
        return PREPARATIONS[operation](self, operation)

    def list_runs_of_days(self, operation: str) -> list[UndisturbedRun]:
        """Return the runs of load, resolve or assess, one a day, each upon the one before."""
        if not self._chained:
            self._chained = self._run_days()
        return self._chained[operation]

    def _run_days(self) -> dict[str, list[UndisturbedRun]]:
        before, runs = self.start, {verb: list[UndisturbedRun]() for verb in VERBS}
        for number, day in enumerate(self.days, start=1):
            exports = self.folder / f"exports-{number}"
            day.write(exports)
            for verb in VERBS:
                paths = (str(exports), "--approve") if verb == "load" else ()
                arguments = (verb, *paths, "--today", day.today, "--json")
                after = self.folder / f"{verb}-{number}"
                operation = Operation(name=verb, before=before, arguments=arguments, read_state=STATE_READERS[verb])
                runs[verb].append(run_undisturbed(operation, after))
                before = after
        return runs


def _list_audit_runs(prepared: PreparedRuns, operation: str) -> list[UndisturbedRun]:
    """Return a signing of a trail, and a change whose entry may be the first of its trail, with new keys."""
    change = ("permissions", "grant", "consoles.connect", "technician", "--json")
    signed = prepared.folder / "to-sign"
    shutil.copytree(prepared.start, signed)
    require_exit_code(run_homeroom(*change, data=signed), codes=DONE_CODES)
    operations = [
        Operation(name=operation, before=before, arguments=arguments, read_state=read_audit_state)
        for before, arguments in ((signed, ("audit", "sign", "--json")), (prepared.start, change))
    ]
    return [run_undisturbed(item, prepared.folder / f"{operation}-{number}") for number, item in enumerate(operations)]


def _list_migration_runs(prepared: PreparedRuns, operation: str) -> list[UndisturbedRun]:
    """Return the first command over a new folder, and the first of this version over folders of older versions."""
    new = prepared.folder / "new"
    new.mkdir()
    folders = [new, *(unpack_recorded_folder(name, prepared.folder / name) for name in OLD_VERSIONS)]
    operations = [
        Operation(
            name=operation,
            before=folder,
            arguments=("loads", "--district", "district", "--json"),
            read_state=read_migrated_state,
            hash_visible=_hash_nothing,
            verify=("verify", "--no-evidence", "--json"),
            has_files=False,
        )
        for folder in folders
    ]
    return [run_undisturbed(item, prepared.folder / f"{operation}-{number}") for number, item in enumerate(operations)]


def _hash_nothing(data: Path) -> dict[str, str]:
    """Return no area: each process migrates before it reads anything, so that no reader is between."""
    return {}


PREPARATIONS: Mapping[str, Callable[[PreparedRuns, str], list[UndisturbedRun]]] = {
    **dict.fromkeys(VERBS, PreparedRuns.list_runs_of_days),
    "audit": _list_audit_runs,
    "migration": _list_migration_runs,
}
