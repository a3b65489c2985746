"""Invented roll-outs whose effect is known: schools that start in some week, and values of each week.

Shares no code with the engine. Levels of schools, a course that all share, noise that lasts and differs by
school. Beside sound ones are those that nobody can judge, and near-misses of these.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

KINDS = ("constant", "growing", "counts", "none")
UNTOLD = ("together", "four schools", "holes", "another path", "all but one")
FIRST_WEEK = date(2026, 8, 10)


@dataclass(frozen=True, kw_only=True)
class InventedRollout:
    """A roll-out: `starts` are numbers of weeks, None for never; `truth` is the mean of what the starts changed."""

    name: str
    kind: str
    values: np.ndarray
    starts: list[int | None]
    changes: np.ndarray
    sizes: np.ndarray | None = None
    missing: np.ndarray | None = field(default=None)

    @property
    def truth(self) -> float:
        """The mean change over started school-weeks with a value, beside which two schools with one had not started."""
        schools, weeks = self.values.shape
        present = np.ones((schools, weeks), bool) if self.missing is None else ~self.missing
        changed = []
        for week in range(weeks):
            waiting = [i for i in range(schools) if _is_waiting(self.starts[i], week) and present[i, week]]
            if len(waiting) >= 2:
                changed += [
                    self.changes[i, week]
                    for i in range(schools)
                    if not _is_waiting(self.starts[i], week) and present[i, week]
                ]
        return float(np.mean(changed))


def _is_waiting(start: int | None, week: int) -> bool:
    return start is None or week < start


def invent_rollouts(count: int, *, seed: int) -> list[InventedRollout]:
    """Invent sound roll-outs of each kind in turn; every fourth has holes, few enough to judge it."""
    rng = np.random.default_rng(seed)
    rollouts = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        rollout = _invent(rng, f"{kind} {number}", kind)
        if number // len(KINDS) % 4 == 3:
            rollout = replace(rollout, missing=rng.random(rollout.values.shape) < 0.12)
        rollouts.append(rollout)
    return rollouts


def invent_untold(count: int, *, seed: int) -> list[InventedRollout]:
    """Invent roll-outs that cannot be judged, each for another reason in turn."""
    rng = np.random.default_rng(seed)
    return [_invent_untold(rng, number, UNTOLD[number % len(UNTOLD)]) for number in range(count)]


def _invent_untold(rng: np.random.Generator, number: int, reason: str) -> InventedRollout:
    name = f"{reason} {number}"
    if reason == "four schools":  # two starts among four: 12 orders
        return _invent(rng, name, "constant", starts=[9, 13, None, None])
    if reason == "together":
        return _invent(rng, name, "constant", starts=[12] * int(rng.integers(10, 25)))
    if reason == "all but one":
        return _invent(rng, name, "constant", starts=[10] * int(rng.integers(10, 25)) + [None])
    rollout = _invent(rng, name, "none")
    weeks = rollout.values.shape[1]
    begins = np.array([weeks if start is None else start for start in rollout.starts])
    if reason == "holes":
        after = np.arange(weeks)[None, :] >= begins[:, None]
        return replace(rollout, missing=after & (rng.random(after.shape) < 0.5))
    drift = np.where(begins < weeks, 0.45 * rng.choice([-1, 1]), 0.0)
    return replace(rollout, values=rollout.values + drift[:, None] * np.arange(weeks))


def _invent(rng: np.random.Generator, name: str, kind: str, *, starts: list[int | None] | None = None) -> Any:
    weeks = int(rng.integers(22, 41))
    starts = starts or _draw_starts(rng, weeks)
    schools = len(starts)
    noise = _draw_noise(rng, schools, weeks) * rng.uniform(0.6, 1.4, schools)[:, None]
    course = rng.normal(0, 0.3, weeks).cumsum()
    since = np.array([[week - (weeks if start is None else start) for week in range(weeks)] for start in starts])
    if kind == "counts":
        return _invent_counts(rng, name, starts, since, noise, course)
    shapes = {"constant": 0.62 * (since >= 0), "growing": np.clip(since + 1, 0, 10) * 0.11, "none": 0.0 * since}
    values = rng.normal(8, 2, schools)[:, None] + course[None, :] + noise + shapes[kind]
    return InventedRollout(name=name, kind=kind, values=values, starts=starts, changes=shapes[kind])


def _invent_counts(
    rng: np.random.Generator, name: str, starts: list[int | None], since: np.ndarray, noise: np.ndarray, course: Any
) -> InventedRollout:
    """Invent tickets of schools of different sizes, and the start takes a share away."""
    sizes = rng.integers(180, 1600, len(starts))
    rate = 0.035 * np.exp(rng.normal(0, 0.3, len(starts)))[:, None] * np.exp(0.12 * noise + 0.1 * course[None, :])
    changes = np.where(since >= 0, -0.14 * rate, 0.0)
    counts = rng.poisson((rate + changes) * sizes[:, None]).astype(float)
    return InventedRollout(name=name, kind="counts", values=counts, starts=starts, changes=changes, sizes=sizes)


def _draw_starts(rng: np.random.Generator, weeks: int) -> list[int | None]:
    """Draw waves of starts after at least seven weeks; three schools or more never start."""
    schools = int(rng.integers(10, 33))
    waves = sorted(rng.choice(np.arange(7, weeks - 4), int(rng.integers(3, 7)), replace=False).tolist())
    never = int(rng.integers(3, max(4, schools // 3) + 1))
    starting = [*waves, *rng.choice(waves, max(0, schools - never - len(waves))).tolist()][: schools - never]
    starts = [*starting, *[None] * never]
    return [starts[place] for place in rng.permutation(len(starts))]


def _draw_noise(rng: np.random.Generator, schools: int, weeks: int) -> np.ndarray:
    """Draw noise of variance 1; up to six tenths of it last to the next week."""
    lasting = rng.uniform(0, 0.6)
    noise = rng.normal(size=(schools, weeks))
    for week in range(1, weeks):
        noise[:, week] = lasting * noise[:, week - 1] + np.sqrt(1 - lasting**2) * noise[:, week]
    return noise


def write_rollouts(path: Path, rollouts: Iterable[InventedRollout]) -> None:
    """Write the roll-outs as one file, in any order of days within their weeks."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("study", "school", "week", "started", "value", "per"))
        for rollout in rollouts:
            writer.writerows(_list_rows(rollout))


def _list_rows(rollout: InventedRollout) -> Iterator[tuple[Any, ...]]:
    schools, weeks = rollout.values.shape
    for school in range(schools):
        start = rollout.starts[school]
        started = "" if start is None else FIRST_WEEK + timedelta(days=7 * start + school % 5)
        size = "" if rollout.sizes is None else rollout.sizes[school]
        for week in range(weeks):
            if rollout.missing is None or not rollout.missing[school, week]:
                day = FIRST_WEEK + timedelta(days=7 * week + (school + week) % 7)
                yield rollout.name, f"School {school:02}", day, started, f"{rollout.values[school, week]:.6f}", size
