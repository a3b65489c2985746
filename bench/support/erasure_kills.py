"""`kill -9` at random writes of an erasure: readers see the state before or after it, and the next start ends it."""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.support.byte_search import search_folder
from bench.support.data_folder_state import find_half_written, hash_visible_rows
from bench.support.erasure_district import NUMBER, UNIQUE_VALUES, fill_district
from bench.support.killed_runs import KILLED_CODE, find_unsound, run_and_kill
from bench.support.program import ProcessCost, require_exit_code, run_homeroom

MICROSECONDS = (1.0, 4.5)  # powers of ten between which a blow is delayed: 10 µs to 30 ms
IMMEDIATE_SHARE = 0.25
ARGUMENTS = ("erase", NUMBER, "--why", "Asked for by the family.", "--by", "privacy officer", "--json")


@dataclass(frozen=True, kw_only=True)
class ErasureRun:
    """An undisturbed erasure: the folder before it, its writes by kind, and what a reader sees before and after."""

    before: Path
    writes: dict[str, int]
    visible_states: tuple[dict[str, str], dict[str, str]]


def measure_kills(*, points: int, seed: int = 0, before: Path | None = None) -> dict[str, float]:
    """Kill an erasure at so many points and return the counts; `seed` 0 draws new points.

    `before` is the folder of a filled district, which is only read; if there is none, one is filled.
    """
    chosen_seed = seed or random.SystemRandom().getrandbits(32)
    print(f"points of seed {chosen_seed}", file=sys.stderr)
    chance = random.Random(chosen_seed)
    names = ("killed", "neither_before_nor_after", "half_written", "remaining_places", "not_well", "unsound")
    figures = dict.fromkeys(names, 0.0)
    with tempfile.TemporaryDirectory(prefix="homeroom-erase-") as name:
        run = prepare_run(Path(name), before=before)
        for _ in range(points):
            kind = chance.choice(sorted(run.writes))
            point = chance.randint(1, run.writes[kind])
            delay = 0 if chance.random() < IMMEDIATE_SHARE else round(10 ** chance.uniform(*MICROSECONDS))
            kill_and_finish(run, Path(name) / "struck", (kind, point, delay), figures)
    return {"points": float(points), **figures}


def prepare_run(folder: Path, *, before: Path | None) -> ErasureRun:
    """Erase the student from a copy of a filled district without a kill."""
    before, after = before or fill_district(folder / "before", folder / "exports"), folder / "after"
    shutil.copytree(before, after)
    cost = require_exit_code(_run_and_kill("", 0, 0, after))
    writes = json.loads(cost.err.rsplit("\nwrites ", 1)[1])
    return ErasureRun(
        before=before, writes=writes, visible_states=(hash_visible_rows(before), hash_visible_rows(after))
    )


def kill_and_finish(run: ErasureRun, data: Path, blow: tuple[str, int, int], figures: dict[str, float]) -> None:
    """Kill one erasure, look at what is visible, start the program again, and search for the student."""
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(run.before, data)
    killed = _run_and_kill(*blow, data)
    figures["killed"] += killed.code < 0
    hashes = hash_visible_rows(data)
    if not all(hashes[area] in (state[area] for state in run.visible_states) for area in hashes):
        figures["neither_before_nor_after"] += 1
        print(f"neither before nor after: {blow}", file=sys.stderr)
    if files := find_half_written(data):
        figures["half_written"] += 1
        print(f"half-written: {blow}, {files}", file=sys.stderr)
    has_begun = any((data / "evidence").glob("*/erasing.json")) or any((data / "evidence").glob("*/erasures/*.json"))
    doctor = run_homeroom("doctor", "--deep", "--json", data=data)
    bad = [check for check in json.loads(doctor.out) if not check["well"] and check["name"] not in ("room", "worker")]
    if bad:
        figures["not_well"] += 1
        print(f"not well: {blow}, {bad}", file=sys.stderr)
    if not has_begun:
        require_exit_code(run_homeroom(*ARGUMENTS, data=data))
    if unsound := find_unsound(data):
        figures["unsound"] += 1
        print(f"unsound: {blow}, {unsound}", file=sys.stderr)
    if places := search_folder(data, UNIQUE_VALUES):
        figures["remaining_places"] += len(places)
        print(f"remains: {blow}, {places[:3]}", file=sys.stderr)


def _run_and_kill(kind: str, point: int, delay: int, data: Path) -> ProcessCost:
    return require_exit_code(run_and_kill(kind, point, delay, data=data, arguments=ARGUMENTS), codes=(0, KILLED_CODE))


if __name__ == "__main__":
    print(json.dumps(measure_kills(points=int(sys.argv[1]), seed=int(sys.argv[2]))))
