"""What people do in an incident: tasks of a playbook, notes, decisions, and files as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.stored_files import FileChanged, FileTooLarge, StoredFiles, clean_file_name
from homeroom.apps.protect.incidents.models import IncidentFile, IncidentTask
from homeroom.apps.protect.incidents.records import (
    IncidentRefused,
    check_member,
    clean_text,
    get_active_incident,
    get_incident_row,
    record_entry,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.playbooks import Playbook
from homeroom.domain.protect.incidents.records import IncidentState
from homeroom.library.protect.playbooks import get_playbook

FIRST_HOUR, AFTER = "first_hour", "after"
OPEN, DONE, NOT_APPLICABLE = "open", "done", "not_applicable"
TASK_STATES = (OPEN, DONE, NOT_APPLICABLE)
MAX_FILES = 200
MAX_MINUTES = 10_000
_FILES = StoredFiles("incidents", max_bytes=50 << 20)


@transaction.atomic
def follow_playbook(*, district: District, public: str, playbook: str, actor: str, at: datetime) -> int:
    """Give an incident the tasks of a playbook that it has not yet, and return how many.

    Raise LookupError for an unknown incident, and IncidentRefused for an unknown playbook.
    """
    incident = get_active_incident(district, public)
    content = get_playbook(playbook)
    if content is None:
        raise IncidentRefused("playbook", f"{playbook!r}; the id of a playbook would fit")
    tasks = IncidentTask.objects.of(district).filter(incident=incident)
    present = set(tasks.values_list("title", flat=True))
    new = [task for task in _iter_tasks(content, district, start=tasks.count()) if task.title not in present]
    for task in new:
        task.incident = incident
    IncidentTask.objects.bulk_create(new)
    incident.playbook = content.id
    incident.save()
    text = f"Follows the playbook {content.title}."
    record_entry(
        incident,
        "task",
        text,
        district=district,
        actor=actor,
        at=at,
        detail={"playbook": content.id, "tasks": len(new)},
    )
    return len(new)


def _iter_tasks(playbook: Playbook, district: District, *, start: int) -> Iterator[IncidentTask]:
    phases = [(FIRST_HOUR, task) for task in playbook.first_hour] + [(AFTER, task) for task in playbook.tasks]
    for position, (phase, task) in enumerate(phases, start=start):
        yield IncidentTask(
            district_id=district.pk,
            position=position,
            phase=phase,
            title=task.title,
            role=task.role,
            minutes=task.minutes,
        )


@transaction.atomic
def add_task(*, district: District, public: str, title: str, minutes: int, owner: str, actor: str, at: datetime) -> int:
    """Add a task that no playbook has, and return its number. Raise LookupError and IncidentRefused."""
    incident = get_active_incident(district, public)
    position = IncidentTask.objects.of(district).filter(incident=incident).count()
    row = IncidentTask.objects.create(
        district_id=district.pk,
        incident=incident,
        position=position,
        phase=AFTER,
        title=clean_text("title", title, required=True),
        minutes=_check_minutes(minutes) or 0,
        owner=check_member(district, owner),
    )
    record_entry(incident, "task", f"New task: {row.title}", district=district, actor=actor, at=at)
    return row.pk


@transaction.atomic
def change_task(
    *,
    district: District,
    public: str,
    task: int,
    state: str,
    owner: str,
    actor: str,
    at: datetime,
    actual: int | None = None,
    reason: str = "",
) -> None:
    """Set the state and owner of a task; one that does not apply needs a reason.

    A closed incident still has its follow-up done. Raise LookupError for an unknown incident or task, and
    IncidentRefused.
    """
    incident = get_incident_row(district, public)
    row = IncidentTask.objects.of(district).filter(incident=incident, pk=task).first()
    if row is None:
        raise LookupError(f"there is no task {task}")
    if row.phase != AFTER or incident.state != IncidentState.CLOSED:
        get_active_incident(district, public)
    if state not in TASK_STATES:
        raise IncidentRefused("state", f"{state!r}; {', '.join(TASK_STATES)} would fit")
    before = row.state
    row.reason = clean_text("reason", reason, required=state == NOT_APPLICABLE)
    row.state, row.owner, row.actual = state, check_member(district, owner), _check_minutes(actual)
    row.changed_by, row.changed_at = actor, at
    row.save()
    if state != before:
        words = {OPEN: "Open again", DONE: "Done", NOT_APPLICABLE: "Does not apply"}[state]
        text = f"{words}: {row.title}"
        detail = {"task": row.pk, "state": state}
        record_entry(incident, "task", text, district=district, actor=actor, at=at, reason=row.reason, detail=detail)
        return
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="change task of incident",
        subject_kind="incident",
        subject=incident.public,
        detail={"task": row.pk, "owner": row.owner},
    )


def _check_minutes(minutes: int | None) -> int | None:
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise IncidentRefused("minutes", f"{minutes}; 0 to {MAX_MINUTES} would fit")
    return minutes


@transaction.atomic
def write_note(
    *, district: District, public: str, text: str, actor: str, at: datetime, happened_at: datetime | None = None
) -> None:
    """Write down what somebody saw, heard or did. Raise LookupError and IncidentRefused."""
    incident = get_active_incident(district, public)
    note = clean_text("text", text, required=True)
    happened = _check_past(happened_at, at)
    record_entry(incident, "note", note, district=district, actor=actor, at=at, happened_at=happened)


@transaction.atomic
def record_decision(
    *,
    district: District,
    public: str,
    text: str,
    reason: str,
    actor: str,
    at: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Record a decision with its reason. Raise LookupError and IncidentRefused."""
    incident = get_active_incident(district, public)
    record_entry(
        incident,
        "decision",
        clean_text("text", text, required=True),
        district=district,
        actor=actor,
        at=at,
        happened_at=_check_past(happened_at, at),
        reason=clean_text("reason", reason, required=True),
    )


def _check_past(happened_at: datetime | None, at: datetime) -> datetime:
    if happened_at is not None and happened_at > at:
        raise IncidentRefused("happened_at", "a time in the past would fit")
    return happened_at or at


def attach_file(
    *, district: District, public: str, name: str, content: BinaryIO, note: str, actor: str, at: datetime
) -> str:
    """Attach a file of at most 50 MB and return its SHA-256. Raise LookupError and IncidentRefused."""
    try:
        sha256, size = _FILES.store(district, content)
    except FileTooLarge as error:
        raise IncidentRefused("file", str(error)) from None
    with transaction.atomic():
        incident = get_active_incident(district, public)
        if IncidentFile.objects.of(district).filter(incident=incident).count() >= MAX_FILES:
            raise IncidentRefused("file", f"at most {MAX_FILES} files would fit")
        row = IncidentFile.objects.create(
            district_id=district.pk,
            incident=incident,
            name=clean_file_name(name) or sha256,
            sha256=sha256,
            bytes=size,
            note=clean_text("note", note),
            made_by=actor,
            made_at=at,
        )
        text = f"Attached {row.name} (SHA-256 {sha256})."
        detail = {"name": row.name, "sha256": sha256, "bytes": size}
        record_entry(incident, "file", text, district=district, actor=actor, at=at, detail=detail)
    return sha256


def read_file(*, district: District, public: str, number: int) -> tuple[str, Path]:
    """Return (name, path) of a file of an incident.

    Raise LookupError if the district has no such file, and IncidentRefused if its content was changed on the disk.
    """
    row = IncidentFile.objects.of(district).filter(pk=number, incident__public=public).first()
    if row is None:
        raise LookupError(number)
    try:
        path = _FILES.find(district, row.sha256)
    except FileChanged:
        raise IncidentRefused("file", f"{row.name} is not what was attached any more; its SHA-256 differs") from None
    return row.name, path
