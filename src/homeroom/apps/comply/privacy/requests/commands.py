"""Receive a request, take its steps in order, and match it to a student. Each step is in the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

from django.db import transaction

from homeroom.apps.comply.privacy.models import PrivacyRequest, RequestFile
from homeroom.apps.comply.privacy.opt_outs.commands import add_opt_outs
from homeroom.apps.comply.privacy.requests.records import (
    REQUEST_FILES,
    clean_text,
    get_request_row,
    parse_day,
    write_entry,
)
from homeroom.apps.comply.privacy.requests.search import search_request
from homeroom.apps.comply.privacy.students import StudentRefused, find_student
from homeroom.apps.platform.districts.stored_files import FileTooLarge, clean_file_name
from homeroom.domain.comply.privacy.requests import (
    ENDED,
    OptOutKind,
    Relation,
    RequestKind,
    RequestOutcome,
    RequestStep,
    StepForm,
    StepRefused,
    check_step,
)
from homeroom.domain.platform.district import District

MAX_AGE = timedelta(days=3 * 365)
"""How long ago a letter may have come."""
MAX_FILES = 20
NO_STUDENT = "which student it is about is missing; the page's id, an address or a number of the student would fit"


@dataclass(frozen=True, kw_only=True)
class RequestForm:
    """A request as somebody typed it. `student` is the page's id, an address or a number; `choices` of an opt-out."""

    kind: str
    requester: str
    relation: str = Relation.PARENT
    contact: str = ""
    student: str = ""
    student_text: str = ""
    received_on: str = ""
    text: str = ""
    choices: Sequence[str] = field(default=())


@dataclass(frozen=True, kw_only=True)
class NamedFile:
    """A file that came with a request or a step."""

    name: str
    content: BinaryIO


def receive_request(
    *,
    district: District,
    form: RequestForm,
    today: date,
    actor: str,
    at: datetime,
    letter: NamedFile | None = None,
) -> str:
    """Write a request down, with its letter if there is a file, and return its id. Raise StepRefused."""
    row = _build_request(district, form, today=today, actor=actor, at=at)
    stored = _store(district, letter)
    with transaction.atomic():
        row.save(force_insert=True)
        detail: dict[str, Any] = {"received_on": row.received_on.isoformat()}
        if letter is not None and stored is not None:
            detail["letter"] = _add_file(row, letter, stored, "letter", district=district, actor=actor, at=at)
        write_entry(row, RequestStep.RECEIVED, district=district, text=row.text, detail=detail, actor=actor, at=at)
    return row.public


def take_step(
    *,
    district: District,
    public: str,
    form: StepForm,
    today: date,
    actor: str,
    at: datetime,
    file: NamedFile | None = None,
) -> None:
    """Take the next step of a request, or end it as withdrawn.

    Raise StepRefused with what would fit, LookupError if the district has no such request, and QueryTimeout.
    """
    before = PrivacyRequest.objects.of(district).filter(public=public).first()
    if before is None:
        raise LookupError(f"there is no request {public}")
    step = check_step(RequestKind(before.kind), RequestStep(before.step), form)
    held = search_request(district=district, student=before.student) if step is RequestStep.SEARCHED else None
    stored = _store(district, file)
    with transaction.atomic():
        row = get_request_row(district, public)
        step = check_step(RequestKind(row.kind), RequestStep(row.step), form)
        day = parse_day("day", form.day, first=row.received_on, today=today)
        detail: dict[str, Any] = {"day": day.isoformat(), **_apply_step(row, step, form, day=day, district=district)}
        if held is not None:
            detail |= held
        if file is not None and stored is not None:
            detail["file"] = _add_file(row, file, stored, step, district=district, actor=actor, at=at)
        row.step = step
        row.save()
        if step is RequestStep.CLOSED and row.kind == RequestKind.OPT_OUT and row.outcome != RequestOutcome.DENIED:
            add_opt_outs(
                district=district,
                students={row.student: tuple(row.choices)},
                since=row.received_on,
                source=row.public,
                actor=actor,
                at=at,
            )
        text = clean_text("text", form.text)
        write_entry(row, step, district=district, text=text, detail=detail, actor=actor, at=at)


def _build_request(district: District, form: RequestForm, *, today: date, actor: str, at: datetime) -> PrivacyRequest:
    """Return the row of a request that is not saved yet. Raise StepRefused."""
    if form.kind not in set(RequestKind):
        raise StepRefused("kind", f"{form.kind!r} is no kind of request; {', '.join(RequestKind)} would fit")
    if form.relation not in set(Relation):
        raise StepRefused("relation", f"{form.relation!r}; {', '.join(Relation)} would fit")
    choices = sorted(set(form.choices)) if form.kind == RequestKind.OPT_OUT else []
    if form.kind == RequestKind.OPT_OUT and (not choices or not set(choices) <= set(OptOutKind)):
        raise StepRefused("choices", f"what is not to be disclosed is missing; {' and '.join(OptOutKind)} would fit")
    student = _find_student(district, form.student)
    student_text = "" if student else clean_text("student_text", form.student_text, limit=200)
    if not student and not student_text:
        raise StepRefused("student", NO_STUDENT)
    return PrivacyRequest(
        district_id=district.pk,
        public=f"request-{secrets.token_hex(8)}",
        kind=form.kind,
        requester=clean_text("requester", form.requester, limit=200, required="the name of who asks would fit"),
        relation=form.relation,
        contact=clean_text("contact", form.contact, limit=300),
        student=student,
        student_text=student_text,
        text=clean_text("text", form.text),
        choices=choices,
        received_on=parse_day("received_on", form.received_on, first=today - MAX_AGE, today=today),
        step=RequestStep.RECEIVED,
        made_by=actor,
        made_at=at,
    )


def _apply_step(
    row: PrivacyRequest, step: RequestStep, form: StepForm, *, day: date, district: District
) -> Mapping[str, Any]:
    """Set what a step changes besides the step itself, and return what the audit trail has of it."""
    if step is RequestStep.IDENTITY:
        row.student = _find_student(district, form.student) or row.student
        row.student_text = "" if row.student else row.student_text
        return {"proof": form.proof, "student": row.student}
    if step is RequestStep.DECIDED:
        row.outcome = form.outcome
        return {"outcome": form.outcome}
    if step is RequestStep.ANSWERED:
        row.answered_on = day
        row.outcome = row.outcome or RequestOutcome.GRANTED
    if step in ENDED:
        if step is RequestStep.CLOSED and row.kind == RequestKind.OPT_OUT and not row.student:
            raise StepRefused("student", f"the opt-out would not be obeyed: {NO_STUDENT}")
        row.closed_on = day
    return {"choices": row.choices} if row.kind == RequestKind.OPT_OUT and step in ENDED else {}


def match_request(*, district: District, public: str, student: str, actor: str, at: datetime) -> None:
    """Set which student an open request is about. Raise StepRefused, and LookupError if there is no such request."""
    matched = _find_student(district, student)
    if not matched:
        raise StepRefused("student", NO_STUDENT)
    with transaction.atomic():
        row = get_request_row(district, public)
        if row.step in ENDED:
            raise StepRefused("student", f"the request is {row.step}; one that is open would fit")
        row.student, row.student_text = matched, ""
        row.save()
        detail = {"student": matched, "matched": True}
        write_entry(row, RequestStep(row.step), district=district, text="", detail=detail, actor=actor, at=at)


def _find_student(district: District, text: str) -> str:
    """Return the public id of the student whom a text means; empty for an empty text. Raise StepRefused."""
    if not text.strip():
        return ""
    try:
        return find_student(district=district, text=text).public
    except StudentRefused as error:
        raise StepRefused("student", str(error)) from None


def _store(district: District, file: NamedFile | None) -> tuple[str, int] | None:
    if file is None:
        return None
    try:
        return REQUEST_FILES.store(district, file.content)
    except FileTooLarge as error:
        raise StepRefused("file", str(error)) from None


def _add_file(
    row: PrivacyRequest,
    file: NamedFile,
    stored: tuple[str, int],
    purpose: str,
    *,
    district: District,
    actor: str,
    at: datetime,
) -> str:
    """Add a stored file to a request and return its hash. Raise StepRefused if the request has too many."""
    if RequestFile.objects.of(district).filter(request=row).count() >= MAX_FILES:
        raise StepRefused("file", f"at most {MAX_FILES} files would fit")
    sha256, size = stored
    RequestFile.objects.create(
        district_id=district.pk,
        request=row,
        purpose=purpose,
        name=clean_file_name(file.name) or sha256,
        sha256=sha256,
        bytes=size,
        made_by=actor,
        made_at=at,
    )
    return sha256
