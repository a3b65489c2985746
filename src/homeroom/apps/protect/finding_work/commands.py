"""Acts on findings and their rows: assign, note, start, done, snooze, reopen. Each writes an audit entry.

A page, the weekly plan and fix files write the same state, so that work that is done in one of them is done in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.finding_work.models import ENTIRE_FINDING, FindingWork, FindingWorkEntry
from homeroom.apps.protect.finding_work.queries import list_workers
from homeroom.apps.protect.finding_work.states import DONE, IN_PROGRESS, OPEN, SNOOZED
from homeroom.apps.protect.posture.published.outcomes import load_member_spans
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, get_published_assessment
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.domain.platform.district import District

ASSIGN, NOTE, START, FINISH, SNOOZE, REOPEN = "assign", "note", "start", "done", "snooze", "reopen"
ACTS = (ASSIGN, NOTE, START, FINISH, SNOOZE, REOPEN)
FROM_PAGE, FROM_PLAN, FROM_FIX = "page", "plan", "fix"
"""What an act comes from."""
AUDIT_ACTIONS = {
    ASSIGN: "assign finding",
    NOTE: "note on finding",
    START: "start finding",
    FINISH: "finish finding",
    SNOOZE: "snooze finding",
    REOPEN: "reopen finding",
}
MAX_SNOOZE = timedelta(days=366)
MAX_NOTE = 4_000
MAX_MINUTES = 60 * 60
MAX_ROWS = 2_000
"""How many rows one act of a person covers; more are the finding as such."""
_ROWS_A_QUERY = 500


class InvalidWork(ValueError):
    """The act is not possible; the text explains what would be."""


@dataclass(frozen=True, kw_only=True)
class WorkScope:
    """What an act covers: rows of a finding by subject, or the finding as such if there are none.

    `open_count` is how many open rows that is, in the assessment with that number.
    """

    control: str
    group: str
    subjects: tuple[int, ...]
    open_count: int
    assessment: int


@dataclass(frozen=True, kw_only=True)
class WorkChange:
    """What an act sets: who has the work, until when it waits, what somebody noted, and the minutes that it took."""

    act: str
    person: str = ""
    until: date | None = None
    note: str = ""
    minutes: int | None = None
    origin: str = FROM_PAGE


def build_work_scope(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, subjects: Sequence[int] = ()
) -> WorkScope:
    """Return what an act on a finding covers. Raise InvalidWork if nothing is open, or a row is not."""
    if not finding.members:
        raise InvalidWork(_("Nothing is open here any more."))
    if len(subjects) > MAX_ROWS:
        raise InvalidWork(_("Choose at most %(most)s rows, or the entire finding.") % {"most": f"{MAX_ROWS:,}"})
    rows = tuple(dict.fromkeys(subjects))
    if rows:
        spans = load_member_spans(district=district, assessment=assessment, finding_id=finding.id, subjects=rows)
        if missing := len(rows) - len(spans):
            text = ngettext(
                "%(count)s of these rows is not open any more. Choose again.",
                "%(count)s of these rows are not open any more. Choose again.",
                missing,
            )
            raise InvalidWork(text % {"count": missing})
    return WorkScope(
        control=finding.control.id,
        group=finding.group,
        subjects=rows,
        open_count=len(rows) or finding.members,
        assessment=assessment.number,
    )


def change_work(
    *, district: District, at: datetime, today: date, actor: str, scope: WorkScope, change: WorkChange
) -> None:
    """Apply an act of a person to a finding or to rows of it.

    Who starts work without naming anybody has it. Raise InvalidWork as `check_change` does.
    """
    if change.act == START and not change.person:
        change = WorkChange(act=START, person=actor, note=change.note, origin=change.origin)
    check_change(district=district, today=today, change=change)
    with transaction.atomic():
        write_work(district=district, at=at, actor=actor, scope=scope, change=change)


def check_change(*, district: District, today: date, change: WorkChange) -> None:
    """Check an act.

    Raise InvalidWork for an unknown act, a person who does not work on findings here, a snooze without a day from
    tomorrow to a year from now, an empty or endless note, and minutes that are none or more than 60 hours.
    """
    if change.act not in ACTS:
        raise InvalidWork(_("Choose what to do: %(acts)s.") % {"acts": ", ".join(ACTS)})
    if (change.person or change.act == ASSIGN) and change.person not in dict(list_workers(district=district)):
        raise InvalidWork(_("Choose somebody of your team."))
    if change.act == SNOOZE and (change.until is None or not today < change.until <= today + MAX_SNOOZE):
        raise InvalidWork(_("Choose a day from tomorrow to a year from now."))
    if change.act == NOTE and not change.note.strip():
        raise InvalidWork(_("Write the note first."))
    if change.minutes is not None and not 0 < change.minutes <= MAX_MINUTES:
        raise InvalidWork(_("Minutes must be a whole number from 1 to %(most)s.") % {"most": f"{MAX_MINUTES:,}"})
    if len(change.note) > MAX_NOTE:
        raise InvalidWork(_("A note has at most %(most)s characters.") % {"most": f"{MAX_NOTE:,}"})


def write_work(
    *,
    district: District,
    at: datetime,
    actor: str,
    scope: WorkScope,
    change: WorkChange,
    is_audited: bool = True,
) -> None:
    """Write the state and the entry of the history of an act in the caller's transaction, and the audit entry.

    Not `is_audited`, the caller writes an audit entry itself.
    """
    _write_states(district, at, actor, scope, change)
    _write_entry(district, at, actor, scope, change)
    if not is_audited:
        return
    detail = {
        "control": scope.control,
        "rows": len(scope.subjects),
        "to": change.person,
        "until": change.until.isoformat() if change.until else "",
        "minutes": _get_minutes(change),
    }
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=AUDIT_ACTIONS[change.act],
        subject_kind="finding",
        subject=format_public_id("finding", hash_finding_id(scope.control, scope.group)),
        detail={name: value for name, value in detail.items() if value},
    )


def _get_minutes(change: WorkChange) -> int | None:
    return change.minutes if change.act == FINISH else None


def _write_entry(district: District, at: datetime, actor: str, scope: WorkScope, change: WorkChange) -> None:
    FindingWorkEntry(
        district_id=district.pk,
        control=scope.control,
        group=scope.group,
        act=change.act,
        origin=change.origin,
        subjects=list(scope.subjects[:MAX_ROWS]),
        open_then=scope.open_count,
        assessment=scope.assessment,
        person=change.person,
        until=change.until,
        note=change.note.strip(),
        minutes=_get_minutes(change),
        made_by=actor,
        made_at=at,
    ).save()


@transaction.atomic
def record_proof(
    *, district: District, at: datetime, control: str, group: str, act: str, subjects: Sequence[int], person: str
) -> None:
    """Write what newer loads prove of rows that a fix file changed: done, or open again.

    The rows of a file with more than MAX_ROWS have no state of their own: their assessment closed them. Whoever calls
    this writes the audit entry.
    """
    assessment = get_published_assessment(district=district)
    if not subjects or assessment is None:
        return
    rows = tuple(dict.fromkeys(subjects))
    scope = WorkScope(
        control=control,
        group=group,
        subjects=rows[:MAX_ROWS],
        open_count=len(rows),
        assessment=assessment.number,
    )
    change = WorkChange(act=act, person=person, origin=FROM_FIX)
    if len(rows) <= MAX_ROWS:
        _write_states(district, at, "", scope, change)
    _write_entry(district, at, "", scope, change)


def _write_states(district: District, at: datetime, actor: str, scope: WorkScope, change: WorkChange) -> None:
    """Set the state of each row of the scope; a note changes none.

    What is set for the finding as such holds for all its rows: their own states of the same kind are forgotten.
    """
    if change.act == NOTE:
        return
    works = FindingWork.objects.of(district).filter(control=scope.control, group=scope.group)
    if not scope.subjects and change.act != ASSIGN:
        works.exclude(subject=ENTIRE_FINDING).delete()
    if not scope.subjects and change.act == ASSIGN:
        works.exclude(subject=ENTIRE_FINDING).update(person=change.person)
    subjects = scope.subjects or (ENTIRE_FINDING,)
    existing = {
        row.subject: row for batch in batched(subjects, _ROWS_A_QUERY) for row in works.filter(subject__in=batch)
    }
    entire = existing.get(ENTIRE_FINDING) or works.filter(subject=ENTIRE_FINDING).first()
    changed = [
        _apply(existing.get(subject) or _build_row(district, scope, subject, entire), at, actor, scope, change)
        for subject in subjects
    ]
    FindingWork.objects.bulk_create([row for row in changed if row.pk is None])
    for row in changed:
        if row.pk is not None and row.subject in existing:
            row.save()


def _build_row(district: District, scope: WorkScope, subject: int, entire: FindingWork | None) -> FindingWork:
    """Return the row of a subject without a state of its own, which begins with that of the finding."""
    claim = {"changed_by": entire.changed_by, "changed_at": entire.changed_at} if entire else {}
    return FindingWork(
        **claim,
        district_id=district.pk,
        control=scope.control,
        group=scope.group,
        subject=subject,
        state=entire.state if entire else OPEN,
        person=entire.person if entire else "",
        until=entire.until if entire else None,
        assessment=entire.assessment if entire else scope.assessment,
    )


def _apply(row: FindingWork, at: datetime, actor: str, scope: WorkScope, change: WorkChange) -> FindingWork:
    row.person = change.person or row.person
    if change.act != ASSIGN or row.changed_at is None:
        row.changed_by, row.changed_at = actor, at
    if change.act != ASSIGN:
        row.state = {START: IN_PROGRESS, FINISH: DONE, SNOOZE: SNOOZED, REOPEN: OPEN}[change.act]
        row.until = change.until if change.act == SNOOZE else None
        row.assessment = scope.assessment
    return row
