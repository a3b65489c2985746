"""Goals of a benchmark: a bound on a figure, and whether all figures meet theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A bound, with both ends included; None leaves an end open."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met_by(self, figure: float | None) -> bool:
        """Return True if the figure is within the bound; a figure that is NaN or None (not measured) never is."""
        if figure is None:
            return False
        return (self.at_most is None or figure <= self.at_most) and (self.at_least is None or figure >= self.at_least)

    def describe_bounds(self) -> dict[str, float]:
        """Return the bounds in the form that is printed as JSON."""
        ends = {"at_most": self.at_most, "at_least": self.at_least}
        return {name: end for name, end in ends.items() if end is not None}


def require_exactly(value: float) -> Goal:
    """Return a goal that only this value meets."""
    return Goal(at_most=value, at_least=value)


def are_all_met(goals: Mapping[str, Goal], figures: Mapping[str, float | None]) -> bool:
    """Return True if every goal has its figure and every figure is within it; a goal without a figure is not met."""
    return all(name in figures and goal.is_met_by(figures[name]) for name, goal in goals.items())
