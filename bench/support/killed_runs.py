"""Kill a command at a random write, look at what is visible, run it again, and compare with an undisturbed run."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.support.data_folder_state import find_half_written, hash_visible_rows, is_interrupted, read_full_state
from bench.support.program import BenchmarkError, ProcessCost, require_exit_code, run_homeroom

MICROSECONDS = (1.0, 4.5)  # powers of ten between which a blow is delayed: 10 µs to 30 ms
IMMEDIATE_SHARE = 0.25
"""The share of kills that happen immediately, between two writes."""
HALF_WRITTEN, MIXED, UNSOUND, DIFFERS = "half-written", "mixed", "unsound", "differs"
DONE_CODES = (0, 1)
KILLED_CODE = -9


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What is killed: `arguments` of the program in a copy of the folder `before`, and which rows have to be equal.

    `hash_visible` hashes what a reader sees, which is that before or after the operation and nothing between; `verify`
    are the arguments of the verification that follows each run. Without `has_files` rows name files that never were.
    """

    name: str
    before: Path
    arguments: tuple[str, ...]
    read_state: Callable[[Path], dict[str, Any]] = read_full_state
    hash_visible: Callable[[Path], dict[str, str]] = hash_visible_rows
    verify: tuple[str, ...] = ("verify", "--json")
    has_files: bool = True


@dataclass(frozen=True, kw_only=True)
class UndisturbedRun:
    """An operation that nothing disturbed: its writes by kind, its state, and what a reader sees before and after."""

    operation: Operation
    writes: dict[str, int]
    after: dict[str, Any]
    visible_states: tuple[dict[str, str], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class KilledRun:
    """What became of one killed run.

    `was_killed` is False if it ended before the blow; `was_inside` is True if it left something that nobody reads yet.
    `problems` are among the four names above, and empty if all is as after an undisturbed run.
    """

    operation: str
    was_killed: bool
    was_inside: bool
    problems: tuple[str, ...]


def run_undisturbed(operation: Operation, after: Path) -> UndisturbedRun:
    """Run the operation in a copy of its folder, which becomes `after`, and return what it wrote."""
    shutil.copytree(operation.before, after)
    cost = require_exit_code(run_and_kill("", 0, 0, data=after, arguments=operation.arguments), codes=DONE_CODES)
    return UndisturbedRun(
        operation=operation,
        writes=json.loads(cost.err.rsplit("\nwrites ", 1)[1]),
        after=operation.read_state(after),
        visible_states=(operation.hash_visible(operation.before), operation.hash_visible(after)),
    )


def kill_and_rerun(
    run: UndisturbedRun,
    data: Path,
    chance: random.Random,
    *,
    has_power_loss: bool = False,
    at_write: tuple[str, int] | None = None,
) -> KilledRun:
    """Kill the operation once in the folder `data`, look at it as the next command does, and run it again.

    A kind of write is drawn first, so that no kind is left out, unless `at_write` has a kind and a number of it. What
    is wrong is printed with the point. If the power fails with it, files lose what was not synced.
    """
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(run.operation.before, data)
    kind, point = at_write or _draw_write(run, chance)
    delay = 0 if chance.random() < IMMEDIATE_SHARE else round(10 ** chance.uniform(*MICROSECONDS))
    blow = (kind, point, delay)
    code = run_and_kill(*blow, data=data, arguments=run.operation.arguments, has_power_loss=has_power_loss).code
    was_inside = code < 0 and is_interrupted(data)
    problems = examine_and_rerun(run, data)
    for name, details in problems.items():
        where = f"{kind} {point} of {run.writes[kind]}, {delay} µs"
        print(f"{name}: {run.operation.name}, {where}: {details}", file=sys.stderr)
    return KilledRun(
        operation=run.operation.name, was_killed=code < 0, was_inside=was_inside, problems=tuple(sorted(problems))
    )


def _draw_write(run: UndisturbedRun, chance: random.Random) -> tuple[str, int]:
    kind = chance.choice(sorted(run.writes))
    return kind, chance.randint(1, run.writes[kind])


def examine_and_rerun(run: UndisturbedRun, data: Path) -> dict[str, object]:
    """Look at a disturbed run as the next command does, and run it again; return what is wrong, by what it is."""
    problems: dict[str, object] = {HALF_WRITTEN: find_half_written(data), MIXED: _find_mixed_states(run, data)}
    has_files = run.operation.has_files
    unsound = find_unsound(data, verify=("verify", "--no-evidence", "--json"), has_files=has_files)
    require_exit_code(run_homeroom(*run.operation.arguments, data=data), codes=DONE_CODES)
    problems[UNSOUND] = unsound + find_unsound(data, verify=run.operation.verify, has_files=has_files)
    problems[DIFFERS] = describe_differences(run.operation.read_state(data), run.after)
    return {name: details for name, details in problems.items() if details}


def find_unsound(data: Path, *, verify: tuple[str, ...] = ("verify", "--json"), has_files: bool = True) -> list[str]:
    """Return what `homeroom verify` finds wrong with the audit trail and the evidence; files only if there are any."""
    documents = json.loads(require_exit_code(run_homeroom(*verify, data=data), codes=DONE_CODES).out)
    damages = [text for item in documents for text in item["damage"] if has_files]
    return damages + [line["text"] for item in documents for line in item["problems"]]


def describe_differences(actual: dict[str, Any], expected: dict[str, Any]) -> str:
    """Return which tables and files differ between two states, or an empty text if none does."""
    if actual == expected:
        return ""
    names = sorted({*actual["tables"], *expected["tables"]})
    tables = [name for name in names if actual["tables"].get(name) != expected["tables"].get(name)]
    files = sorted(set(actual["files"].items()) ^ set(expected["files"].items()))
    return f"tables {tables}, files {files[:6]}"


def _find_mixed_states(run: UndisturbedRun, data: Path) -> list[str]:
    """Return the areas whose visible rows are neither those before nor those after the operation."""
    before, after = run.visible_states
    return [
        area for area, value in run.operation.hash_visible(data).items() if value not in (before[area], after[area])
    ]


def run_and_kill(
    kind: str, point: int, delay: int, *, data: Path, arguments: tuple[str, ...], has_power_loss: bool = False
) -> ProcessCost:
    """Run the program, and kill it at write `point` of `kind` after so many microseconds; at point 0 never."""
    blow, power_loss = (kind, str(point), str(delay)), str(int(has_power_loss))
    module = "bench.support.kill_at_write"
    cost = run_homeroom(*blow, *arguments, data=data, module=module, HOMEROOM_POWER_LOSS=power_loss)
    if cost.code not in (*DONE_CODES, KILLED_CODE):
        raise BenchmarkError(f"exit code {cost.code}: {cost.err.strip()[-2000:]}")
    return cost
