"""Small random refresh problems, and their best plans by trying everything; shares no code with the engine."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import yaml

from bench.budget.refresh_judge import count_figures, list_purchases

YEARS = (2028, 2029, 2030)
LAST_DAYS = (
    "2024-02-01",
    "2027-06-30",
    "2028-05-30",
    "2028-05-31",
    "2029-01-15",
    "2029-07-01",
    "2030-08-01",
    "2034-06-30",
)


def write_small_problem(folder: Path, seed: int) -> Path:
    """Write a random problem that can be searched to the end; return the path of its plan."""
    source = random.Random(seed)
    years = source.choice((2, 2, 3))
    kinds = ["chromebook", "switch"][: source.choice((1, 2))]
    schools = ["Oak", "Elm"][: source.choice((1, 2))]
    prices = {kind: source.choice((100, 250, 310.55)) for kind in kinds}
    lines = []
    for number in range(source.choice((1, 2, 3))):
        last = source.choice((*LAST_DAYS, "")) if source.random() < 0.9 else ""
        lines.append(f"g{number},{source.choice(schools)},{source.choice(kinds)},{source.randint(1, 2)},{last}")
    (folder / "fleet.csv").write_text("group,school,kind,count,last_good\n" + "\n".join(lines) + "\n")
    (folder / "prices.csv").write_text(
        "kind,price,life,minutes,weight\n"
        + "".join(
            f"{kind},{prices[kind]},{source.choice((3, 5))},{source.choice((0, 20, 45))},{source.choice((1, 2, 1.5))}\n"
            for kind in kinds
        )
    )
    plan: dict[str, Any] = {
        "homeroom": "refresh",
        "first_year": YEARS[0],
        "years": years,
        "fiscal_year_starts": source.choice((1, 7, 7)),
        "needed_until": source.choice(("05-31", "05-31", "09-30")),
        "fleet": "fleet.csv",
        "prices": "prices.csv",
        "funds": _choose_funds(source, kinds, [line.split(",")[1] for line in lines], years),
    }
    if source.random() < 0.5:
        school, kind = source.choice(lines).split(",")[1:3]
        needs = [f"{school},{kind},{year},{source.randint(0, 3)}" for year in YEARS[:years]]
        (folder / "needs.csv").write_text("school,kind,year,needed\n" + "\n".join(needs) + "\n")
        plan["needs"] = "needs.csv"
    if source.random() < 0.5:
        plan["ways"] = {"buy": {"payments": [1.0]}, "lease": {"payments": [0.4, 0.35, 0.35], "kinds": [kinds[0]]}}
    if source.random() < 0.5:
        hours = [source.choice((0, 1, 1.5, 3)) for _ in range(years)]
        plan["team"] = {"hours": hours, "minutes_per_visit": source.choice((0, 30, 60))}
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    return folder / "plan.yaml"


def _choose_funds(source: random.Random, kinds: list[str], schools: list[str], years: int) -> dict[str, Any]:
    funds: dict[str, Any] = {"general": {"amounts": [source.choice((0, 100, 260, 700)) for _ in range(years)]}}
    if source.random() < 0.4:
        funds["bond"] = {"amounts": [source.choice((0, 320, 650)), *([0] * (years - 1))], "carries_over": True}
    elif source.random() < 0.5:
        funds["grant"] = {"amounts": [source.choice((110, 330)) for _ in range(years)], "schools": [schools[0]]}
    if source.random() < 0.4:
        funds["e-rate"] = {"total": source.choice((250, 600)), "pays": 0.8, "match": "general", "kinds": [kinds[-1]]}
    return funds


def find_best_plan(files: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """Return the least W and the least money among plans of that W, by trying every plan that the rules allow."""
    best: tuple[Fraction, Fraction] | None = None
    for plan in _iterate_plans(files):
        purchases = list_purchases(files, plan)
        figures = count_figures(files, plan, purchases)
        value = (figures["weighted"], figures["money"])
        best = value if best is None or value < best else best
    assert best is not None
    return best


def _iterate_plans(files: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all plans: every choice for the devices of each group, and for those that a need may add."""
    pairs = sorted({(school, kind) for school, kind, _ in files["needs"]})
    slots: list[tuple[list[dict[str, Any] | None], int]] = []
    for name, group in files["groups"].items():
        if group["due"] is None or not group["count"]:
            continue
        choices: list[dict[str, Any] | None] = [None]
        choices += [{"group": name, **choice} for choice in _list_purchases(files, group["school"], group["kind"])]
        if (group["school"], group["kind"]) in pairs:
            choices += [{"retire": name, "year": year} for year in files["years"]]
        slots.append((choices, group["count"]))
    for school, kind in pairs:
        largest = max(needed for (at, what, _), needed in files["needs"].items() if (at, what) == (school, kind))
        adds = [{"school": school, "kind": kind, **choice} for choice in _list_purchases(files, school, kind)]
        slots.append(([None, *adds], min(largest, 2)))
    yield from _extend_plan(files, slots, [])


def _list_purchases(files: dict[str, Any], school: str, kind: str) -> list[dict[str, Any]]:
    purchases = []
    for year in files["years"]:
        for name, fund in files["funds"].items():
            payers = [fund, *([files["funds"][fund["match"]]] if "total" in fund else [])]
            if any(
                school not in item.get("schools", [school]) or kind not in item.get("kinds", [kind]) for item in payers
            ):
                continue
            for way_name, way in files["ways"].items():
                fits = kind in way.get("kinds", [kind]) and ("total" not in fund or len(way["payments"]) == 1)
                if fits:
                    purchases.append({"year": year, "fund": name, "way": way_name})
    return purchases


def _extend_plan(
    files: dict[str, Any], slots: list[tuple[list[dict[str, Any] | None], int]], chosen: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the plans that continue what was chosen; more devices never cost less, so what is too much ends here."""
    if not _is_allowed(files, chosen):
        return
    if not slots:
        yield {
            "replace": [{**item, "count": 1} for item in chosen if "group" in item],
            "retire": [
                {"group": item["retire"], "year": item["year"], "count": 1} for item in chosen if "retire" in item
            ],
            "add": [{**item, "count": 1} for item in chosen if "school" in item],
        }
        return
    choices, count = slots[0]
    for combination in combinations_with_replacement(choices, count):
        yield from _extend_plan(files, slots[1:], chosen + [item for item in combination if item is not None])


def _is_allowed(files: dict[str, Any], chosen: list[dict[str, Any]]) -> bool:
    paid: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    totals: dict[str, Fraction] = defaultdict(Fraction)
    minutes: dict[int, Fraction] = defaultdict(Fraction)
    visits = set()
    for item in chosen:
        if "retire" in item:
            continue
        place = files["groups"][item["group"]] if "group" in item else item
        price = files["prices"][place["kind"]]
        minutes[item["year"]] += price["minutes"]
        visits.add((place["school"], item["year"]))
        fund = files["funds"][item["fund"]]
        shares = [Fraction(str(share)) for share in files["ways"][item["way"]]["payments"]]
        if "total" in fund:
            totals[item["fund"]] += price["price"]
            paid[fund["match"], item["year"]] += price["price"] * shares[0] * (1 - Fraction(str(fund["pays"])))
        else:
            for later, share in enumerate(shares):
                paid[item["fund"], item["year"] + later] += price["price"] * share
    for name, fund in files["funds"].items():
        if "total" in fund:
            if totals[name] > fund["total"]:
                return False
            continue
        left = Fraction(0)
        for place_in_plan, year in enumerate(files["years"]):
            left = (left if fund.get("carries_over") else 0) + fund["amounts"][place_in_plan] - paid[name, year]
            if left < 0:
                return False
    team = files["team"]
    if team is None:
        return True
    for place_in_plan, year in enumerate(files["years"]):
        used = minutes[year] + team["minutes_per_visit"] * sum(when == year for _, when in visits)
        if used > 60 * Fraction(str(team["hours"][place_in_plan])):
            return False
    return True
