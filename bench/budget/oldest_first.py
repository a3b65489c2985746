"""What a careful person does with a spreadsheet: the oldest devices first, year by year, while money and hours last."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any


class OldestFirst:
    """Plans a problem as `refresh_judge.load_files` returns it; the same funds, hours and visits as the engine has."""

    def __init__(self, files: dict[str, Any]) -> None:
        self._files = files
        self._plan: dict[str, Any] = {"replace": [], "retire": [], "add": []}
        self._totals = {name: Fraction(str(fund["total"])) for name, fund in files["funds"].items() if "total" in fund}
        self._left: dict[str, Fraction] = defaultdict(Fraction)

    def plan(self) -> dict[str, Any]:
        """Return the rows of the plan."""
        groups = sorted(self._files["groups"].items(), key=lambda item: (item[1]["due"] or 0, item[0]))
        waiting = {name: group["count"] for name, group in groups if group["due"] is not None}
        present: dict[tuple[str, str], int] = defaultdict(int)
        for _, group in groups:
            present[group["school"], group["kind"]] += group["count"]
        for place, year in enumerate(self._files["years"]):
            self._open_year(place)
            for name, group in groups:
                pair = (group["school"], group["kind"])
                if group["due"] is None or group["due"] > year or not waiting[name]:
                    continue
                surplus = present[pair] - self._find_need(pair, year)
                retired = min(max(surplus, 0), waiting[name])
                if retired:
                    self._plan["retire"].append({"group": name, "year": year, "count": retired})
                    present[pair] -= retired
                    waiting[name] -= retired
                waiting[name] -= self._acquire("replace", {"group": name}, pair, year, waiting[name])
            for school, kind in sorted({(school, kind) for school, kind, _ in self._files["needs"]}):
                pair = (school, kind)
                missing = self._files["needs"].get((school, kind, year), 0) - present[pair]
                present[pair] += self._acquire("add", {"school": school, "kind": kind}, pair, year, missing)
        return self._plan

    def _open_year(self, place: int) -> None:
        for name, fund in self._files["funds"].items():
            if "total" not in fund:
                before = self._left[name] if fund.get("carries_over") else Fraction(0)
                self._left[name] = before + Fraction(str(fund["amounts"][place]))
        team = self._files["team"]
        self._minutes = Fraction(str(team["hours"][place])) * 60
        self._visited: set[str] = set()

    def _find_need(self, pair: tuple[str, str], year: int) -> int:
        """Return the largest need of this year and the later ones; what no list names is needed."""
        needs = [self._files["needs"].get((*pair, later)) for later in self._files["years"] if later >= year]
        return max((need for need in needs if need is not None), default=10**9)

    def _acquire(self, key: str, what: dict[str, Any], pair: tuple[str, str], year: int, wanted: int) -> int:
        """Buy as many as money and hours allow, from the first fund that may pay; return how many."""
        school, kind = pair
        price = self._files["prices"][kind]
        bought = 0
        for name, fund in self._files["funds"].items():
            if school not in fund.get("schools", [school]) or kind not in fund.get("kinds", [kind]):
                continue
            visit = 0 if school in self._visited else self._files["team"]["minutes_per_visit"]
            count = min(wanted - bought, int((self._minutes - visit) // price["minutes"]))
            if "total" in fund:
                rest = price["price"] * (1 - Fraction(str(fund["pays"])))
                count = min(count, int(self._totals[name] // price["price"]), int(self._left[fund["match"]] // rest))
            else:
                count = min(count, int(self._left[name] // price["price"]))
            if count <= 0:
                continue
            self._minutes -= visit + count * price["minutes"]
            self._visited.add(school)
            if "total" in fund:
                self._totals[name] -= count * price["price"]
                self._left[fund["match"]] -= count * rest
            else:
                self._left[name] -= count * price["price"]
            self._plan[key].append({**what, "year": year, "fund": name, "way": "buy", "count": count})
            bought += count
        return bought
