"""What a plan says: the items in order, what was left out and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from homeroom.domain.work import Job, Seat, Window


class Why(StrEnum):
    """Why a job is not in the plan."""

    NO_ROOM = "no_room"
    LONG_ONE_FIRST = "long_one_first"
    NO_QUIET_TIME = "no_quiet_time"
    NOBODY = "nobody"
    DEFERRED = "deferred"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One job of the week: how many of its subjects, its minutes with the set-up that it pays, who gives how many of them.

    `risk` is what it takes away. `windows` are the quiet times it goes into; empty where it disturbs nobody.
    """

    job: Job
    subjects: int
    minutes: int
    setup_minutes: int
    risk: float
    shares: tuple[tuple[str, int], ...] = ()
    windows: tuple[Window, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing of the job is left after this week."""
        return self.subjects == self.job.subjects


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """One job that waits: the risk that stays, and whether its deadline passes."""

    job: Job
    why: Why
    risk: float
    misses: bool


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The hours of the week, and its quiet times; None where no calendar says when class is."""

    seats: tuple[Seat, ...]
    windows: tuple[Window, ...] | None
    long_keeps: float

    @property
    def minutes(self) -> int:
        """Everybody's minutes together."""
        return sum(seat.minutes for seat in self.seats)

    def pool_of(self, job: Job) -> str:
        """The role whose hours the job draws on: that of whom the team named, else its own, where somebody of it gives hours.

        Else that with most hours.
        """
        named = next((seat.role for seat in self.seats if job.assigned and seat.person == job.assigned), None)
        if named is not None:
            return named
        roles = {seat.role for seat in self.seats}
        return job.who if job.who in roles else max(sorted(roles), key=lambda role: self.of(role), default="")

    def of(self, role: str) -> int:
        """The minutes of one role."""
        return sum(seat.minutes for seat in self.seats if seat.role == role)

    def week(self, role: str) -> int:
        """The minutes of one role in the whole week, those that were spent included."""
        return self.of(role) + sum(seat.spent for seat in self.seats if seat.role == role)

    def people(self, role: str) -> tuple[Seat, ...]:
        """The seats of one role."""
        return tuple(seat for seat in self.seats if seat.role == role)

    def quiet(self, role: str) -> int | None:
        """The minutes of that role outside class: nobody gives more of them than of the week; None without a calendar."""
        if self.windows is None:
            return None
        long = sum(window.minutes for window in self.windows)
        return sum(min(seat.minutes, long) for seat in self.people(role))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The week. `bound` is the most risk that a plan under the same rules can take away; `taken` what this one does."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]
    minutes: int
    hours: float
    risk_before: float
    risk_after: float
    bound: float
    seconds: float

    @property
    def taken(self) -> float:
        """The risk that the items take away."""
        return self.risk_before - self.risk_after

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of the bound; 0 is proven best."""
        return max(0.0, round(1 - self.taken / self.bound, 9)) if self.bound > 0 else 0.0


def in_order(items: Sequence[Item]) -> tuple[Item, ...]:
    """What is due first, by its day; then by the risk taken away, most first, as on Today."""
    return tuple(
        sorted(items, key=lambda one: (one.job.due_on is None, one.job.due_on or 0, -round(one.risk, 6), one.job.id))
    )
