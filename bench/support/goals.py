"""Goals of a benchmark: a bound on a figure, and whether all figures hold theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A bound, with both ends included; None leaves an end open."""

    at_most: float | None = None
    at_least: float | None = None

    def holds(self, figure: float | None) -> bool:
        """Whether the figure is within the bound. What is not a number, or was not measured (None), is never within."""
        if figure is None:
            return False
        return (self.at_most is None or figure <= self.at_most) and (self.at_least is None or figure >= self.at_least)

    def told(self) -> dict[str, float]:
        """The bound in the form that is printed as JSON."""
        ends = {"at_most": self.at_most, "at_least": self.at_least}
        return {name: end for name, end in ends.items() if end is not None}


def exactly(value: float) -> Goal:
    """A goal that only this value meets."""
    return Goal(at_most=value, at_least=value)


def all_hold(goals: Mapping[str, Goal], figures: Mapping[str, float | None]) -> bool:
    """Whether every goal has its figure and every figure is within it; a goal without a figure does not hold."""
    return all(name in figures and goal.holds(figures[name]) for name, goal in goals.items())
