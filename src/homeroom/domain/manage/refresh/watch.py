"""What watches a planner while it works: it is shown each step and the best W so far, and may stop it."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Protocol


class PlanStep(StrEnum):
    """A step of the planner, in the order in which they are done."""

    WEIGHTED = "weighted"
    MONEY = "money"
    CURVE = "curve"
    LEVEL = "level"


class RefreshWatch(Protocol):
    """Watches one run of a planner."""

    def report(self, step: PlanStep, weighted: Fraction | None) -> None:
        """Take notice that a step begins, with the best W so far."""

    def is_stopped(self) -> bool:
        """Return True once the planner is to end with the best plan so far."""


class NoWatch:
    """Watches nothing and never stops a planner."""

    def report(self, step: PlanStep, weighted: Fraction | None) -> None:
        """Ignore the step."""

    def is_stopped(self) -> bool:
        """Return False."""
        return False
