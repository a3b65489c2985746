"""One week of the team: its plan, the jobs left out and their risk, finished work and its verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from homeroom.apps.manage.planning.finding_acts import count_waiting_work, load_finding_acts, merge_proofs
from homeroom.apps.manage.planning.hours import PersonHours, build_seats, load_team_hours
from homeroom.apps.manage.planning.open_jobs import (
    OpenJob,
    build_jobs,
    build_task_jobs,
    group_open_findings,
    learn_ratios,
)
from homeroom.apps.manage.planning.tasks import PlanTask, list_plan_tasks
from homeroom.apps.manage.planning.verification import WorkVerification, verify_work
from homeroom.apps.manage.planning.visits import (
    RolloutRemedy,
    WeekVisits,
    list_planned_remedies,
    load_week_visits,
    subtract_visits,
)
from homeroom.apps.manage.planning.work_log import (
    DONE,
    PLANNED,
    ItemStatus,
    find_latest_by_item,
    fold_work_log,
    load_work_log,
)
from homeroom.apps.platform.districts.school_calendars import load_school_calendar
from homeroom.apps.protect.finding_work.queries import FindingProgress, list_progress
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    OpenFinding,
    get_published_assessment,
    list_open_findings,
)
from homeroom.domain.manage.planning import PersonCapacity, PlanJob
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import SchoolDay
from homeroom.engines.manage.plan.engine import plan_week
from homeroom.engines.manage.plan.non_instructional_time import find_next_day_without_class, find_quiet_windows
from homeroom.engines.manage.plan.plan import LeftOutJob, PlanItem, PlanResult, TeamCapacity
from homeroom.library.manage.planning import load_planning_rules
from homeroom.library.protect.risk import load_risk_table

MAX_PLANS = 32
"""Plans that a process has in memory."""
NO_STATUS = ItemStatus(item="", week=date.min)


@dataclass(frozen=True, kw_only=True)
class PlannedItem:
    """One item of the week with its status."""

    item: PlanItem
    open: OpenJob
    status: ItemStatus
    share: float

    @property
    def problem(self) -> str:
        """What is wrong, with the number of subjects that are left to do."""
        return describe_problem(self.open.control, count=self.item.job.subjects)

    @property
    def planned(self) -> bool:
        """Return whether the team planned it, as opposed to a proposal."""
        return self.status.state == PLANNED

    @property
    def job(self) -> PlanJob:
        """Return the complete job."""
        return self.item.job

    @property
    def pinned(self) -> bool:
        """Return whether somebody pinned it to this week."""
        return self.status.pinned


@dataclass(frozen=True, kw_only=True)
class DeferredItem:
    """One job that is left out, and the share of the total risk that remains with it."""

    left_out: LeftOutJob
    open: OpenJob
    status: ItemStatus
    share: float

    @property
    def job(self) -> PlanJob:
        """Return the complete job."""
        return self.left_out.job

    @property
    def pinned(self) -> bool:
        """Return whether somebody pinned it to this week, in which it does not fit."""
        return self.status.pinned

    @property
    def problem(self) -> str:
        """What is wrong, with the number of subjects that are left to do."""
        return describe_problem(self.open.control, count=self.left_out.job.subjects)


@dataclass(frozen=True, kw_only=True)
class WeekPlan:
    """The team's week. `judgment` and `plan` are None before the first assessment.

    `assumed` is true before anyone entered hours, `calendar` if the calendar covers the week, `usual_week` if only the
    schools' usual weeks do. `proofs` are the verifications of this week and the four before it, newest first.
    `tasks` are those beside findings, done ones too, by id. `visits` are the hours that rollouts take of this week, and
    `in_rollouts` the findings that are no work of it, since their remedy is planned in a rollout. `progress` is the
    work on findings, by public id.
    """

    monday: date
    judgment: AssessmentRef | None
    plan: PlanResult | None
    items: tuple[PlannedItem, ...] = ()
    left_out: tuple[DeferredItem, ...] = ()
    proofs: tuple[WorkVerification, ...] = ()
    team: tuple[PersonHours, ...] = ()
    assumed: bool = False
    calendar: bool = False
    usual_week: bool = False
    free_day: SchoolDay | None = None
    open_jobs: Mapping[str, OpenJob] | None = None
    tasks: Mapping[str, PlanTask] = field(default_factory=dict)
    visits: WeekVisits = field(default_factory=WeekVisits)
    in_rollouts: tuple[tuple[OpenFinding, RolloutRemedy], ...] = ()
    progress: Mapping[str, FindingProgress] = field(default_factory=dict)

    @property
    def urgent_unfinished(self) -> tuple[PlannedItem | DeferredItem, ...]:
        """Return the pinned, dangerous, critical and due jobs that do not completely fit this week."""
        parts = [entry for entry in self.items if entry.item.is_urgent_part]
        return (*parts, *(entry for entry in self.left_out if entry.left_out.is_urgent))

    @property
    def names(self) -> dict[str, str]:
        """Return the names of people by user name."""
        return {entry.person: entry.name for entry in self.team}


def get_monday(day: date) -> date:
    """Return the Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def plan_for_week(
    *,
    district: District,
    today: date,
    week: date | None = None,
    minutes: int | None = None,
    replan: bool = False,
    assessment: AssessmentRef | None = None,
    findings: tuple[OpenFinding, ...] | None = None,
) -> WeekPlan:
    """Return the week of that day, or the given one. `minutes` replaces the team's hours, with none of them spent.

    `replan` ignores the existing plan. `assessment` and `findings` avoid queries if the caller already has them.
    """
    monday = get_monday(week or today)
    team = load_team_hours(district=district)
    assessment = assessment or get_published_assessment(district=district)
    if assessment is None:
        return WeekPlan(monday=monday, judgment=None, plan=None, team=team)
    tasks = {name: task for name, (task, _) in list_plan_tasks(district=district, today=today).items()}
    task_jobs = build_task_jobs(tasks.values())
    all_findings = findings if findings is not None else list_open_findings(district=district, assessment=assessment)
    remedies = list_planned_remedies(district=district, assessment=assessment)
    open_jobs_by_control = {**group_open_findings(all_findings, planned=remedies), **task_jobs}
    acts = load_finding_acts(district=district, week=monday)
    statuses = fold_work_log(load_work_log(district=district, week=monday, others=acts.items))
    claims = verify_work(district=district, assessment=assessment, statuses=statuses.values())
    school_calendar, rules = load_school_calendar(district=district, week=monday), load_planning_rules()
    visits = load_week_visits(district=district, monday=monday, team=team) if minutes is None else WeekVisits()
    available_seats = (
        _subtract_finished_work(subtract_visits(build_seats(team), visits), statuses, monday, acts.minutes)
        if minutes is None
        else (PersonCapacity(person="", role="", minutes=minutes),)
    )
    progress = list_progress(district=district, assessment=assessment, findings=all_findings, today=today)
    waiting_work = count_waiting_work(open_jobs_by_control.values(), progress)
    jobs = build_jobs(
        open_jobs_by_control,
        waiting_subjects=waiting_work.subjects,
        waiting_until=waiting_work.until,
        week=monday,
        statuses=statuses,
        latest=find_latest_by_item(statuses.values()),
        claims=claims,
        ratio=learn_ratios(district=district),
    )
    capacity = TeamCapacity(
        seats=available_seats, windows=_find_windows(school_calendar.days, monday, today), long_share=rules.long_keeps
    )
    if replan:
        jobs = tuple(replace(job, kept=False) for job in jobs)
    week_plan = _choose_items(jobs, capacity, monday)
    week_statuses = {item: entry for (item, at), entry in statuses.items() if at == monday}
    return WeekPlan(
        monday=monday,
        judgment=assessment,
        plan=week_plan,
        items=tuple(
            _build_planned_item(item, open_jobs_by_control, week_statuses, week_plan) for item in week_plan.items
        ),
        left_out=tuple(
            _build_deferred_item(left_out_job, open_jobs_by_control, week_statuses, week_plan)
            for left_out_job in week_plan.left_out
        ),
        proofs=merge_proofs([claim for claim in claims if claim.status.item not in task_jobs], acts.proofs),
        team=team,
        assumed=minutes is None and all(entry.minutes is None for entry in team),
        calendar=capacity.windows is not None,
        usual_week=school_calendar.assumed,
        free_day=find_next_day_without_class(school_calendar.days, after=monday + timedelta(days=6), rules=rules),
        open_jobs=open_jobs_by_control,
        tasks=tasks,
        visits=visits,
        in_rollouts=tuple(
            (item, remedies[item.public])
            for item in all_findings
            if item.members and item.accepted_until is None and item.public in remedies
        ),
        progress=progress,
    )


@lru_cache(maxsize=MAX_PLANS)
def _choose_items(jobs: tuple[PlanJob, ...], capacity: TeamCapacity, monday: date) -> PlanResult:
    """Return the plan of a week; the same jobs and hours have the same plan, which pages ask for many times a day."""
    return plan_week(jobs, capacity=capacity, week=monday, table=load_risk_table())


def _subtract_finished_work(
    seats: tuple[PersonCapacity, ...],
    statuses: Mapping[tuple[str, date], ItemStatus],
    monday: date,
    others: Sequence[tuple[str, int]],
) -> tuple[PersonCapacity, ...]:
    """Return the seats less the work finished in that week: that of items, and `others` by person and minutes.

    Work without a person is subtracted from the person with the most minutes left.
    """
    remaining = {seat.person: seat for seat in seats}
    finished = [
        (status.person, status.estimated if status.actual is None else status.actual)
        for (_, week), status in sorted(statuses.items(), key=lambda pair: pair[0])
        if week == monday and status.state == DONE
    ]
    for name, spent in (*finished, *others) if remaining else ():
        person = name if name in remaining else max(sorted(remaining), key=lambda key: remaining[key].minutes)
        seat = remaining[person]
        remaining[person] = replace(
            seat, minutes=max(0, seat.minutes - spent), spent=min(seat.spent + spent, seat.spent + seat.minutes)
        )
    return tuple(remaining.values())


def _find_windows(days: Mapping[date, SchoolDay], monday: date, today: date) -> tuple[Any, ...] | None:
    """Return the remaining non-instructional times of that week; None without any listed day."""
    if not days:
        return None
    return find_quiet_windows(days.values(), week=monday, today=today, rules=load_planning_rules())


def _build_planned_item(
    item: PlanItem,
    open_jobs_by_control: Mapping[str, OpenJob],
    week_statuses: Mapping[str, ItemStatus],
    week_plan: PlanResult,
) -> PlannedItem:
    name = item.job.id
    return PlannedItem(
        item=item,
        open=open_jobs_by_control[name],
        status=week_statuses.get(name, NO_STATUS),
        share=_compute_share(item.risk, week_plan),
    )


def _build_deferred_item(
    left: LeftOutJob,
    open_jobs_by_control: Mapping[str, OpenJob],
    week_statuses: Mapping[str, ItemStatus],
    week_plan: PlanResult,
) -> DeferredItem:
    name = left.job.id
    return DeferredItem(
        left_out=left,
        open=open_jobs_by_control[name],
        status=week_statuses.get(name, NO_STATUS),
        share=_compute_share(left.risk, week_plan),
    )


def _compute_share(risk: float, week_plan: PlanResult) -> float:
    return risk / week_plan.risk_before if week_plan.risk_before else 0.0
