"""The result of planning: the items in order, and the jobs that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from homeroom.domain.manage.planning import MaintenanceWindow, PersonCapacity, PlanJob
from homeroom.domain.protect.risk import RiskTable
from homeroom.domain.protect.urgency import UrgencyKey, UrgencyLevel, build_urgency_key


class WaitReason(StrEnum):
    """The reason why a job is not in the plan."""

    NO_ROOM = "no_room"
    LONG_ONE_FIRST = "long_one_first"
    NO_QUIET_TIME = "no_quiet_time"
    NOBODY = "nobody"
    DEFERRED = "deferred"


@dataclass(frozen=True, kw_only=True)
class PlanItem:
    """One job of the week: the subjects to do, its minutes with the set-up that it pays, and each person's minutes.

    `risk` is the risk that it removes. `windows` are its quiet times; empty where it does not disturb class.
    """

    job: PlanJob
    subjects: int
    minutes: int
    setup_minutes: int
    risk: float
    urgency: UrgencyLevel = UrgencyLevel.BY_RISK
    shares: tuple[tuple[str, int], ...] = ()
    windows: tuple[MaintenanceWindow, ...] = ()

    @property
    def whole(self) -> bool:
        """Check whether nothing of the job remains after this week."""
        return self.subjects == self.job.subjects

    @property
    def is_urgent_part(self) -> bool:
        """Return whether only a part fits of a job that goes before all work that is ranked by risk."""
        return not self.whole and self.urgency < UrgencyLevel.BY_RISK


@dataclass(frozen=True, kw_only=True)
class LeftOutJob:
    """One job that waits: the risk that remains, whether it misses its deadline, and its urgency."""

    job: PlanJob
    reason: WaitReason
    risk: float
    misses: bool
    urgency: UrgencyLevel = UrgencyLevel.BY_RISK

    @property
    def is_urgent(self) -> bool:
        """Return whether it goes before all work that is ranked by risk, and nobody deferred it."""
        return self.urgency < UrgencyLevel.BY_RISK and self.reason != WaitReason.DEFERRED


@dataclass(frozen=True, kw_only=True)
class TeamCapacity:
    """The hours of the week, and its quiet times; None where no calendar defines class times."""

    seats: tuple[PersonCapacity, ...]
    windows: tuple[MaintenanceWindow, ...] | None
    long_share: float

    @property
    def minutes(self) -> int:
        """Return the minutes of all people together."""
        return sum(seat.minutes for seat in self.seats)

    def get_role(self, job: PlanJob) -> str:
        """Return the role whose hours the job uses.

        The role of the person that the team named, else the job's own if any person has it, else the role with most
        hours.
        """
        assigned_role = next((seat.role for seat in self.seats if job.assigned and seat.person == job.assigned), None)
        if assigned_role is not None:
            return assigned_role
        roles = {seat.role for seat in self.seats}
        return job.who if job.who in roles else max(sorted(roles), key=lambda role: self.get_minutes(role), default="")

    def get_minutes(self, role: str) -> int:
        """Return the minutes of one role."""
        return sum(seat.minutes for seat in self.seats if seat.role == role)

    def get_week_minutes(self, role: str) -> int:
        """Return the minutes of one role in the full week, spent ones included."""
        return self.get_minutes(role) + sum(seat.spent for seat in self.seats if seat.role == role)

    def get_seats(self, role: str) -> tuple[PersonCapacity, ...]:
        """Return the seats of one role."""
        return tuple(seat for seat in self.seats if seat.role == role)

    def get_quiet_minutes(self, role: str) -> int | None:
        """Return the minutes of a role outside class, for each person no more than in the week.

        None without a calendar.
        """
        if self.windows is None:
            return None
        quiet_minutes = sum(window.minutes for window in self.windows)
        return sum(min(seat.minutes, quiet_minutes) for seat in self.get_seats(role))


@dataclass(frozen=True, kw_only=True)
class PlanResult:
    """The plan of a week.

    `bound` is an upper bound of the risk that a plan under the same rules can remove; `risk_removed` is what this plan
    removes.
    """

    items: tuple[PlanItem, ...]
    left_out: tuple[LeftOutJob, ...]
    minutes: int
    hours: float
    risk_before: float
    risk_after: float
    bound: float
    seconds: float

    @property
    def risk_removed(self) -> float:
        """Return the risk that the items remove."""
        return self.risk_before - self.risk_after

    @property
    def gap(self) -> float:
        """Return the distance from the best plan as a share of the bound; 0 is proven best."""
        return max(0.0, round(1 - self.risk_removed / self.bound, 9)) if self.bound > 0 else 0.0


def sort_items(items: Sequence[PlanItem], *, table: RiskTable) -> tuple[PlanItem, ...]:
    """Sort items by urgency, most urgent first: the order of Today and Posture too."""
    return tuple(sorted(items, key=lambda item: (build_job_key(item.job, table=table), item.job.id)))


def build_job_key(job: PlanJob, *, table: RiskTable) -> UrgencyKey:
    """Return the key that sorts jobs by urgency; `due_on` must be set only if the job is due in the week."""
    return build_urgency_key(
        table,
        severity=job.severity,
        danger=job.danger,
        area=job.area,
        subjects=job.subjects,
        is_due=job.due_on is not None,
        is_pinned=job.pinned,
    )
