"""The fleet by school and kind: how many devices are due by each year of the plan, and how many are needed.

Devices of one cell count the same, so a plan handles those first that are due first: with H devices handled by a year
and D due by it, D - H wait and H - D are replaced early, and no order does better in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from homeroom.domain.manage.refresh.problem import FleetGroup, RefreshProblem


@dataclass(frozen=True, kw_only=True)
class FleetCell:
    """Devices of one kind in one school. `due` is cumulative by year; `needs` has None for a year without a need."""

    school: str
    kind: str
    weight: Fraction
    size: int
    due: tuple[int, ...]
    needs: tuple[int | None, ...] | None

    @property
    def due_in_plan(self) -> int:
        """The devices that are due by the last year."""
        return self.due[-1]


def find_due_index(problem: RefreshProblem, group: FleetGroup) -> int | None:
    """Return the place in the plan's years of the first year for which a group is not good.

    0 is also a year before the plan, the number of years one after it; None if that is unknown.
    """
    if group.last_good is None:
        return None
    due = problem.calendar.find_due_year(group.last_good) - problem.first_year
    return min(max(due, 0), problem.year_count)


def build_cells(problem: RefreshProblem) -> tuple[FleetCell, ...]:
    """Return the cells of a fleet, and those that only needs name, by school and kind."""
    sizes: dict[tuple[str, str], int] = {}
    due: dict[tuple[str, str], list[int]] = {}
    for group in problem.groups:
        key = (group.school, group.kind)
        sizes[key] = sizes.get(key, 0) + group.count
        index = find_due_index(problem, group)
        counts = due.setdefault(key, [0] * problem.year_count)
        if index is not None:
            for year in range(index, problem.year_count):
                counts[year] += group.count
    needed = {(school, kind) for school, kind, _ in problem.needs}
    return tuple(
        FleetCell(
            school=school,
            kind=kind,
            weight=problem.prices[kind].weight,
            size=sizes.get((school, kind), 0),
            due=tuple(due.get((school, kind), [0] * problem.year_count)),
            needs=tuple(problem.needs.get((school, kind, year)) for year in problem.years)
            if (school, kind) in needed
            else None,
        )
        for school, kind in sorted(sizes.keys() | needed)
    )
