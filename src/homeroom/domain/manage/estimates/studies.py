"""Studies: values by school and week, when each school started something, and what the start changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.manage.estimates.intervals import EstimateInterval


class StudyVerdict(StrEnum):
    """The verdict of a study on a start."""

    HIGHER = "higher"
    LOWER = "lower"
    NOT_SEEN = "not seen"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class WeekValue:
    """The value of a school in a week, None if it is missing. `week` is its Monday."""

    school: str
    week: date
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Study:
    """Weeks of schools, each at most once, and the Monday of the week in which each school started, None if never."""

    name: str
    weeks: tuple[WeekValue, ...]
    starts: dict[str, date | None]


@dataclass(frozen=True, kw_only=True)
class StudyEffect:
    """What the start changed, on average over `school_weeks`, with an interval of 95 %.

    `estimate`, `interval` and `seen_if_at_least` are None if nothing can be estimated, for the reason in `why`.
    `schools` are those that are compared.
    """

    study: str
    verdict: StudyVerdict
    estimate: float | None
    interval: EstimateInterval | None
    schools: int
    school_weeks: int
    seen_if_at_least: float | None
    why: str
