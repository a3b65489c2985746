"""The weekly plan and the work on findings as one state: acts of each are acts of the other.

An item of the plan is a control. What the team does to an item happens to all open findings of the control; what it
does to a finding that is its control's only one happens to the item. Of a control with a finding for each group, and of
single rows, the plan leaves out what is done or snoozed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.manage.planning.models import Work
from homeroom.apps.manage.planning.open_jobs import OpenJob
from homeroom.apps.manage.planning.verification import PROVED, WorkVerification
from homeroom.apps.manage.planning.work_log import (
    DEFERRED,
    DONE,
    LOOK_BACK,
    NOTED,
    REASSIGNED,
    REOPENED,
    ItemStatus,
)
from homeroom.apps.protect.finding_work.commands import (
    ASSIGN,
    FINISH,
    FROM_FIX,
    FROM_PAGE,
    FROM_PLAN,
    NOTE,
    REOPEN,
    SNOOZE,
    START,
    WorkChange,
    WorkScope,
    write_work,
)
from homeroom.apps.protect.finding_work.queries import FindingProgress, WorkEntry, list_entries_since
from homeroom.apps.protect.finding_work.states import DONE as ROW_DONE
from homeroom.apps.protect.finding_work.states import SNOOZED
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.domain.platform.district import District

_ACT_ON_ITEM = {
    ASSIGN: REASSIGNED,
    START: REASSIGNED,
    FINISH: DONE,
    SNOOZE: DEFERRED,
    NOTE: NOTED,
    REOPEN: REOPENED,
}


@dataclass(frozen=True, kw_only=True)
class FindingActs:
    """What was done outside the plan, as the plan counts it.

    `items` are acts on a control's only finding, as unsaved acts on items; `proofs` what newer loads proved of fix
    files; `minutes` those of a week's work on single rows and groups, with who did it.
    """

    items: tuple[Work, ...] = ()
    proofs: tuple[WorkVerification, ...] = ()
    minutes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class WaitingWork:
    """What nobody has to do now, by control: subjects that are done or snoozed, and until when all findings wait."""

    subjects: Mapping[str, int] = field(default_factory=dict)
    until: Mapping[str, date] = field(default_factory=dict)


def write_finding_acts(
    *,
    district: District,
    job: OpenJob | None,
    assessment: int,
    act: str,
    at: datetime,
    actor: str,
    person: str = "",
    until: date | None = None,
    note: str = "",
) -> None:
    """Apply an act on an item to the open findings of its control; the plan writes the audit entry."""
    for finding in job.findings if job else ():
        write_work(
            district=district,
            at=at,
            actor=actor,
            scope=WorkScope(
                control=finding.control.id,
                group=finding.group,
                subjects=(),
                open_count=finding.members,
                assessment=assessment,
            ),
            change=WorkChange(act=act, person=person, until=until, note=note, origin=FROM_PLAN),
            is_audited=False,
        )


def load_finding_acts(*, district: District, week: date) -> FindingActs:
    """Return what was done on findings and by fix files since four weeks before a Monday."""
    zone = ZoneInfo(district.timezone)
    since = datetime.combine(week - LOOK_BACK, time(), tzinfo=UTC)
    entries = list_entries_since(district=district, since=since, waiting_on=week, origins=(FROM_PAGE, FROM_FIX))
    items, proofs, minutes = [], [], []
    for control, group, entry in entries:
        if entry.origin == FROM_FIX:
            proofs += [_build_proof(control, entry, zone)] if entry.act == FINISH else []
        elif not group and not entry.subjects:
            items.append(_convert_entry(district, control, entry, zone))
        elif entry.minutes and _get_monday(entry.at, zone) == week:
            minutes.append((entry.by, entry.minutes))
    return FindingActs(items=tuple(items), proofs=tuple(proofs), minutes=tuple(minutes))


def merge_proofs(
    claims: Iterable[WorkVerification], proofs: Iterable[WorkVerification]
) -> tuple[WorkVerification, ...]:
    """Return the claims, and what fix files did for items without a claim: a line for each item and week.

    A claim covers the rows that a fix file changed since its week: the same assessment proves both.
    """
    claimed = {entry.status.item: entry.status.week for entry in reversed(tuple(claims))}
    lines: dict[tuple[str, date], WorkVerification] = {}
    for proof in proofs:
        status = proof.status
        if status.item in claimed and claimed[status.item] <= status.week:
            continue
        line = lines.get((status.item, status.week))
        subjects = status.subjects + (line.status.subjects if line else 0)
        merged = replace(status, subjects=subjects, open_then=subjects)
        lines[status.item, status.week] = replace(proof, status=merged)
    return (*claims, *lines.values())


def _build_proof(control: str, entry: WorkEntry, zone: ZoneInfo) -> WorkVerification:
    status = ItemStatus(
        item=control,
        week=_get_monday(entry.at, zone),
        state=DONE,
        person=entry.person,
        subjects=entry.open_then,
        open_then=entry.open_then,
        assessment=entry.assessment,
        by=entry.by,
        at=entry.at,
    )
    return WorkVerification(state=PROVED, status=status)


def count_waiting_work(jobs: Iterable[OpenJob], progress: Mapping[str, FindingProgress]) -> WaitingWork:
    """Return what waits of each control, beside acts on a finding that is its control's only one."""
    subjects: dict[str, int] = {}
    until: dict[str, date] = {}
    for job in jobs:
        states = [progress.get(finding.public, FindingProgress()) for finding in job.findings]
        is_grouped = any(finding.group for finding in job.findings)
        all_snoozed = bool(states) and all(entry.state.state == SNOOZED for entry in states)
        if is_grouped and all_snoozed:
            until[job.control.id] = min(entry.state.until for entry in states if entry.state.until)
            continue
        waiting = 0
        for finding, entry in zip(job.findings, states, strict=True):
            if is_grouped and entry.state.state in (ROW_DONE, SNOOZED):
                waiting += finding.members
            elif not entry.state.waits:
                waiting += min(entry.waiting_rows, finding.members)
        if waiting:
            subjects[job.control.id] = waiting
    return WaitingWork(subjects=subjects, until=until)


def _convert_entry(district: District, control: str, entry: WorkEntry, zone: ZoneInfo) -> Work:
    effort = get_control(control).effort
    minutes = round(effort.minutes_once + effort.minutes_per_subject * entry.open_then) if entry.act == FINISH else 0
    return Work(
        district_id=district.pk,
        item=control,
        week=_get_monday(entry.at, zone),
        act=_ACT_ON_ITEM[entry.act],
        person=entry.person,
        subjects=entry.open_then if entry.act == FINISH else 0,
        open_then=entry.open_then if entry.act == FINISH else 0,
        assessment=entry.assessment,
        estimated=minutes,
        basis=minutes,
        actual=entry.minutes,
        until=entry.until,
        note=entry.note,
        made_by=entry.by,
        made_at=entry.at,
    )


def _get_monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
