"""`kill -9` at random points inside load, resolve and assess: after a rerun every row is as in an undisturbed run."""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.support.data_folder_state import find_half_written, hash_visible_rows, is_interrupted, read_full_state
from bench.support.goals import Goal, require_exactly
from bench.support.program import BenchmarkError, ProcessCost, require_exit_code, run_command, run_homeroom

POINTS = 50
STUDENTS = 500
DAYS = ((3, "2026-03-03"), (4, "2026-03-04"))  # seed, today: on the second day most rows change and findings close
MICROSECONDS = (1.0, 4.5)  # powers of ten between which a blow is delayed: 10 µs to 30 ms
GOALS = {
    "points": Goal(at_least=POINTS),
    "killed": Goal(at_least=POINTS * 0.9),
    "killed_inside": Goal(at_least=POINTS * 0.4),
    "runs_that_differ": require_exactly(0),
    "half_written_seen": require_exactly(0),
    "mixed_states_seen": require_exactly(0),
}
IMMEDIATE_SHARE = 0.25
"""The share of kills that happen immediately, between two writes."""


@dataclass(frozen=True, kw_only=True)
class DayRun:
    """One day's run: the folder before it, its exports, its writes by kind, and the state after an undisturbed run.

    `visible_states` are what a reader sees before and after it.
    """

    before: Path
    exports: Path
    today: str
    writes: dict[str, int]
    after: dict[str, Any]
    visible_states: tuple[dict[str, str], dict[str, str]]


def measure(*, runs: int = 1, points: int = POINTS, seed: int = 0, initialized: Path | None = None) -> dict[str, float]:
    """Kill runs at `points` points, half inside a first load, half inside the next day's, and return the counts.

    `runs` is for the runner's sake; each point is a run. `seed` 0 draws new points. `initialized` is a data folder
    with empty databases; if there is none, one is made.
    """
    chosen_seed = seed or random.SystemRandom().getrandbits(32)
    print(f"points of seed {chosen_seed}", file=sys.stderr)
    chance = random.Random(chosen_seed)
    figures = dict.fromkeys(GOALS, 0.0)
    with tempfile.TemporaryDirectory(prefix="homeroom-kill-") as name:
        folder = Path(name)
        for number, day in enumerate(_prepare_days(folder, initialized=initialized)):
            for _ in range(points // 2 if number else points - points // 2):
                _kill_and_rerun(day, folder / "struck", chance, figures)
    return figures


def _prepare_days(folder: Path, *, initialized: Path | None) -> list[DayRun]:
    before = initialized or folder / "day-0"
    require_exit_code(run_homeroom("loads", data=before))  # makes the databases, which is none of the three
    days = []
    for number, (seed, today) in enumerate(DAYS, start=1):
        exports, after = folder / f"exports-{number}", folder / f"day-{number}"
        arguments = ("sample", str(exports), "--students", str(STUDENTS), "--seed", str(seed), "--today", today)
        require_exit_code(run_homeroom(*arguments, data=folder / "unused"))
        days.append(_run_undisturbed(before, after, exports, today))
        before = after
    return days


def _run_undisturbed(before: Path, after: Path, exports: Path, today: str) -> DayRun:
    shutil.copytree(before, after)
    cost = require_exit_code(_run_and_kill("", 0, 0, after, exports, today), codes=(0, 1))
    return DayRun(
        before=before,
        exports=exports,
        today=today,
        writes=json.loads(cost.err.rsplit("\nwrites ", 1)[1]),
        after=read_full_state(after),
        visible_states=(hash_visible_rows(before), hash_visible_rows(after)),
    )


def _kill_and_rerun(day: DayRun, data: Path, chance: random.Random, figures: dict[str, float]) -> None:
    """Kill one run, check what is visible after it, and rerun.

    A kind of write is drawn first, so that no kind is left out.
    """
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(day.before, data)
    kind = chance.choice(sorted(day.writes))
    point = chance.randint(1, day.writes[kind])
    delay = 0 if chance.random() < IMMEDIATE_SHARE else round(10 ** chance.uniform(*MICROSECONDS))
    killed_run = _run_and_kill(kind, point, delay, data, day.exports, day.today)
    description = f"{kind} {point} of {day.writes[kind]}, {delay} µs, on {day.today}"
    figures["points"] += 1
    figures["killed"] += killed_run.code < 0
    figures["killed_inside"] += killed_run.code < 0 and is_interrupted(data)
    if half_written_files := find_half_written(data):
        figures["half_written_seen"] += 1
        print(f"half-written: {description}, {half_written_files}", file=sys.stderr)
    if not _is_before_or_after(hash_visible_rows(data), day.visible_states):
        figures["mixed_states_seen"] += 1
        print(f"mixed: {description}", file=sys.stderr)
    require_exit_code(run_homeroom(*_build_assess_arguments(day.exports, day.today), data=data), codes=(0, 1))
    state = read_full_state(data)
    if state != day.after:
        figures["runs_that_differ"] += 1
        print(f"differs: {description}, {_describe_differences(state, day.after)}", file=sys.stderr)


def _is_before_or_after(hashes: dict[str, str], expected: tuple[dict[str, str], dict[str, str]]) -> bool:
    return all(hashes[area] in (expected[0][area], expected[1][area]) for area in hashes)


def _describe_differences(actual: dict[str, Any], expected: dict[str, Any]) -> str:
    tables = [name for name, rows in expected["tables"].items() if actual["tables"].get(name) != rows]
    files = sorted(set(actual["files"].items()) ^ set(expected["files"].items()))
    return f"tables {tables}, files {files[:6]}"


def _build_assess_arguments(exports: Path, today: str) -> tuple[str, ...]:
    return ("assess", str(exports), "--today", today, "--approve", "--json")


def _run_and_kill(kind: str, point: int, delay: int, data: Path, exports: Path, today: str) -> ProcessCost:
    kill_arguments = [kind, str(point), str(delay)]
    command = [
        sys.executable,
        "-m",
        "bench.support.kill_at_write",
        *kill_arguments,
        *_build_assess_arguments(exports, today),
    ]
    cost = run_command(command, environment={"HOMEROOM_DATA": str(data)})
    if cost.code not in (0, 1, -9):
        raise BenchmarkError(f"exit code {cost.code}: {cost.err.strip()[-2000:]}")
    return cost
