"""Clocks of duties: what starts them, how much time they give, and where sources differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.matching import PatternNode

MOMENTS = (
    "discovered",
    "determined",
    "believed",
    "vendor_discovered",
    "vendor_notified",
    "ransom_paid",
    "recovered",
    "delay_ended",
    "requested",
    "complained",
    "signed",
    "ended",
    "refused",
    "appealed",
    "no_longer_needed",
    "survey_planned",
    "policy_changed",
)
"""The moments that start clocks."""


class ClockUnit(StrEnum):
    """The unit that a clock counts in."""

    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business days"
    SCHOOL_DAYS = "school days"
    MONTHS = "months"


class Period(StrEnum):
    """A span of time that comes again, for duties that are due once in each."""

    FISCAL_YEAR = "fiscal year"
    SCHOOL_YEAR = "school year"
    CALENDAR_YEAR = "calendar year"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """An amount of time after a moment, such as 10 business days."""

    count: int
    unit: ClockUnit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"


@dataclass(frozen=True, kw_only=True)
class MomentClock:
    """A clock that the earliest known of its moments starts."""

    starts: tuple[str, ...]
    within: TimeLimit


@dataclass(frozen=True, kw_only=True)
class ConditionalDate:
    """A date that counts for districts of certain facts; without a condition it counts for all."""

    date: date
    when: PatternNode | None = None


@dataclass(frozen=True, kw_only=True)
class DateClock:
    """A clock that ends on a date; of several dates the first whose condition holds counts."""

    dates: tuple[ConditionalDate, ...]


@dataclass(frozen=True, kw_only=True)
class PeriodRule:
    """An amount of time after each period's first day, or each period's last day if there is none.

    `or_within` is a second reading of the same rule.
    """

    period: Period
    within: TimeLimit | None = None
    or_within: TimeLimit | None = None


@dataclass(frozen=True, kw_only=True)
class PeriodClock:
    """A clock that ends in each period; of several rules the next end counts."""

    rules: tuple[PeriodRule, ...]


@dataclass(frozen=True, kw_only=True)
class PromptClock:
    """A clock without a number, such as "without unreasonable delay"; it gives no date.

    The earliest known of its moments starts it; without any it holds all the time.
    """

    wording: str
    starts: tuple[str, ...] = ()


type DutyClock = MomentClock | DateClock | PeriodClock | PromptClock


def list_starts(clock: DutyClock) -> tuple[str, ...]:
    """Return the moments that start a clock; none for a clock that runs without an event."""
    return clock.starts if isinstance(clock, MomentClock | PromptClock) else ()


@dataclass(frozen=True, kw_only=True)
class TimeExtension:
    """Time beyond the due date that a law gives under a condition, in words."""

    within: TimeLimit
    condition: str


@dataclass(frozen=True, kw_only=True)
class DeadlineDoubt:
    """A point on which sources differ, in words, and the other reading of the deadline if there is one.

    The other reading counts from the same moments unless `starts` names others, and only for moments from the day
    `since` on.
    """

    text: str
    or_within: TimeLimit | None = None
    starts: tuple[str, ...] = ()
    since: date | None = None
