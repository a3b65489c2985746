"""An independent judge of refresh plans: every rule held, and W, money and visits counted again from the files.

Written from the rules in docs/manage/refresh-plan.md; it shares no code with the reader, the engine or its words.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

Purchases = list[tuple[str, str, dict[str, Any]]]


def load_files(path: Path) -> dict[str, Any]:
    """Load a problem with its lists; numbers are exact."""
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))

    def read_rows(name: str) -> list[dict[str, str]]:
        with (path.parent / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    first, count = spec["first_year"], spec["years"]
    month, day = map(int, spec["needed_until"].split("-"))
    starts = spec["fiscal_year_starts"]
    # The fiscal year y ends in the calendar year y; its days from the starting month on are in y - 1.
    needed_days = {
        year: date(year - 1 if starts > 1 and month >= starts else year, month, day) for year in range(1980, 2120)
    }

    def find_due(text: str) -> int:
        return next(year for year in sorted(needed_days) if date.fromisoformat(text) < needed_days[year])

    return {
        "years": list(range(first, first + count)),
        "groups": {
            row["group"]: {
                "school": row["school"],
                "kind": row["kind"],
                "count": int(row["count"]),
                "due": find_due(row["last_good"]) if row["last_good"] else None,
            }
            for row in read_rows(spec["fleet"])
        },
        "prices": {
            row["kind"]: {key: Fraction(row[key]) for key in ("price", "life", "minutes", "weight")}
            for row in read_rows(spec["prices"])
        },
        "needs": {
            (row["school"], row["kind"], int(row["year"])): int(row["needed"])
            for row in (read_rows(spec["needs"]) if "needs" in spec else [])
        },
        "funds": spec["funds"],
        "ways": spec.get("ways", {"buy": {"payments": [1]}}),
        "team": spec.get("team"),
    }


def list_purchases(files: dict[str, Any], plan: dict[str, Any]) -> Purchases:
    """Return the devices of a plan that are paid, with school and kind."""
    groups = files["groups"]
    replaced = [(groups[row["group"]]["school"], groups[row["group"]]["kind"], row) for row in plan["replace"]]
    return replaced + [(row["school"], row["kind"], row) for row in plan["add"]]


def check_plan(files: dict[str, Any], plan: dict[str, Any]) -> list[str]:
    """Return every rule that a plan breaks, and every figure of it that is wrong."""
    broken: list[str] = []
    groups, years = files["groups"], files["years"]
    handled: dict[str, int] = defaultdict(int)
    for row in [*plan["replace"], *plan["retire"]]:
        group = groups[row["group"]]
        handled[row["group"]] += row["count"]
        if not (isinstance(row["count"], int) and row["count"] > 0 and row["year"] in years):
            broken.append(f"no whole devices in a year of the plan: {row}")
        if group["due"] is None:
            broken.append(f"nobody can tell when it is due: {row}")
    broken += [f"more than there are: {name}" for name, count in handled.items() if count > groups[name]["count"]]
    pairs = {(school, kind) for school, kind, _ in files["needs"]}
    for row in plan["retire"]:
        group = groups[row["group"]]
        if (group["school"], group["kind"]) not in pairs:
            broken.append(f"retired where nothing names a need: {row}")
    for row in plan["add"]:
        if (row["school"], row["kind"]) not in pairs or row["count"] < 1 or row["year"] not in years:
            broken.append(f"added where nothing names a need: {row}")
    purchases = list_purchases(files, plan)
    broken += check_money(files, purchases, plan)
    broken += check_team(files, purchases, plan)
    if broken:
        return broken
    figures = count_figures(files, plan, purchases)
    for name in ("weighted", "past_support", "missing", "thrown_away_minor"):
        if abs(Fraction(str(plan[name])) - figures[name]) > Fraction(1, 2) * (name == "thrown_away_minor"):
            broken.append(f"{name} is {figures[name]}, not {plan[name]}")
    if Fraction(str(plan["bound"])) > figures["weighted"]:
        broken.append("the bound is above W")
    return broken


def check_money(files: dict[str, Any], purchases: Purchases, plan: dict[str, Any]) -> list[str]:
    """Return the rules of funds and ways that are broken."""
    broken = []
    paid: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    totals: dict[str, Fraction] = defaultdict(Fraction)
    for school, kind, row in purchases:
        price = files["prices"][kind]["price"] * row["count"]
        fund, way = files["funds"][row["fund"]], files["ways"][row["way"]]
        if kind not in way.get("kinds", [kind]) or row["fund"] not in way.get("funds", [row["fund"]]):
            broken.append(f"a way that does not fit: {row}")
        payers = [row["fund"]]
        shares = [Fraction(str(share)) for share in way["payments"]]
        if "total" in fund:
            if len(shares) != 1:
                broken.append(f"more than one payment: {row}")
            totals[row["fund"]] += price
            pays = Fraction(str(fund["pays"]))
            paid[row["fund"], row["year"]] += price * shares[0] * pays
            if pays < 1:
                payers.append(fund["match"])
                paid[fund["match"], row["year"]] += price * shares[0] * (1 - pays)
        else:
            for later, share in enumerate(shares):
                paid[row["fund"], row["year"] + later] += price * share
        for name in payers:
            payer = files["funds"][name]
            if school not in payer.get("schools", [school]) or kind not in payer.get("kinds", [kind]):
                broken.append(f"{name} may not pay for it: {row}")
    for name, fund in files["funds"].items():
        if "total" in fund:
            if totals[name] > Fraction(str(fund["total"])):
                broken.append(f"{name} is above its total")
            continue
        left = Fraction(0)
        for place, year in enumerate(files["years"]):
            left = (left if fund.get("carries_over") else 0) + Fraction(str(fund["amounts"][place])) - paid[name, year]
            if left < 0:
                broken.append(f"{name} is overdrawn in {year}")
    last = files["years"][-1]
    for key, fits in (("paid", lambda year: year <= last), ("committed", lambda year: year > last)):
        counted = {(name, year): dollars * 100 for (name, year), dollars in paid.items() if dollars and fits(year)}
        shown = {(name, int(year)): cents for name, row in plan[key].items() for year, cents in row.items() if cents}
        if counted.keys() != shown.keys() or any(abs(counted[item] - shown[item]) > 1 for item in counted):
            broken.append(f"{key} is {counted}, not {shown}")
    return broken


def check_team(files: dict[str, Any], purchases: Purchases, plan: dict[str, Any]) -> list[str]:
    """Return the years whose hours are exceeded, and a wrong count of visits."""
    visits = {(school, row["year"]) for school, _, row in purchases}
    broken = [] if len(visits) == plan["visits"] else [f"{len(visits)} visits, not {plan['visits']}"]
    if files["team"] is None:
        return broken
    for place, year in enumerate(files["years"]):
        minutes = sum(
            files["prices"][kind]["minutes"] * row["count"] for _, kind, row in purchases if row["year"] == year
        )
        minutes += Fraction(str(files["team"]["minutes_per_visit"])) * sum(when == year for _, when in visits)
        if minutes > 60 * Fraction(str(files["team"]["hours"][place])):
            broken.append(f"{minutes} minutes in {year}")
    return broken


def count_figures(files: dict[str, Any], plan: dict[str, Any], purchases: Purchases) -> dict[str, Fraction]:
    """Count W, both of its parts, what is thrown away (cents) and the money that plans are compared by (dollars)."""
    years, prices = files["years"], files["prices"]
    weighted = past = missing = thrown = money = Fraction(0)
    ends: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in [*plan["replace"], *plan["retire"]]:
        ends[row["group"]][row["year"]] += row["count"]
    devices: dict[tuple[str, str], int] = defaultdict(int)
    for name, group in files["groups"].items():
        devices[group["school"], group["kind"]] += group["count"]
        if group["due"] is None:
            continue
        ends[name][years[-1] + 1] += group["count"] - sum(ends[name].values())
        for end, count in ends[name].items():
            waits = count * sum(group["due"] <= year < end for year in years)
            past += waits
            weighted += waits * prices[group["kind"]]["weight"]
    changes: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in plan["add"]:
        changes[row["school"], row["kind"], row["year"]] += row["count"]
    for row in plan["retire"]:
        group = files["groups"][row["group"]]
        changes[group["school"], group["kind"], row["year"]] -= row["count"]
    for (school, kind, year), needed in files["needs"].items():
        present = devices[school, kind] + sum(changes[school, kind, before] for before in years if before <= year)
        missing += max(needed - present, 0)
        weighted += max(needed - present, 0) * prices[kind]["weight"]
    for _, kind, row in purchases:
        fund = files["funds"][row["fund"]]
        share = sum(Fraction(str(item)) for item in files["ways"][row["way"]]["payments"])
        if "total" in fund:
            share *= 1 - Fraction(str(fund["pays"]))
        money += share * prices[kind]["price"] * row["count"]
        if "group" in row:
            early = files["groups"][row["group"]]["due"] - row["year"]
            thrown += prices[kind]["price"] * max(early, 0) / prices[kind]["life"] * row["count"]
    return {
        "weighted": weighted,
        "past_support": past,
        "missing": missing,
        "thrown_away_minor": thrown * 100,
        "money": money + thrown,
    }
