"""A visit that a person moves: which rules that breaks, what it costs, and where else it would fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from homeroom.domain.manage.rollouts.plan import PlannedVisit, PlanObjective


class MoveRule(StrEnum):
    """A rule that a moved visit may break."""

    DATES = "dates"
    PAST = "past"
    SCHOOL_DAY = "school_day"
    ROOM_DAY = "room_day"
    RING = "ring"
    STOCK = "stock"
    DAY_LIMIT = "day_limit"
    WEEK_LIMIT = "week_limit"
    GRID = "grid"
    SCHOOL_HOURS = "school_hours"
    CLASS_TIME = "class_time"
    AT_ONCE = "at_once"
    TEAM = "team"
    HANDS = "hands"
    PERSON_HOURS = "person_hours"
    AGENDA = "agenda"
    PERSON_WEEK = "person_week"


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """A rule that a moved visit breaks; `values` are what a sentence about it needs, by name."""

    rule: MoveRule
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MoveVerdict:
    """The judgment of a moved visit: the rules that it breaks, and what the plan costs before and after."""

    visit: PlannedVisit
    broken: tuple[BrokenRule, ...]
    before: PlanObjective
    after: PlanObjective

    @property
    def fits(self) -> bool:
        """Return True if the move keeps every rule."""
        return not self.broken


@dataclass(frozen=True, kw_only=True)
class FittingStart:
    """A start at which a visit keeps every rule: the people who can be there, and the class minutes it costs."""

    day: date
    starts: int
    ends: int
    people: tuple[str, ...]
    class_minutes: int
