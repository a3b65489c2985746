"""Queries for My work: what a person has to do, what waits, and the fix files that are not finished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.apps.manage.planning.ranking import build_work_key, compute_due_date
from homeroom.apps.manage.planning.tasks import PlanTask
from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan, plan_for_week
from homeroom.apps.protect.finding_work.states import OPEN, WorkState
from homeroom.apps.protect.finding_work.work_lines import WorkLine, list_work_lines
from homeroom.apps.protect.fixes.queries import FixSummary, list_open_fixes
from homeroom.apps.protect.posture.published.queries import OpenFinding, get_published_assessment, list_open_findings
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.urgency import UrgencyKey


@dataclass(frozen=True, kw_only=True)
class MyWorkLine:
    """Something to do: a finding, some of its rows (`rows`), an item of the plan, or a task (`task`).

    `findings` is empty for a task, and has several if the plan's item has; `is_planned` is true for work of
    this week's plan. `people` are user names, `minutes` an estimate.
    """

    title: str
    control: Control
    state: WorkState
    people: tuple[str, ...]
    minutes: int
    due_on: date | None
    key: UrgencyKey
    findings: tuple[OpenFinding, ...] = ()
    rows: int = 0
    task: PlanTask | None = None
    is_planned: bool = False

    @property
    def severity(self) -> Severity:
        """Severity of its control."""
        return self.control.severity


@dataclass(frozen=True, kw_only=True)
class MyWork:
    """What a person has: `open` is to do, most urgent and then newest first; `waiting` is snoozed or done."""

    open: tuple[MyWorkLine, ...] = ()
    waiting: tuple[MyWorkLine, ...] = ()
    fixes: tuple[FixSummary, ...] = ()

    @property
    def minutes(self) -> int:
        """Estimated minutes of what is to do."""
        return sum(line.minutes for line in self.open)


def load_my_work(*, district: District, today: date, person: str = "") -> MyWork:
    """Return the work of a person, or of everybody without one."""
    fixes = list_open_fixes(district=district, person=person)
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return MyWork(fixes=fixes)
    findings = list_open_findings(district=district, assessment=assessment)
    week = plan_for_week(district=district, today=today, assessment=assessment, findings=findings)
    work = list_work_lines(district=district, assessment=assessment, findings=findings, today=today)
    planned = {entry.open.control.id: entry for entry in week.items}
    lines = [_build_work_line(entry, planned, today) for entry in work if _get_worker(entry.state)]
    covered = {line.findings[0].control.id for line in lines}
    lines += [
        _build_plan_line(entry, people, today, is_planned=isinstance(entry, PlannedItem))
        for entry, people in _list_plan_entries(week)
        if entry.open.task or entry.open.control.id not in covered
    ]
    own = [line for line in lines if not person or person in line.people]
    newest = sorted(own, key=lambda line: line.state.at.timestamp() if line.state.at else 0.0, reverse=True)
    ranked = sorted(newest, key=lambda line: line.key)
    return MyWork(
        open=tuple(line for line in ranked if not line.state.waits),
        waiting=tuple(line for line in ranked if line.state.waits),
        fixes=fixes,
    )


def _get_worker(state: WorkState) -> str:
    """Return who has work; of work that waits without anybody, who snoozed or finished it."""
    return state.person or (state.by if state.waits else "")


def _build_work_line(entry: WorkLine, planned: Mapping[str, PlannedItem], today: date) -> MyWorkLine:
    """Return a finding, or rows of it; the plan's minutes are better than those of content."""
    finding, control = entry.finding, entry.finding.control
    item = planned.get(control.id)
    is_all = not entry.rows and item is not None and len(item.open.findings) == 1
    due_on = compute_due_date(control, finding.since)
    return MyWorkLine(
        title=finding.problem,
        control=control,
        state=entry.state,
        people=(_get_worker(entry.state),),
        minutes=item.job.minutes if item and is_all else entry.minutes,
        due_on=due_on,
        key=build_work_key(
            control, subjects=entry.subjects, due_on=due_on, today=today, is_pinned=item is not None and item.pinned
        ),
        findings=(finding,),
        rows=entry.rows,
        is_planned=item is not None,
    )


def _list_plan_entries(week: WeekPlan) -> Iterable[tuple[PlannedItem | DeferredItem, tuple[str, ...]]]:
    """Yield the entries of the week that somebody has, with who has them."""
    entries: tuple[PlannedItem | DeferredItem, ...] = (*week.items, *week.left_out)
    for entry in entries:
        owner = entry.status.person or (entry.open.task.owner if entry.open.task else "")
        shares = [person for person, _ in entry.item.shares] if isinstance(entry, PlannedItem) else []
        if people := tuple(filter(None, dict.fromkeys(shares or [owner]))):
            yield entry, people


def _build_plan_line(
    entry: PlannedItem | DeferredItem, people: tuple[str, ...], today: date, *, is_planned: bool
) -> MyWorkLine:
    control = entry.open.control
    return MyWorkLine(
        title=entry.problem,
        control=control,
        state=WorkState(state=OPEN, person=people[0], at=entry.status.at),
        people=people,
        minutes=entry.item.minutes if isinstance(entry, PlannedItem) else entry.job.minutes,
        due_on=entry.job.due_on,
        key=build_work_key(
            control, subjects=entry.job.subjects, due_on=entry.job.due_on, today=today, is_pinned=entry.pinned
        ),
        findings=entry.open.findings,
        task=entry.open.task,
        is_planned=is_planned,
    )
