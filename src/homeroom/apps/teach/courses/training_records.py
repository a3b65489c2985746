"""What staff were assigned and completed here, as evidence: a list that is loaded like any other list of training.

It is one complete load of the source `homeroom`, so that controls, reports and rollouts ask one table.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.jobs import create_job, store_uploads
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.teach.courses.answers import forget_old_answers
from homeroom.apps.teach.courses.models import Assignment, Completion, Signature, TrainingIntake
from homeroom.apps.teach.courses.progress import AssignmentView, PersonProgress, load_assignments
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed
from homeroom.domain.teach.courses.course import Course, CourseAudience
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.teach.courses.course_files import load_courses

ENVELOPE = "homeroom_training"
FILE_NAME = "homeroom-training.json"
MIN_INTAKE_INTERVAL = timedelta(hours=18)
"""Minimum time between two scheduled intakes: once a night."""
TECHNICIAN_MARK = "for technicians"
"""What the name of a course for technicians has in the list, so that it counts as theirs."""
TRAINING, POLICY = "training", "policy"


class NoTraining(LookupError):
    """Nothing was assigned or completed yet, so that there is nothing to load."""


def load_training_records(
    *,
    district: District,
    store: EvidenceStore,
    today: date,
    actor: str,
    at: datetime,
    approved: bool = False,
    progress: Progress = ignore_progress,
) -> LoadReport:
    """Load what was assigned and completed as evidence, as one complete load. Raise NoTraining, and QueryTimeout."""
    _require_training(district)
    with tempfile.TemporaryDirectory(prefix="homeroom-training-") as folder:
        path = Path(folder) / FILE_NAME
        path.write_bytes(_encode_document(district, today))
        return load_files(
            [path], district=district, store=store, at=at, actor=actor, approved=approved, progress=progress
        )


def queue_training_intake(*, district: District, today: date, actor: str, at: datetime) -> int:
    """Create a job of the background worker that loads, resolves and assesses; return its number.

    Raise NoTraining, and QueryTimeout.
    """
    _require_training(district)
    return _queue(district, _encode_document(district, today), actor=actor, at=at)


def queue_nightly_training(*, at: datetime | None = None) -> int:
    """Queue an intake, in every district, where the list changed since the last one; return the number of jobs.

    Looks once a night, in the district's time zone.
    """
    now = at or timezone.now()
    jobs = 0
    for district in list_districts():
        zone = ZoneInfo(district.timezone)
        last = TrainingIntake.objects.of(district).first()
        is_due = not is_within(MIN_INTAKE_INTERVAL, last.at if last else None, at=now)
        if not is_due or not is_allowed(now, quiet=NIGHT, zone=zone, calendar=lambda _day: None):
            continue
        forget_old_answers(district=district, at=now)
        with suppress(NoTraining):
            _require_training(district)
            document = _encode_document(district, now.astimezone(zone).date())
            if last is None or last.sha256 != _hash(document):
                _queue(district, document, actor="", at=now)
                jobs += 1
            else:
                TrainingIntake.objects.of(district).update(at=now)
    return jobs


def get_last_intake(*, district: District) -> datetime | None:
    """Return when the list was last made evidence by the worker, or None."""
    return TrainingIntake.objects.of(district).values_list("at", flat=True).first()


def list_training_rows(*, district: District, today: date) -> list[dict[str, Any]]:
    """List the rows of the list: people with assignments, done or not, and what was completed besides them."""
    courses = {course.id: course for course in load_courses()}
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for view in load_assignments(district=district, today=today):
        for item in view.people:
            if item.person.email:
                _add_row(rows, _build_assigned_row(view, item, courses.get(view.course)))
    used = {(row["email"], row["course"], row.get("done_on")) for row in rows.values()}
    for row in _iter_done_rows(district, courses):
        if (row["email"], row["course"], row["done_on"]) not in used:
            _add_row(rows, row)
    return [rows[key] for key in sorted(rows)]


def name_course(course_id: str, course: Course | None) -> str:
    """Return the name of a course in the list: its English title, marked if it is for technicians."""
    if course is None:
        return course_id
    is_for_technicians = CourseAudience.TECHNICIAN in course.audience
    return f"{course.title.en} ({TECHNICIAN_MARK})" if is_for_technicians else course.title.en


def _queue(district: District, document: bytes, *, actor: str, at: datetime) -> int:
    uploads: list[Any] = [SimpleUploadedFile(FILE_NAME, document)]
    folder, files = store_uploads(uploads)
    number = create_job(district=district, actor=actor, at=at, folder=folder, files=files)
    record_audit_entry(
        district=district, at=at, actor=actor, action="load training records", subject_kind="job", subject=str(number)
    )
    values = {"at": at, "sha256": _hash(document)}
    TrainingIntake.objects.of(district).update_or_create(district_id=district.pk, defaults=values)
    load_job.enqueue(district.slug, number)
    return number


def _hash(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _encode_document(district: District, today: date) -> bytes:
    return msgspec.json.encode({ENVELOPE: list_training_rows(district=district, today=today)})


def _add_row(rows: dict[tuple[str, str, str], dict[str, Any]], row: dict[str, Any]) -> None:
    """Add a row; of two assignments of a course on one day the one that is done, then the one that is due first."""
    key = (row["email"], row["course"], row["assigned_on"])
    before = rows.get(key)
    if before is None or _rank_row(row) < _rank_row(before):
        rows[key] = row


def _rank_row(row: dict[str, Any]) -> tuple[bool, str]:
    return "done_on" not in row, row.get("due_on", "9999")


def _build_assigned_row(view: AssignmentView, item: PersonProgress, course: Course | None) -> dict[str, Any]:
    row = {
        "email": item.person.email,
        "course": view.title.en if view.policy else name_course(view.course, course),
        "kind": POLICY if view.policy else TRAINING,
        "assigned_on": item.assigned_on.isoformat(),
        "status": "done" if item.done_on else "assigned",
    }
    if item.due_on:
        row["due_on"] = item.due_on.isoformat()
    if item.done_on:
        row["done_on"] = item.done_on.isoformat()
    if item.score is not None:
        row["score"] = str(item.score)
    return row


def _iter_done_rows(district: District, courses: dict[str, Course]) -> Iterator[dict[str, Any]]:
    """Yield what was completed and signed; a row that nobody assigned counts as assigned on that day."""
    completions = Completion.objects.of(district).exclude(subject=None).exclude(email="").order_by("completed_at")
    for email, course, day, score in completions.values_list("email", "course", "completed_on", "score"):
        name = name_course(course, courses.get(course))
        yield {**_build_done_row(email, name, TRAINING, day), "score": str(score)}
    signatures = Signature.objects.of(district).exclude(email="").order_by("signed_at")
    for email, title, day in signatures.values_list("email", "policy__title", "signed_on"):
        yield _build_done_row(email, title, POLICY, day)


def _build_done_row(email: str, course: str, kind: str, day: date) -> dict[str, Any]:
    text = day.isoformat()
    return {"email": email, "course": course, "kind": kind, "assigned_on": text, "done_on": text, "status": "done"}


def _require_training(district: District) -> None:
    has_any = (model.objects.of(district).exists() for model in (Assignment, Completion, Signature))
    if not any(has_any):
        raise NoTraining("no course was assigned or completed yet")
