"""Disturbed while it writes, the program ends in the same rows after a rerun, and nothing half-done is seen.

It is killed, alone or with the power; it has no room on its disk; or it runs twice at a time.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from bench.kill_points import choose_seed, kill_runs
from bench.support import erasure_district
from bench.support.killed_operations import PREPARATIONS, Day, PreparedRuns
from bench.support.killed_runs import UndisturbedRun, examine_and_rerun, kill_and_rerun
from tests.amounts import THOROUGH, choose_amount
from tests.apps.program import start_program
from tests.data_folders import prepare_data_folder
from tests.prepared_erasure import prepare_erasure_district

POINTS, SEED = choose_amount(brief=(1, 3), thorough=(24, 0))
"""How many runs of each operation are killed, and the seed of the points; 0 draws new ones."""

POWER_POINTS, ROOMS = choose_amount(brief=(0, 1), thorough=(8, 8))
"""How often the power fails at a random write of each operation, and how many sizes of a full disk are tried."""
POWER_WRITES = {"load": ("INSERT INTO audit_manifestrecord", 2)}
"""Where the power fails in each test, by operation: after the first manifest was written, before it is settled."""
READ_ONLY_PARTS = choose_amount(brief=("state.sqlite3",), thorough=("", "evidence", "state.sqlite3"))
PR_CAPBSET_DROP = 24
WRITING_VERBS = ("load", "resolve", "assess")


def choose_operations(operations: Iterable[str], *, always: str) -> list[ParameterSet]:
    """Return the operations of a test: `./run test` tries that which is always tried, a thorough run all of them."""
    return [pytest.param(name, marks=() if name == always else pytest.mark.thorough) for name in operations]


Record = Callable[[str, object], None]

pytestmark = [pytest.mark.scale, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")]


def write_second_day_again(folder: Path) -> None:
    """Write exports in which those who were gone on the third day are back."""
    _, second, _ = erasure_district.write_days(folder.with_name("days"))
    second.rename(folder)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRuns:
    """In brief, a fourth day of a small district that other tests prepare as well; else two days of a sample."""
    folder = tmp_path_factory.mktemp("kill-points")
    if THOROUGH:
        return PreparedRuns(folder, start=prepare_data_folder(folder / "initialized"))
    day = Day(today="2026-11-23", write=write_second_day_again)
    return PreparedRuns(folder, start=prepare_erasure_district(), days=(day,))


@pytest.mark.fault(area="{operation}", fault="killed at a random write")
@pytest.mark.parametrize("operation", PREPARATIONS)
def test_a_killed_run_leaves_nothing_half_done_and_a_rerun_ends_as_if_undisturbed(
    operation: str, prepared: PreparedRuns, tmp_path: Path, record_property: Record
) -> None:
    seed = choose_seed(SEED)
    runs = list(kill_runs(prepared.list_runs(operation), tmp_path / "struck", POINTS, random.Random(seed)))
    killed = [run for run in runs if run.was_killed]
    for name, value in (("tried", len(killed)), ("lost", sum(bool(run.problems) for run in runs)), ("seed", seed)):
        record_property(name, value)
    assert len(runs) == POINTS
    assert len(killed) > POINTS * 0.8
    assert [run for run in runs if run.problems] == []


@pytest.mark.fault(area="{operation}", fault="the power fails at a random write: files lose what was not synced")
@pytest.mark.parametrize("operation", choose_operations(PREPARATIONS, always="load"))
def test_a_run_that_ends_with_the_power_is_ended_by_the_next(
    operation: str, prepared: PreparedRuns, tmp_path: Path, record_property: Record
) -> None:
    seed = choose_seed(SEED)
    chance, prepared_runs = random.Random(seed), prepared.list_runs(operation)
    runs = list(kill_runs(prepared_runs, tmp_path / "struck", POWER_POINTS, chance, has_power_loss=True))
    if operation in POWER_WRITES:
        blow = {"has_power_loss": True, "at_write": POWER_WRITES[operation]}
        runs.append(kill_and_rerun(prepared_runs[-1], tmp_path / "struck", chance, **blow))
    failed = [run for run in runs if run.was_killed]
    for name, value in (("tried", len(failed)), ("lost", sum(bool(run.problems) for run in runs)), ("seed", seed)):
        record_property(name, value)
    assert failed == runs != []
    assert [run for run in runs if run.problems] == []


def drop_rights_of_root() -> None:
    """Let modes of files hold for root as well: without the capabilities that override and read past them."""
    import ctypes  # Linux's prctl

    for capability in (1, 2):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def run_without_rights(run: UndisturbedRun, data: Path, part: str) -> subprocess.CompletedProcess[str]:
    """Run the operation while a part of the data folder is read-only."""
    root = data / part
    paths = [root, *root.rglob("*")]
    modes = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        return subprocess.run(
            [sys.executable, "-m", "homeroom", *run.operation.arguments],
            env={**os.environ, "HOMEROOM_DATA": str(data)},
            preexec_fn=drop_rights_of_root,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    finally:
        for path, mode in zip(paths, modes, strict=True):
            if path.exists():
                path.chmod(mode)
        for path in data.glob("*.sqlite3-*"):  # SQLite gives them the mode of the database
            path.chmod(0o600)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="root's rights are dropped as on Linux")
@pytest.mark.fault(area="{operation}", fault="the folder, its evidence or its database is read-only")
@pytest.mark.parametrize("operation", choose_operations(("resolve", "assess"), always="assess"))
def test_a_run_that_may_not_write_names_the_file_and_the_next_run_ends_it(
    operation: str, prepared: PreparedRuns, tmp_path: Path, record_property: Record
) -> None:
    run, problems = prepared.list_runs(operation)[-1], []
    for part in READ_ONLY_PARTS:
        data = Path(shutil.copytree(run.operation.before, tmp_path / f"read-only-{part}"))
        done = run_without_rights(run, data, part)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert str(data / part) in done.stderr
        assert "written by this user" in done.stderr
        problems += [examine_and_rerun(run, data)]
    record_property("tried", len(READ_ONLY_PARTS))
    record_property("lost", sum(map(bool, problems)))
    assert problems == [{}] * len(READ_ONLY_PARTS)


def run_with_room(run: UndisturbedRun, data: Path, size: int) -> subprocess.CompletedProcess[str]:
    """Run the operation while no file can become larger than this, as on a disk that is full."""
    import resource  # POSIX's

    return subprocess.run(
        [sys.executable, "-m", "homeroom", *run.operation.arguments],
        env={**os.environ, "HOMEROOM_DATA": str(data)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.fault(area="{operation}", fault="no room on the disk: a file cannot grow")
@pytest.mark.parametrize("operation", choose_operations(WRITING_VERBS, always="assess"))
def test_a_run_without_room_says_so_and_the_next_run_ends_it(
    operation: str, prepared: PreparedRuns, tmp_path: Path, record_property: Record
) -> None:
    run, chance, problems = prepared.list_runs(operation)[-1], random.Random(SEED or None), []
    smallest, largest = 2_000, (run.operation.before / "state.sqlite3").stat().st_size
    for number in range(ROOMS):
        data = Path(shutil.copytree(run.operation.before, tmp_path / f"full-{number}"))
        done = run_with_room(run, data, round(smallest * (largest / smallest) ** chance.random()))
        assert "Traceback" not in done.stderr
        problems += [examine_and_rerun(run, data)]
    record_property("tried", ROOMS)
    record_property("lost", sum(map(bool, problems)))
    assert problems == [{}] * ROOMS


@pytest.mark.fault(area="{operation}", fault="two commands at once")
@pytest.mark.parametrize("operation", choose_operations(WRITING_VERBS, always="load"))
def test_two_commands_at_once_leave_what_they_leave_after_each_other(
    operation: str, prepared: PreparedRuns, tmp_path: Path
) -> None:
    run = prepared.list_runs(operation)[-1]
    data = Path(shutil.copytree(run.operation.before, tmp_path / "data"))
    children = [start_program(*run.operation.arguments, data=data) for _ in range(2)]
    for child in children:
        _, errors = child.communicate()
        assert child.returncode in (0, 1, 2), errors
        assert "Traceback" not in errors
    assert {0, 1} & {child.returncode for child in children}
    assert examine_and_rerun(run, data) == {}
