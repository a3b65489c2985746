"""Invented fleets with prices, needs and funds, written as the files of a refresh problem, by code of their own.

Near-misses are in it: last good days on the needed day and the day before it, groups of nothing, groups without a
last good day, a school with a fund of its own, and a fund that cannot be spent.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST_YEAR = 2028
KINDS: tuple[tuple[str, str, int, int, int, float], ...] = (
    ("chromebook", "329.00", 5, 12, 4, 0.55),
    ("laptop", "865.50", 5, 45, 6, 0.15),
    ("tablet", "449.00", 5, 10, 3, 0.12),
    ("display", "2450.00", 8, 90, 2, 0.06),
    ("access_point", "612.35", 7, 40, 7, 0.06),
    ("switch", "2890.00", 8, 75, 9, 0.03),
    ("ups", "740.00", 6, 30, 2, 0.03),
)
"""Kind, price, life, minutes, weight, and share of the fleet."""
NEAR_DAYS = ("2028-05-30", "2028-05-31", "2029-05-30", "2029-05-31")
NEEDED_KINDS = ("chromebook", "access_point")


@dataclass(frozen=True, kw_only=True)
class FleetSize:
    """How large a fleet is: `rows` are the groups of each school and kind."""

    devices: int
    schools: int
    years: int = 5
    rows: int = 12


def write_invented_fleet(folder: Path, size: FleetSize, *, seed: int) -> Path:
    """Write the files of an invented problem; return the path of its plan."""
    source = random.Random(seed)
    schools = [f"School {number:02}" for number in range(1, size.schools + 1)]
    sizes = [source.uniform(0.4, 2) for _ in schools]
    fleet: list[Sequence[Any]] = []
    needs: list[Sequence[Any]] = []
    value = 0.0
    for school, weight in zip(schools, sizes, strict=True):
        for kind, price, _, _, _, share in KINDS:
            count = round(size.devices * share * weight / sum(sizes))
            value += count * float(price)
            fleet += _invent_groups(source, school, kind, count, size, first=len(fleet))
            if kind in NEEDED_KINDS:
                needs += _invent_needs(source, school, kind, count, size.years)
    _write_csv(folder / "fleet.csv", ("group", "school", "kind", "count", "last_good"), fleet)
    _write_csv(folder / "prices.csv", ("kind", "price", "life", "minutes", "weight"), (row[:5] for row in KINDS))
    _write_csv(folder / "needs.csv", ("school", "kind", "year", "needed"), needs)
    path = folder / "plan.yaml"
    path.write_text(_write_plan(source, schools, value / 100, size), encoding="utf-8")
    return path


def _invent_groups(
    source: random.Random, school: str, kind: str, count: int, size: FleetSize, *, first: int
) -> list[Sequence[Any]]:
    groups: list[Sequence[Any]] = []
    left = count
    for number in range(size.rows):
        devices = left if number == size.rows - 1 else min(left, round(count / size.rows * source.uniform(0.2, 1.6)))
        left -= devices
        year = source.choice((2025, 2026, 2027, 2027, 2028, 2029, 2030, 2031, 2032, 2033, 2034))
        day = f"{year}-{source.randint(1, 12):02}-{source.randint(1, 28):02}"
        chance = source.random()
        last_good = "" if chance < 0.02 else source.choice(NEAR_DAYS) if chance < 0.06 else day
        groups.append((f"g{first + number + 1}", school, kind, devices, last_good))
    return groups


def _invent_needs(source: random.Random, school: str, kind: str, count: int, years: int) -> list[Sequence[Any]]:
    needs: list[Sequence[Any]] = []
    needed = float(count)
    for year in range(years):
        needed *= source.uniform(0.96, 1.02)
        needs.append((school, kind, FIRST_YEAR + year, int(needed)))
    return needs


def _write_plan(source: random.Random, schools: list[str], percent: float, size: FleetSize) -> str:
    """Return the plan with six funds; `percent` is a hundredth of what the fleet costs."""

    def draw_amounts(share: float) -> str:
        return ", ".join(str(round(percent * share * source.uniform(0.9, 1.1))) for _ in range(size.years))

    title = ", ".join(sorted(source.sample(schools, max(1, size.schools // 4))))
    hours = ", ".join([str(round(size.devices * 0.035 + size.schools * 3))] * size.years)
    zeros = ", 0" * (size.years - 1)
    return f"""homeroom: refresh
first_year: {FIRST_YEAR}
years: {size.years}
fiscal_year_starts: 7
needed_until: "05-31"
fleet: fleet.csv
prices: prices.csv
needs: needs.csv
funds:
  general: {{amounts: [{draw_amounts(5)}]}}
  bond: {{amounts: [{round(percent * 12)}{zeros}], carries_over: true}}
  title-i: {{amounts: [{draw_amounts(1)}], schools: [{title}], kinds: [chromebook, laptop]}}
  e-rate: {{total: {round(percent * 6)}, pays: 0.8, match: general, kinds: [access_point, switch, ups]}}
  state: {{amounts: [{draw_amounts(1.5)}], kinds: [chromebook, tablet]}}
  parents: {{amounts: [{draw_amounts(0.2)}], carries_over: true, schools: [{schools[0]}]}}
ways:
  buy: {{payments: [1.0]}}
  lease: {{payments: [0.27, 0.27, 0.27, 0.27], kinds: [chromebook, laptop], funds: [general]}}
team: {{hours: [{hours}], minutes_per_visit: 240}}
"""


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
