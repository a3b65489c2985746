"""The weekly plan and the work on findings as one state: acts of each are acts of the other.

An item of the plan is a control. What the team does to an item happens to all open findings of the control; what it
does to a finding that is its control's only one happens to the item. Of a control with a finding for each group, and of
single rows, the plan leaves out what is done or snoozed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.finding_work.commands import (
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
from homeroom.apps.finding_work.queries import FindingProgress, WorkEntry, list_entries_since
from homeroom.apps.finding_work.states import DONE as ROW_DONE
from homeroom.apps.finding_work.states import SNOOZED
from homeroom.apps.planning.models import Work
from homeroom.apps.planning.open_jobs import OpenJob
from homeroom.apps.planning.verification import PROVED, WorkVerification
from homeroom.apps.planning.work_log import (
    DEFERRED,
    DONE,
    LOOK_BACK,
    NOTED,
    REASSIGNED,
    REOPENED,
    ItemStatus,
)
from homeroom.apps.posture.catalog.controls import get_control
from homeroom.domain.district import District

_ACT_ON_ITEM = {
    ASSIGN: REASSIGNED,
    START: REASSIGNED,
    FINISH: DONE,
    SNOOZE: DEFERRED,
    NOTE: NOTED,
    REOPEN: REOPENED,
}


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


def load_acts_on_items(*, district: District, week: date) -> list[Work]:
    """Return the acts on findings since four weeks before a Monday as unsaved acts on items of the plan."""
    zone = ZoneInfo(district.timezone)
    return [
        _convert_entry(district, control, entry, zone)
        for control, group, entry in _list_entries(district, week, (FROM_PAGE,))
        if not group and not entry.subjects
    ]


def list_fix_proofs(*, district: District, week: date) -> tuple[WorkVerification, ...]:
    """Return the work that fix files did since four weeks before a Monday, as newer loads proved it."""
    zone = ZoneInfo(district.timezone)
    return tuple(
        WorkVerification(
            state=PROVED,
            status=ItemStatus(
                item=control,
                week=_get_monday(entry.at, zone),
                state=DONE,
                person=entry.person,
                subjects=entry.open_then,
                open_then=entry.open_then,
                assessment=entry.assessment,
                by=entry.by,
                at=entry.at,
            ),
        )
        for control, _group, entry in _list_entries(district, week, (FROM_FIX,))
        if entry.act == FINISH
    )


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


def _list_entries(district: District, week: date, origins: tuple[str, ...]) -> Iterator[tuple[str, str, WorkEntry]]:
    since = datetime.combine(week - LOOK_BACK, time(), tzinfo=UTC)
    yield from list_entries_since(district=district, since=since, waiting_on=week, origins=origins)


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
        until=entry.until,
        note=entry.note,
        made_by=entry.by,
        made_at=entry.at,
    )


def _get_monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
