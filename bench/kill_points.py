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

from bench.support.goals import Goal, exactly
from bench.support.program import Broken, Cost, held, homeroom, run
from bench.support.state import half_written, interrupted, visible, whole

POINTS = 50
STUDENTS = 500
DAYS = ((3, "2026-03-03"), (4, "2026-03-04"))  # seed, today: on the second day most rows change and findings close
MICROSECONDS = (1.0, 4.5)  # powers of ten between which a blow is delayed: 10 µs to 30 ms
GOALS = {
    "points": Goal(at_least=POINTS),
    "killed": Goal(at_least=POINTS * 0.9),
    "killed_inside": Goal(at_least=POINTS * 0.4),
    "runs_that_differ": exactly(0),
    "half_written_seen": exactly(0),
    "mixed_states_seen": exactly(0),
}
AT_ONCE = 0.25
"""The share of blows that fall at once, between two writes."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day's run: the folder before it, its exports, its writes by kind, and what an undisturbed run makes.

    `seen` is what a reader sees before and after it.
    """

    before: Path
    exports: Path
    today: str
    writes: dict[str, int]
    after: dict[str, Any]
    seen: tuple[dict[str, str], dict[str, str]]


def measure(*, runs: int = 1, points: int = POINTS, seed: int = 0) -> dict[str, float]:
    """Half of the points fall into a first load, half into the next day's.

    `runs` is for the runner's sake; each point is a run. `seed` 0 draws new points.
    """
    chosen = seed or random.SystemRandom().getrandbits(32)
    print(f"points of seed {chosen}", file=sys.stderr)
    chance = random.Random(chosen)
    figures = dict.fromkeys(GOALS, 0.0)
    with tempfile.TemporaryDirectory(prefix="homeroom-kill-") as name:
        folder = Path(name)
        for number, day in enumerate(_days(folder)):
            for _ in range(points // 2 if number else points - points // 2):
                _strike(day, folder / "struck", chance, figures)
    return figures


def _days(folder: Path) -> list[Day]:
    before = folder / "day-0"
    held(homeroom("loads", data=before))  # makes the databases, which is none of the three
    days = []
    for number, (seed, today) in enumerate(DAYS, start=1):
        exports, after = folder / f"exports-{number}", folder / f"day-{number}"
        made = ("sample", str(exports), "--students", str(STUDENTS), "--seed", str(seed), "--today", today)
        held(homeroom(*made, data=folder / "unused"))
        days.append(_undisturbed(before, after, exports, today))
        before = after
    return days


def _undisturbed(before: Path, after: Path, exports: Path, today: str) -> Day:
    shutil.copytree(before, after)
    cost = held(_dying("", 0, 0, after, exports, today), codes=(0, 1))
    return Day(
        before=before,
        exports=exports,
        today=today,
        writes=json.loads(cost.err.rsplit("\nwrites ", 1)[1]),
        after=whole(after),
        seen=(visible(before), visible(after)),
    )


def _strike(day: Day, place: Path, chance: random.Random, figures: dict[str, float]) -> None:
    """One blow, what could be seen after it, and the rerun. A kind of write is drawn first, so that none is left out."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(day.before, place)
    kind = chance.choice(sorted(day.writes))
    point = chance.randint(1, day.writes[kind])
    delay = 0 if chance.random() < AT_ONCE else round(10 ** chance.uniform(*MICROSECONDS))
    struck = _dying(kind, point, delay, place, day.exports, day.today)
    told = f"{kind} {point} of {day.writes[kind]}, {delay} µs, on {day.today}"
    figures["points"] += 1
    figures["killed"] += struck.code < 0
    figures["killed_inside"] += struck.code < 0 and interrupted(place)
    if torn := half_written(place):
        figures["half_written_seen"] += 1
        print(f"half-written: {told}, {torn}", file=sys.stderr)
    if not _one_of(visible(place), day.seen):
        figures["mixed_states_seen"] += 1
        print(f"mixed: {told}", file=sys.stderr)
    held(homeroom(*_assess(day.exports, day.today), data=place), codes=(0, 1))
    found = whole(place)
    if found != day.after:
        figures["runs_that_differ"] += 1
        print(f"differs: {told}, {_differences(found, day.after)}", file=sys.stderr)


def _one_of(found: dict[str, str], seen: tuple[dict[str, str], dict[str, str]]) -> bool:
    return all(found[area] in (seen[0][area], seen[1][area]) for area in found)


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    tables = [name for name, rows in wanted["tables"].items() if found["tables"].get(name) != rows]
    files = sorted(set(found["files"].items()) ^ set(wanted["files"].items()))
    return f"tables {tables}, files {files[:6]}"


def _assess(exports: Path, today: str) -> tuple[str, ...]:
    return ("assess", str(exports), "--today", today, "--approve", "--json")


def _dying(kind: str, point: int, delay: int, data: Path, exports: Path, today: str) -> Cost:
    chosen = [kind, str(point), str(delay)]
    command = [sys.executable, "-m", "bench.support.dying", *chosen, *_assess(exports, today)]
    cost = run(command, environment={"HOMEROOM_DATA": str(data)})
    if cost.code not in (0, 1, -9):
        raise Broken(f"exit code {cost.code}: {cost.err.strip()[-2000:]}")
    return cost
