"""A plan of a rollout: visits, what they cost, what was left out, and what else would be possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class PlannedVisit:
    """People in one room on a day, from `starts` to `ends` (minutes after midnight); a locked visit is never moved."""

    room: str
    day: date
    starts: int
    ends: int
    people: tuple[str, ...]
    class_minutes: int
    locked: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanObjective:
    """What counts, in this order: minutes of class disturbed, the day of the last visit, minutes of travel."""

    disrupted_minutes: int
    finished_on: date | None
    travel_minutes: int


@dataclass(frozen=True, kw_only=True)
class PlanBound:
    """What no plan can be better than; None where nothing is proven."""

    disrupted_minutes: int
    finished_on: date | None
    travel_minutes: int | None


class LeftOutReason(StrEnum):
    """Why a room has no visit."""

    NO_DAY = "no_day"
    NO_TIME = "no_time"
    HANDS = "hands"
    CLASS_TIME = "class_time"
    STOCK = "stock"
    RING = "ring"
    CAPACITY = "capacity"


@dataclass(frozen=True, kw_only=True)
class LeftOutRoom:
    """A room without a visit: the reason, and the sentence for it."""

    room: str
    why: LeftOutReason
    says: str


class RelaxedRule(StrEnum):
    """A rule that, relaxed alone, may make a plan complete."""

    UNTIL = "until"
    CLASS_TIME = "class_time"
    NO_VISITS = "no_visits"
    AT_ONCE = "at_once"
    LIMITS = "limits"
    STOCK = "stock"
    SOAK = "soak"
    TEAM = "team"
    HOURS = "hours"
    ROOM = "room"


@dataclass(frozen=True, kw_only=True)
class RuleRelaxation:
    """The least change of one rule that makes the plan complete, and what the plan then costs."""

    rule: RelaxedRule
    to: str
    then: PlanObjective


@dataclass(frozen=True, kw_only=True)
class DeadlineOffer:
    """Another deadline, and what a plan until then costs."""

    until: date
    disrupted_minutes: int
    finished_on: date


@dataclass(frozen=True, kw_only=True)
class RolloutPlan:
    """The best plan so far with its bound; `first_seconds` and `all_seconds` are CPU-seconds of planning."""

    visits: tuple[PlannedVisit, ...]
    left_out: tuple[LeftOutRoom, ...]
    objective: PlanObjective
    bound: PlanBound
    relax: tuple[RuleRelaxation, ...] = ()
    offers: tuple[DeadlineOffer, ...] = ()
    first_seconds: float = 0.0
    all_seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Return True if each room has a visit."""
        return not self.left_out


@dataclass(frozen=True, kw_only=True)
class EarlierPlan:
    """The visits of a plan that was made before, and the moment (a day and its minute) before which nothing changes."""

    visits: tuple[PlannedVisit, ...]
    day: date
    minute: int

    def has_begun(self, visit: PlannedVisit) -> bool:
        """Return True if a visit began before the moment."""
        return (visit.day, visit.starts) < (self.day, self.minute)
