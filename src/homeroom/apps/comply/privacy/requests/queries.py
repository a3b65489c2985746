"""Queries for requests: the open ones with the day they are due, the closed ones, and one with its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.comply.privacy.models import PrivacyRequest, RequestEntry, RequestFile
from homeroom.apps.comply.privacy.requests.deadlines import (
    DeadlineRules,
    RequestDeadline,
    find_due,
    list_deadlines,
    load_deadline_rules,
)
from homeroom.apps.comply.privacy.requests.records import REQUEST_FILES
from homeroom.apps.comply.privacy.students import StudentView, load_students
from homeroom.domain.comply.privacy.requests import RequestKind, RequestStep, list_open_steps
from homeroom.domain.platform.district import District
from homeroom.evidence.erasing.person_terms import ERASED

MAX_CLOSED = 200
"""Closed requests that a list shows."""


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """A line of the list of requests. `due` is the earliest deadline; `closed_on` is None for an open request.

    `student` is empty if nobody is matched, or if the student was erased.
    """

    id: str
    kind: str
    student: str
    name: str
    requester: str
    received_on: date
    step: str
    due: RequestDeadline | None
    answered_on: date | None
    closed_on: date | None
    outcome: str

    @property
    def due_on(self) -> date | None:
        """The earliest day on which a law has it due; None if no law gives a day."""
        return self.due.due if self.due else None

    def is_late(self, today: date) -> bool:
        """Check whether the answer is late, or was."""
        return self.due_on is not None and (self.answered_on or self.closed_on or today) > self.due_on


@dataclass(frozen=True, kw_only=True)
class RequestEntryView:
    """A step that was taken, by whom and when, with its text and plain values."""

    step: str
    at: datetime
    written_by: str
    text: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RequestFileView:
    """A file of a request."""

    number: int
    purpose: str
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """One request: its line, what the letter wants, its steps, files, deadlines, and the steps that may come next."""

    line: RequestLine
    student: StudentView | None
    student_text: str
    relation: str
    contact: str
    text: str
    choices: tuple[str, ...]
    entries: tuple[RequestEntryView, ...]
    files: tuple[RequestFileView, ...]
    deadlines: tuple[RequestDeadline, ...]
    next_steps: tuple[RequestStep, ...]

    def find_entry(self, step: str) -> RequestEntryView | None:
        """Return the newest entry of a step, or None."""
        return next((entry for entry in reversed(self.entries) if entry.step == step), None)


def list_requests(*, district: District, today: date, closed: bool = False) -> tuple[RequestLine, ...]:
    """Return the open requests, the earliest due first, or the closed ones, the newest first. Raise QueryTimeout."""
    rows = PrivacyRequest.objects.of(district)
    if closed:
        shown = list(rows.exclude(closed_on=None).order_by("-closed_on", "-id")[:MAX_CLOSED])
        return _build_lines(district, shown, today=today)
    lines = _build_lines(district, rows.filter(closed_on=None).order_by("received_on", "id"), today=today)
    return tuple(sorted(lines, key=lambda line: (line.due_on or date.max, line.received_on)))


def find_request(*, district: District, public: str, today: date) -> RequestView | None:
    """Return one request, or None if the district has no such request. Raise QueryTimeout."""
    row = PrivacyRequest.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    rules = load_deadline_rules(district=district, today=today)
    views = load_students(district=district, students=[row.student] if row.student else [])
    deadlines = list_deadlines(rules, kind=row.kind, received_on=row.received_on)
    entries = RequestEntry.objects.of(district).filter(request=row).order_by("id")
    files = RequestFile.objects.of(district).filter(request=row).order_by("id")
    return RequestView(
        line=_build_line(row, views, deadlines),
        student=views.get(row.student),
        student_text=row.student_text,
        relation=row.relation,
        contact=row.contact,
        text=row.text,
        choices=tuple(row.choices),
        entries=tuple(
            RequestEntryView(
                step=entry.step, at=entry.at, written_by=entry.written_by, text=entry.text, detail=entry.detail
            )
            for entry in entries
        ),
        files=tuple(
            RequestFileView(number=file.pk, purpose=file.purpose, name=file.name, sha256=file.sha256, bytes=file.bytes)
            for file in files
        ),
        deadlines=deadlines,
        next_steps=list_open_steps(RequestKind(row.kind), RequestStep(row.step)),
    )


def read_request_file(*, district: District, public: str, number: int) -> tuple[str, Path]:
    """Return (name, path) of a file of a request. Raise LookupError if there is none, or its content was changed."""
    row = RequestFile.objects.of(district).filter(pk=number, request__public=public).first()
    if row is None:
        raise LookupError(number)
    return row.name, REQUEST_FILES.find(district, row.sha256)


def _build_lines(district: District, rows: Iterable[PrivacyRequest], *, today: date) -> tuple[RequestLine, ...]:
    listed = list(rows)
    rules: DeadlineRules = load_deadline_rules(district=district, today=today)
    views = load_students(district=district, students={row.student for row in listed if row.student})
    return tuple(
        _build_line(row, views, list_deadlines(rules, kind=row.kind, received_on=row.received_on)) for row in listed
    )


def _build_line(
    row: PrivacyRequest, views: Mapping[str, StudentView], deadlines: tuple[RequestDeadline, ...]
) -> RequestLine:
    view = views.get(row.student)
    return RequestLine(
        id=row.public,
        kind=row.kind,
        student="" if row.student == ERASED else row.student,
        name=view.name if view else row.student_text,
        requester=row.requester,
        received_on=row.received_on,
        step=row.step,
        due=find_due(deadlines),
        answered_on=row.answered_on,
        closed_on=row.closed_on,
        outcome=row.outcome,
    )
