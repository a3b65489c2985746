"""2,000 invented terms of training trials through `homeroom awareness effect`, held against what they were made from.

People drawn one by one; 16 to 28 schools drawn; strata with one in five held out; lures that differ, with an effect in
one of them. A person is more or less likely to fall for every lure, and a school's people are alike.
"""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.support.goals import Goal
from bench.support.program import require_exit_code, run_homeroom

TERMS, SEED = 500, 20261128
DESIGNS = ("people", "schools", "strata", "lures")
LARGE = 340
POINTS = -0.1
GOALS = {
    "covers_percent": Goal(at_least=93, at_most=97),
    **{f"covers_{name}_percent": Goal(at_least=92, at_most=98) for name in DESIGNS},
    "false_verdicts_percent": Goal(at_most=6.5),
    "finds_ten_points_percent": Goal(at_least=90),
}
COLUMNS = ("term", "person", "arm", "missed", "unit", "stratum", "drill", "lure", "delivered")
type Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InventedTerm:
    """A term: its design, the effect that was planted on average, how many people it has, and its rows."""

    design: str
    effect: float
    people: int
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DrawnPeople:
    """People with how easily each falls for a lure, and what the lot gave them."""

    leanings: npt.NDArray[np.float64]
    is_held_out: npt.NDArray[np.bool_]
    units: list[str]
    strata: list[str]


def measure(*, runs: int = 1, terms: int = TERMS) -> dict[str, float | None]:
    """Return the shares of terms whose interval covers, of false verdicts, and of effects of ten points found."""
    figures: dict[str, list[bool]] = {name: [] for name in (*DESIGNS, "false", "found")}
    cpu = 0.0
    for run in range(runs):
        rng = np.random.default_rng(SEED + run)
        for design in DESIGNS:
            invented = [invent_term(rng, design, number) for number in range(terms)]
            cpu += _judge(invented, design, figures)
    covered = [value for name in DESIGNS for value in figures[name]]
    return {
        "covers_percent": _compute_percent(covered),
        **{f"covers_{name}_percent": _compute_percent(figures[name]) for name in DESIGNS},
        "false_verdicts_percent": _compute_percent(figures["false"]),
        "finds_ten_points_percent": _compute_percent(figures["found"]),
        "cpu_seconds": cpu / runs,
    }


def invent_term(rng: np.random.Generator, design: str, number: int) -> InventedTerm:
    """Invent a term; every other one has no effect."""
    effect = POINTS if number % 2 else 0.0
    chances = np.array([0.16, 0.24, 0.34]) if design == "lures" else rng.uniform(0.2, 0.32, size=3)
    effects = np.array([0.0, effect, 0.0]) if design == "lures" else np.full(3, effect)
    drawn = _draw_schools(rng) if design == "schools" else _draw_people(rng, strata=design == "strata")
    usual = np.clip(drawn.leanings[:, None] * chances, 0, 1)
    trained = np.clip(usual + effects, 0, 1)
    chance = np.where(drawn.is_held_out[:, None], usual, trained)
    missed = rng.random(chance.shape) < chance
    is_unknown, is_lost = rng.random(chance.shape) < 0.02, rng.random(chance.shape) < 0.03
    rows = [
        (
            f"{design}-{number}",
            f"{number}-{person}",
            "held_out" if drawn.is_held_out[person] else "trained",
            "" if is_unknown[person, drill] else str(int(missed[person, drill])),
            drawn.units[person],
            drawn.strata[person],
            f"drill {drill}",
            f"lure {drill}",
            str(int(not is_lost[person, drill])),
        )
        for person in range(len(drawn.leanings))
        for drill in range(3)
    ]
    return InventedTerm(design=design, effect=float((trained - usual).mean()), people=len(drawn.leanings), rows=rows)


def _draw_people(rng: np.random.Generator, *, strata: bool) -> DrawnPeople:
    """Draw who is held out, one by one: half of all, or a fifth of each stratum."""
    count = int(rng.integers(120, 900))
    names = rng.integers(0, rng.integers(3, 7), size=count) if strata else np.zeros(count, dtype=int)
    is_held_out = np.zeros(count, dtype=bool)
    for name in np.unique(names):
        members = rng.permutation(np.flatnonzero(names == name))
        is_held_out[members[: round(len(members) * (0.2 if strata else 0.5))]] = True
    texts = [f"stratum {name}" if strata else "" for name in names]
    return DrawnPeople(
        leanings=rng.beta(8, 8, size=count) * 2, is_held_out=is_held_out, units=[""] * count, strata=texts
    )


def _draw_schools(rng: np.random.Generator) -> DrawnPeople:
    """Draw half of the schools; a school's people are more or less careful together."""
    schools = int(rng.integers(16, 29))
    sizes = rng.integers(15, 90, size=schools)
    held_out = rng.permutation(schools) < schools // 2
    school = np.repeat(np.arange(schools), sizes)
    leanings = np.exp(rng.normal(0, 0.2, size=schools))[school] * rng.beta(8, 8, size=len(school)) * 2
    units = [f"school {name}" for name in school]
    return DrawnPeople(leanings=leanings, is_held_out=held_out[school], units=units, strata=[""] * len(school))


def _judge(terms: list[InventedTerm], design: str, figures: dict[str, list[bool]]) -> float:
    """Estimate the terms through the command, add what came of them, and return the CPU-seconds."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        table = Path(name) / "trials.csv"
        with table.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(COLUMNS)
            writer.writerows(row for term in terms for row in term.rows)
        cost = run_homeroom("awareness", "effect", str(table), "--json", data=Path(name) / "data")
        answers = json.loads(require_exit_code(cost).out)["terms"]
    for term, answer in zip(terms, answers, strict=True):
        figures[design].append(answer["low"] <= term.effect <= answer["high"])
        if term.effect == 0:
            figures["false"].append(answer["verdict"] != "inconclusive")
        elif design == "people" and term.people >= LARGE:
            figures["found"].append(answer["verdict"] == "lower")
    return cost.cpu


def _compute_percent(values: list[bool]) -> float | None:
    return 100 * sum(values) / len(values) if values else None
