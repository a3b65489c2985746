"""Breakage of 50,000 invented devices of 120 models through `homeroom breakage`, held against what they were made from.

Lists that began late, batches of several summers, devices that were lost, retired or sold; early failures, steady and
aging ones. Beside it the plain division: broken by an age through all devices, with the interval of a share.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.support.goals import Goal, require_exactly
from bench.support.program import require_exit_code, run_homeroom

MODELS, DEVICES, SEED = 120, 50_000, 20261128
TODAY = date(2027, 6, 30)
YEARS = range(1, 7)
GOALS = {
    "covered_percent": Goal(at_least=93),
    "covered_next_year_percent": Goal(at_least=90),
    "estimated_without_watch": require_exactly(0),
    "cpu_seconds": Goal(at_most=5),
}
Row = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class InventedModel:
    """A model: how fast it breaks (Weibull), its devices, and how many of those that are left break in a year."""

    name: str
    shape: float
    scale: float
    rows: list[Row]
    next_year: int

    def compute_broken_share(self, years: int) -> float:
        """Return the share that breaks by an age."""
        return float(1 - np.exp(-((years / self.scale) ** self.shape)))


def invent_models(count: int, devices: int, *, seed: int) -> list[InventedModel]:
    """Invent models of very different sizes."""
    rng = np.random.default_rng(seed)
    sizes = rng.dirichlet(np.full(count, 1.2)) * devices
    return [_invent_model(rng, number, max(8, int(size))) for number, size in enumerate(sizes)]


def _invent_model(rng: np.random.Generator, number: int, size: int) -> InventedModel:
    """Invent one: only what is still there when the list begins comes into it."""
    shape, scale = rng.uniform(0.8, 2.2), rng.uniform(5, 22)
    summers = sorted(rng.choice(range(2016, 2027), int(rng.integers(1, 5)), replace=False).tolist())
    began = date(int(rng.choice([2016, 2019, 2021, 2022, 2023])), 1, 15)
    rows: list[Row] = []
    next_year = tries = 0
    while len(rows) < size and tries < 20 * size:
        tries += 1
        came = date(int(rng.choice(summers)), 7, 1) + timedelta(days=int(rng.integers(0, 75)))
        breaks = came + timedelta(days=int(365.25 * scale * rng.weibull(shape)))
        other = came + timedelta(days=int(365.25 * rng.exponential(14)))
        planned = came + timedelta(days=int(365.25 * rng.uniform(5, 8)))
        ends = min(breaks, other, planned)
        listed = max(began, came)
        if ends < listed or listed > TODAY:
            continue
        left = ends <= TODAY
        departure = "broken" if ends == breaks else str(rng.choice(["lost", "sold"])) if ends == other else "retired"
        next_year += not left and TODAY < breaks <= TODAY + timedelta(days=365)
        tag = f"M{number:03}-{len(rows):05}"
        rows.append(
            (tag, f"Model {number:03}", str(came), str(listed), str(ends) if left else "", departure if left else "")
        )
    return InventedModel(name=f"Model {number:03}", shape=shape, scale=scale, rows=rows, next_year=next_year)


def write_devices(path: Path, models: Iterable[InventedModel]) -> None:
    """Write the devices as one file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("device", "model", "in_service", "listed_since", "left_on", "how"))
        for model in models:
            writer.writerows(model.rows)


def measure(*, runs: int = 3, models: int = MODELS, devices: int = DEVICES) -> dict[str, float | None]:
    """Return how often the intervals cover the shares, beside those of plain division, and the CPU-seconds."""
    invented = invent_models(models, devices, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        path = Path(name) / "devices.csv"
        write_devices(path, invented)
        arguments = ("breakage", str(path), "--json", "--today", str(TODAY))
        costs = [require_exit_code(run_homeroom(*arguments, data=Path(name) / "data")) for _ in range(runs)]
    answers = {answer["model"]: answer for answer in json.loads(costs[-1].out)["models"]}
    return {**score_answers(invented, answers), "cpu_seconds": median(cost.cpu for cost in costs)}


def score_answers(models: list[InventedModel], answers: dict[str, Any]) -> dict[str, float | None]:
    """Score the shares that are estimated, and those of plain division at the same ages."""
    covered, plain, widths, predicted, unwatched = [], [], [], [], 0
    for model in models:
        answer = answers[model.name]
        if answer["next_year"] is not None:
            predicted.append(answer["next_year"]["low"] <= model.next_year <= answer["next_year"]["high"])
        for item in answer["by_age"]:
            if "share" not in item:
                continue
            truth = model.compute_broken_share(item["years"])
            covered.append(item["low"] <= truth <= item["high"])
            widths.append(item["high"] - item["low"])
            low, high = _divide_plainly(model.rows, item["years"])
            plain.append(low <= truth <= high)
            unwatched += not _is_watched(model.rows, item["years"])
    return {
        "shares": float(len(covered)),
        "covered_percent": 100 * float(np.mean(covered)),
        "plain_division_covers_percent": 100 * float(np.mean(plain)),
        "median_width": float(np.median(widths)),
        "next_years": float(len(predicted)),
        "covered_next_year_percent": 100 * float(np.mean(predicted)),
        "estimated_without_watch": float(unwatched),
    }


def _list_ages(rows: Iterable[Row]) -> Iterator[tuple[int, int, str]]:
    """Yield the age in days at which each device was listed and left or is, and how it left."""
    for _, _, came, listed, left, departure in rows:
        first = date.fromisoformat(came)
        yield (
            (date.fromisoformat(listed) - first).days,
            ((date.fromisoformat(left) if left else TODAY) - first).days,
            departure,
        )


def _divide_plainly(rows: list[Row], years: int) -> tuple[float, float]:
    broken = sum(departure == "broken" and last < years * 365.25 for _, last, departure in _list_ages(rows))
    share = broken / len(rows)
    half = 1.96 * (share * (1 - share) / len(rows)) ** 0.5
    return share - half, share + half


def _is_watched(rows: list[Row], years: int) -> bool:
    """Check whether some device was watched in the middle of each year of age until then, and at its end."""
    days = [int(365.25 * (year + 0.5)) for year in range(years)] + [int(365.25 * years) - 2]
    ages = list(_list_ages(rows))
    return all(any(first <= day <= last for first, last, _ in ages) for day in days)
