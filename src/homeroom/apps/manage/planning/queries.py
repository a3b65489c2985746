"""Queries for the morning page: the most urgent findings, the age of the sources, and this week's school days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.know.sources.queries import LoadDetail, summarize_held_load
from homeroom.apps.manage.planning.hours import has_hours
from homeroom.apps.manage.planning.ranking import compute_due_date, describe_urgency, rank_findings
from homeroom.apps.manage.planning.visits import RolloutRemedy, list_planned_remedies
from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan, plan_for_week
from homeroom.apps.platform.districts.evidence_store import fetch_small_table, get_evidence_store
from homeroom.apps.protect.finding_work.queries import FindingProgress, list_progress
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    AssessmentRef,
    OpenFinding,
    get_published_assessment,
    has_assessed_subjects,
    list_open_findings,
    load_control_results,
)
from homeroom.domain.platform.district import District
from homeroom.engines.manage.plan.plan import WaitReason
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import QueryTimeout

MAX_FIRST_FINDINGS = 5
OLD_DAYS = 7
_WEEK_SQL = "SELECT date, kind, title FROM district_days WHERE date BETWEEN ? AND ? ORDER BY date"
_COUNT_DAYS_SQL = "SELECT count(*) FROM district_days"


@dataclass(frozen=True, kw_only=True)
class SourceAge:
    """One source instance: its oldest current stream, and its age in days in the district's time zone.

    `expected_days` is the age at which it is still as it should be: what its schedule has, or a week for files.
    """

    connector: str
    instance: str
    loaded_at: datetime
    days: int
    expected_days: int = OLD_DAYS

    @property
    def old(self) -> bool:
        """Return whether it is older than expected."""
        return self.days > self.expected_days

    @property
    def lateness(self) -> float:
        """Its age as a multiple of what is expected."""
        return self.days / self.expected_days


@dataclass(frozen=True, kw_only=True)
class SchoolWeekDay:
    """One day of the week; `title` explains a day without school if the calendar does."""

    date: date
    school: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class LoadToCheck:
    """A load with rejected rows, or one that waits for a person (`held`), whose changes are in `details`."""

    id: str
    instance: str
    stream: str
    rows_read: int
    rows_rejected: int
    details: LoadDetail | None = None

    @property
    def held(self) -> bool:
        """True if it waits for a person."""
        return self.details is not None

    @property
    def rows_kept(self) -> int:
        """Number of rows that are loaded."""
        return self.rows_read - self.rows_rejected


@dataclass(frozen=True, kw_only=True)
class MorningBriefing:
    """Content of the first page of the day; `results` are the numbers of the first findings' controls, by id.

    `has_subjects` is true if a control had anybody or anything to judge.
    `week` is empty if the district loaded no calendar. `minutes` are those that this week's plan gives to a control
    with one finding, by its id; `not_planned` are the controls that it leaves out, if the team entered hours. `reasons`
    say why each of the first findings is there, by the finding's id. `loads_to_check` has those that wait first, then
    those that lost the most rows. `planned` are the findings that a rollout remedies, by public id: they are the last
    of `later`.
    """

    judgment: AssessmentRef | None
    first: tuple[OpenFinding, ...]
    later: tuple[OpenFinding, ...]
    results: Mapping[str, AssessedControl]
    sources: tuple[SourceAge, ...]
    week: tuple[SchoolWeekDay, ...]
    has_subjects: bool = False
    minutes: Mapping[str, int] = field(default_factory=dict)
    not_planned: frozenset[str] = frozenset()
    reasons: Mapping[int, str] = field(default_factory=dict)
    loads_to_check: tuple[LoadToCheck, ...] = ()
    planned: Mapping[str, RolloutRemedy] = field(default_factory=dict)


def load_morning(*, district: District, today: date, expected_ages: Mapping[str, int] | None = None) -> MorningBriefing:
    """Return the five most urgent findings without acceptance, the others after them, and the data they rest on.

    `expected_ages` are the days after which a source is old, by instance, for those that are not loaded by the week.

    The order is by urgency. If the team entered hours, what it pinned to this week comes first, and what it deferred or
    marked as done comes last.
    """
    store = get_evidence_store(district=district)
    loads = store.list_current_loads()
    published = get_published_assessment(district=district)
    findings = list_open_findings(district=district, assessment=published) if published else ()
    minutes: Mapping[str, int] = {}
    pinned: Mapping[str, str] = {}
    waiting: frozenset[str] = frozenset()
    not_planned: frozenset[str] = frozenset()
    planned: Mapping[str, RolloutRemedy]
    progress: Mapping[str, FindingProgress] = {}
    if published and has_hours(district=district):
        plan = plan_for_week(district=district, today=today, assessment=published, findings=findings)
        minutes = {item.open.control.id: item.item.minutes for item in plan.items if len(item.open.findings) == 1}
        not_planned = frozenset((plan.open_jobs or {}).keys() - {item.open.control.id for item in plan.items})
        pinned, waiting = list_pins(plan), _list_waiting(plan)
        planned = {finding.public: remedy for finding, remedy in plan.in_rollouts}
        progress = plan.progress
    else:
        planned = list_planned_remedies(district=district, assessment=published)
        if published:
            progress = list_progress(district=district, assessment=published, findings=findings, today=today)
    ranked = rank_findings(findings, today=today, pinned=frozenset(pinned), waiting=waiting)
    waits = frozenset(public for public, entry in progress.items() if entry.state.waits)
    open_work = [finding for finding in ranked if finding.public not in planned and finding.public not in waits]
    first, later = open_work[:MAX_FIRST_FINDINGS], open_work[MAX_FIRST_FINDINGS:]
    later += [finding for finding in ranked if finding.public in waits and finding.public not in planned]
    later += [finding for finding in ranked if finding.public in planned]
    first_controls = {finding.control.id for finding in first}
    return MorningBriefing(
        judgment=published,
        first=tuple(first),
        reasons={finding.id: _describe_place(finding, today=today, pinned=pinned) for finding in first},
        later=tuple(later),
        planned=planned,
        results=load_control_results(district=district, assessment=published, controls=first_controls)
        if published and first
        else {},
        has_subjects=bool(findings)
        or (published is not None and has_assessed_subjects(district=district, assessment=published)),
        sources=list_source_ages(loads, today=today, zone=ZoneInfo(district.timezone), expected=expected_ages),
        week=_load_school_week(store, today=today) if loads else (),
        minutes=minutes,
        not_planned=not_planned,
        loads_to_check=list_loads_to_check(current=loads, held=store.list_held_loads()),
    )


def list_pins(week: WeekPlan) -> dict[str, str]:
    """Return who pinned each pinned item of the week, in it or left out, by the control's id."""
    entries: tuple[PlannedItem | DeferredItem, ...] = (*week.items, *week.left_out)
    pinned = [entry for entry in entries if entry.pinned]
    return {entry.open.control.id: week.names.get(entry.status.by, entry.status.by) for entry in pinned}


def _list_waiting(week: WeekPlan) -> frozenset[str]:
    """Return the controls whose work is deferred, or done and not proved yet."""
    open_ids = {item.item.job.id for item in week.items}
    open_ids |= {item.left_out.job.id for item in week.left_out if item.left_out.reason != WaitReason.DEFERRED}
    return frozenset((week.open_jobs or {}).keys() - open_ids)


def _describe_place(finding: OpenFinding, *, today: date, pinned: Mapping[str, str]) -> str:
    control = finding.control
    return describe_urgency(
        control,
        subject_kind=finding.subject_kind,
        subjects=finding.members,
        due_on=compute_due_date(control, finding.since),
        today=today,
        pinned_by=pinned.get(control.id),
    )


def list_loads_to_check(*, current: Iterable[Load], held: Iterable[Load]) -> tuple[LoadToCheck, ...]:
    """Return the loads that wait for a person, then the current ones with rejected rows, most rows first."""
    rejecting = sorted(
        (load for load in current if load.rows_rejected), key=lambda load: (-load.rows_rejected, load.chain)
    )
    return tuple(
        LoadToCheck(
            id=load.id,
            instance=load.instance,
            stream=load.stream,
            rows_read=load.rows_read,
            rows_rejected=load.rows_rejected,
            details=summarize_held_load(load) if is_held else None,
        )
        for loads, is_held in ((held, True), (rejecting, False))
        for load in loads
    )


def list_source_ages(
    loads: Iterable[Load], *, today: date, zone: ZoneInfo, expected: Mapping[str, int] | None = None
) -> tuple[SourceAge, ...]:
    """Return each source instance by name, with the age of the oldest of its streams.

    `expected` are the days after which a source is old, by instance, for those that are not loaded by the week.
    """
    newest: dict[tuple[str, str, str], datetime] = {}
    for load in loads:
        stream = (load.connector, load.instance, load.stream)
        newest[stream] = max(load.loaded_at, newest.get(stream, load.loaded_at))
    oldest: dict[tuple[str, str], datetime] = {}
    for (connector, instance, _), loaded_at in newest.items():
        oldest[connector, instance] = min(loaded_at, oldest.get((connector, instance), loaded_at))
    return tuple(
        SourceAge(
            connector=connector,
            instance=instance,
            loaded_at=loaded_at,
            days=max(0, (today - loaded_at.astimezone(zone).date()).days),
            expected_days=(expected or {}).get(instance, OLD_DAYS),
        )
        for (connector, instance), loaded_at in sorted(oldest.items(), key=lambda pair: pair[0][1])
    )


def _load_school_week(store: EvidenceStore, *, today: date) -> tuple[SchoolWeekDay, ...]:
    """Return Monday to Friday of this week, and weekend days with school; empty without a calendar or on a timeout."""
    monday = today - timedelta(days=today.weekday())
    try:
        if fetch_small_table(store, _COUNT_DAYS_SQL) == ((0,),):
            return ()
        rows = fetch_small_table(store, _WEEK_SQL, monday, monday + timedelta(days=6))
    except QueryTimeout:
        return ()
    day_info = {day: (kind, title or "") for day, kind, title in rows}
    days = [monday + timedelta(days=n) for n in range(7)]
    week = [
        SchoolWeekDay(date=day, school=day_info.get(day, ("",))[0] == "school", title=day_info.get(day, ("", ""))[1])
        for day in days
    ]
    return tuple(day for day in week if day.date.weekday() < 5 or day.school)
