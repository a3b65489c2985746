"""The weekly digest: what changed, what was done, what comes next week, failed syncs and the age of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.know.connections.queries import ConnectionRow, list_connections, list_expected_ages
from homeroom.apps.manage.planning.queries import SourceAge, list_source_ages
from homeroom.apps.manage.planning.verification import WorkVerification
from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan, plan_for_week
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.protect.posture.published.week_changes import FindingChanges, list_finding_changes
from homeroom.domain.platform.district import District
from homeroom.engines.manage.plan.plan import WaitReason

WEEK = timedelta(days=7)
FAILED_SYNC = frozenset({"failed", "partly"})


@dataclass(frozen=True, kw_only=True)
class WeeklyDigest:
    """A week of a district that ends today. `changes` is None before a second assessment.

    `done` is this week's finished work, `open_items` its items that are not done, and `next_items` are what comes after
    them, most urgent first.
    """

    week: WeekPlan
    changes: FindingChanges | None
    done: tuple[WorkVerification, ...]
    open_items: tuple[PlannedItem, ...]
    next_items: tuple[DeferredItem, ...]
    failed_syncs: tuple[ConnectionRow, ...]
    sources: tuple[SourceAge, ...]

    @property
    def old_sources(self) -> tuple[SourceAge, ...]:
        """Sources that are older than their schedule has, or a week, the oldest first."""
        return tuple(sorted((source for source in self.sources if source.old), key=lambda source: -source.days))

    @property
    def minutes_done(self) -> int:
        """Minutes of this week's finished work, estimated where nobody recorded them."""
        return sum(
            entry.status.estimated if entry.status.actual is None else entry.status.actual for entry in self.done
        )


def load_weekly_digest(*, district: District, today: date) -> WeeklyDigest:
    """Return the digest of the seven days that end today."""
    assessment = get_published_assessment(district=district)
    week = plan_for_week(district=district, today=today, assessment=assessment)
    loads = get_evidence_store(district=district).list_current_loads()
    return WeeklyDigest(
        week=week,
        changes=list_finding_changes(district=district, assessment=assessment, since=today - WEEK)
        if assessment
        else None,
        done=tuple(entry for entry in week.proofs if entry.status.week == week.monday),
        open_items=week.items,
        next_items=tuple(entry for entry in week.left_out if entry.left_out.reason != WaitReason.DEFERRED),
        failed_syncs=tuple(
            row for row in list_connections(district=district) if row.last is not None and row.last.state in FAILED_SYNC
        ),
        sources=list_source_ages(
            loads, today=today, zone=ZoneInfo(district.timezone), expected=list_expected_ages(district=district)
        ),
    )
