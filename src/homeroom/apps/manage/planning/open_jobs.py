"""Open work as jobs to plan: one per control, with estimates that learned from recorded work."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from homeroom.apps.manage.planning.models import Work
from homeroom.apps.manage.planning.ranking import compute_due_date
from homeroom.apps.manage.planning.tasks import PlanTask, build_task_control
from homeroom.apps.manage.planning.verification import WAITING, WorkVerification
from homeroom.apps.manage.planning.work_log import (
    DEFERRED,
    DONE,
    LOOK_BACK,
    MAX_LEARNING_ROWS,
    PLANNED,
    REVOKING_ACTS,
    ItemStatus,
)
from homeroom.apps.protect.finding_work.queries import list_measured_work
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.published.queries import OpenFinding
from homeroom.domain.manage.planning import PlanJob
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.engines.manage.plan.estimates import WorkOutcome, compute_ratios
from homeroom.library.manage.planning import load_planning_rules

CLASS_TIME = "class"


@dataclass(frozen=True, kw_only=True)
class OpenJob:
    """All open findings of one control, or one task, which has no findings: its control has its title and minutes."""

    control: Control
    findings: tuple[OpenFinding, ...] = ()
    task: PlanTask | None = None

    @property
    def members(self) -> int:
        """Number of subjects in all its findings."""
        return 1 if self.task else sum(finding.members for finding in self.findings)

    @property
    def people(self) -> int:
        """Number of people that the subjects belong to, each counted once in a finding."""
        return 1 if self.task else sum(finding.people or finding.members for finding in self.findings)

    @property
    def subject_kind(self) -> str:
        """Kind of its subjects."""
        return self.findings[0].subject_kind if self.findings else "task"

    @property
    def minutes_per_subject(self) -> float:
        """Minutes of content a subject: work on several accounts of a person is counted once."""
        return self.control.effort.minutes_per_subject * self.people / max(1, self.members)

    @property
    def since(self) -> date | None:
        """First day on which any of its findings was open."""
        return min((finding.since for finding in self.findings if finding.since), default=None)


def learn_ratios(*, district: District) -> Mapping[str, float]:
    """Return the factor of each control's estimate, from work on items and on findings.

    Only control and minutes of each outcome are read.
    """
    later_work = Work.objects.of(district).filter(item=OuterRef("item"), week=OuterRef("week"), pk__gt=OuterRef("pk"))
    rows = Work.objects.of(district).filter(
        ~Exists(later_work.filter(act__in=REVOKING_ACTS)), act=DONE, actual__isnull=False
    )
    work_rows = rows.order_by("-pk").values_list("item", "basis", "actual")[:MAX_LEARNING_ROWS]
    outcomes = [WorkOutcome(job=item, estimated=basis, actual=actual or 0) for item, basis, actual in work_rows]
    for control, subjects, minutes in list_measured_work(district=district, limit=MAX_LEARNING_ROWS):
        effort = get_control(control).effort
        basis = round(effort.minutes_once + effort.minutes_per_subject * subjects)
        outcomes.append(WorkOutcome(job=control, estimated=basis, actual=minutes))
    return compute_ratios(outcomes, learning=load_planning_rules().learning)


def group_open_findings(findings: Iterable[OpenFinding], *, planned: Container[str] = ()) -> dict[str, OpenJob]:
    """Return the open findings by control, without those that are accepted entirely or `planned` in a rollout."""
    by_control: dict[str, list[OpenFinding]] = {}
    for finding in findings:
        if finding.members and finding.accepted_until is None and finding.public not in planned:
            by_control.setdefault(finding.control.id, []).append(finding)
    return {
        name: OpenJob(
            control=findings_of_control[0].control,
            findings=tuple(sorted(findings_of_control, key=lambda finding: (-finding.members, finding.group))),
        )
        for name, findings_of_control in sorted(by_control.items())
    }


def build_task_jobs(tasks: Iterable[PlanTask]) -> dict[str, OpenJob]:
    """Return the open tasks as jobs, by id."""
    return {task.id: OpenJob(control=build_task_control(task), task=task) for task in tasks if task.is_open}


def build_jobs(
    open_jobs: Mapping[str, OpenJob],
    *,
    week: date,
    statuses: Mapping[tuple[str, date], ItemStatus],
    latest: Mapping[str, ItemStatus],
    claims: Iterable[WorkVerification],
    ratio: Mapping[str, float],
    waiting_subjects: Mapping[str, int],
    waiting_until: Mapping[str, date],
) -> tuple[PlanJob, ...]:
    """Build the jobs of the week. Work marked as done is left out until newer data was assessed.

    `statuses` are by item and week, `latest` is the latest status of each item. `waiting_subjects` are done or snoozed
    by themselves; an item in `waiting_until` is deferred until that day.
    """
    claimed = {
        entry.status.item: entry.status.subjects
        for entry in claims
        if entry.state == WAITING and latest[entry.status.item] == entry.status
    }
    return tuple(
        _build_job(
            entry,
            week=week,
            statuses=statuses,
            latest=latest.get(name),
            done_subjects=claimed.get(name, 0) + waiting_subjects.get(name, 0),
            ratio=ratio.get(name, 1.0),
            waiting_until=waiting_until.get(name),
        )
        for name, entry in open_jobs.items()
        if entry.members > claimed.get(name, 0) + waiting_subjects.get(name, 0)
    )


def _build_job(
    open_job: OpenJob,
    *,
    week: date,
    statuses: Mapping[tuple[str, date], ItemStatus],
    latest: ItemStatus | None,
    done_subjects: int,
    ratio: float,
    waiting_until: date | None,
) -> PlanJob:
    control, effort = open_job.control, open_job.control.effort
    week_status = statuses.get((control.id, week))
    recent = [row for row in statuses.values() if row.state == DONE and row.week >= week - LOOK_BACK]
    spent_minutes = sum(row.actual or row.estimated for row in recent if get_control(row.item).setup == control.setup)
    is_planned = bool(week_status and week_status.state == PLANNED)
    is_partial = bool(week_status and is_planned and week_status.subjects < week_status.open_then)
    return PlanJob(
        id=control.id,
        severity=control.severity,
        area=control.area,
        subjects=open_job.members - done_subjects,
        each=open_job.minutes_per_subject * ratio,
        once=max(0.0, effort.minutes_once * ratio - spent_minutes),
        setup=control.setup,
        who=control.who,
        assigned=(open_job.task.owner if open_job.task else "") or (week_status.person if week_status else ""),
        due_on=open_job.task.due_on if open_job.task else compute_due_date(control, open_job.since),
        quiet=control.disturbs == CLASS_TIME,
        begun=is_partial or any(row.partial for row in recent if row.item == control.id),
        kept=is_planned and not is_partial,
        danger=control.danger,
        pinned=bool(week_status and week_status.pinned),
        deferred_until=latest.until if latest and latest.state == DEFERRED else waiting_until,
    )
