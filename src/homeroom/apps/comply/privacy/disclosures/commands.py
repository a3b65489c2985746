"""Add entries to the log of disclosures, by hand or from a CSV file, and withdraw one that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from homeroom.apps.comply.privacy.models import Disclosure
from homeroom.apps.comply.privacy.row_files import FileColumn, RowRejection, parse_file_day, read_row_file
from homeroom.apps.comply.privacy.students import StudentRefused, match_students
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.stored_files import clean_file_name
from homeroom.domain.comply.privacy.disclosures import BASES
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District

COLUMNS = (
    FileColumn(
        name="student", headings=("student number", "student id", "email", "id", "student email"), required=True
    ),
    FileColumn(name="disclosed_on", headings=("date", "day", "disclosed", "released on"), required=True),
    FileColumn(name="recipient", headings=("to", "party", "disclosed to", "released to"), required=True),
    FileColumn(name="purpose", headings=("why", "interest", "legitimate interest", "reason"), required=True),
    FileColumn(name="basis", headings=("legal basis", "exception", "ground"), required=True),
    FileColumn(name="what", headings=("records", "elements", "data", "information"), required=True),
)
MAX_RECIPIENT, MAX_PURPOSE, MAX_ELEMENT, MAX_ELEMENTS = 200, 400, 80, 40


class DisclosureRefused(ValueError):
    """An entry is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class DisclosureForm:
    """An entry as somebody typed it: `what` are the records or kinds of data, separated by semicolons."""

    student: str
    disclosed_on: str
    recipient: str
    purpose: str
    basis: str
    what: str


@dataclass(frozen=True, kw_only=True)
class DisclosureLoad:
    """What came of a file: new entries, entries that the log has already, and rows that were not loaded."""

    added: int
    repeated: int
    rows: int
    rejects: tuple[RowRejection, ...]


def add_disclosure(*, district: District, form: DisclosureForm, today: date, actor: str, at: datetime) -> None:
    """Add an entry. Raise DisclosureRefused, and QueryTimeout."""
    match = match_students(district=district, texts=[form.student])[form.student]
    if isinstance(match, StudentRefused):
        raise DisclosureRefused("student", str(match))
    row = _build_row(district, match, form, today=today, source="", actor=actor, at=at)
    with transaction.atomic():
        row.save(force_insert=True)
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="record disclosure",
            subject_kind="person",
            subject=row.student,
            detail={"basis": row.basis, "elements": len(row.elements)},
        )


def load_disclosures(
    *, district: District, name: str, content: bytes, today: date, actor: str, at: datetime
) -> DisclosureLoad:
    """Load a file of disclosures; a row that the log has already is not added again, one that does not fit is rejected.

    Raise RowFileRefused if the file cannot be read at all, and QueryTimeout.
    """
    file = read_row_file(name, content, columns=COLUMNS)
    source = clean_file_name(name)
    matches = match_students(district=district, texts={row.cells["student"] for row in file.rows})
    rows: list[Disclosure] = []
    rejects = list(file.rejects)
    for file_row in file.rows:
        match = matches[file_row.cells["student"]]
        form = DisclosureForm(**{column.name: file_row.cells[column.name] for column in COLUMNS})
        try:
            if isinstance(match, StudentRefused):
                raise DisclosureRefused("student", str(match))
            rows.append(_build_row(district, match, form, today=today, source=source, actor=actor, at=at))
        except DisclosureRefused as error:
            rejects.append(RowRejection(line=file_row.line, field=error.field, reason=str(error)))
    added = _add_new(district, rows, source=source, actor=actor, at=at)
    return DisclosureLoad(
        added=added,
        repeated=len(rows) - added,
        rows=len(file.rows) + len(file.rejects),
        rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
    )


@transaction.atomic
def withdraw_disclosure(*, district: District, number: int, reason: str, actor: str, at: datetime) -> None:
    """Mark an entry as wrong, with a reason; it stays in the log. Raise LookupError and DisclosureRefused."""
    if len(reason.strip()) < 5:
        raise DisclosureRefused("reason", "what was wrong with it would fit, in a sentence")
    row = Disclosure.objects.of(district).select_for_update().filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(f"there is no disclosure {number}")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_because = at, actor, reason.strip()[:400]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="withdraw disclosure",
        subject_kind="person",
        subject=row.student,
        detail={"number": number},
    )


def _build_row(
    district: District,
    student: str,
    form: DisclosureForm,
    *,
    today: date,
    source: str,
    actor: str,
    at: datetime,
) -> Disclosure:
    day = parse_file_day(form.disclosed_on.strip(), today=today)
    if day is None:
        raise DisclosureRefused("disclosed_on", f"is no day until {today}; a day such as {today} would fit")
    basis = form.basis.strip().casefold().replace(" ", "-")
    if basis not in BASES:
        raise DisclosureRefused("basis", f"is no basis that is known; {', '.join(BASES)} would fit")
    elements = [word.strip()[:MAX_ELEMENT] for word in form.what.split(";") if word.strip()][:MAX_ELEMENTS]
    if not elements:
        raise DisclosureRefused("what", "is empty; the records would fit, such as: transcript; attendance")
    return Disclosure(
        district_id=district.pk,
        student=student,
        subject=parse_public_id(student)[1],
        recipient=_clean("recipient", form.recipient, MAX_RECIPIENT),
        purpose=_clean("purpose", form.purpose, MAX_PURPOSE),
        basis=basis,
        elements=elements,
        disclosed_on=day,
        source=source,
        made_by=actor,
        made_at=at,
    )


def _clean(field: str, text: str, limit: int) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > limit:
        raise DisclosureRefused(field, f"a text of at most {limit} characters would fit")
    return cleaned


@transaction.atomic
def _add_new(district: District, rows: list[Disclosure], *, source: str, actor: str, at: datetime) -> int:
    """Add the entries that the log does not have yet, and return how many these are."""
    students = {row.student for row in rows}
    current = Disclosure.objects.of(district).filter(student__in=students, withdrawn_at=None)
    seen = {_build_entry_key(row) for row in current}
    new: Mapping[tuple[object, ...], Disclosure] = {
        key: row for row in rows if (key := _build_entry_key(row)) not in seen
    }
    Disclosure.objects.bulk_create(list(new.values()))
    if new:
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="load disclosures",
            subject_kind="disclosures",
            subject=source[:80],
            detail={"disclosures": len(new), "students": len({row.student for row in new.values()})},
        )
    return len(new)


def _build_entry_key(row: Disclosure) -> tuple[object, ...]:
    return (row.student, row.disclosed_on, row.recipient, row.purpose, row.basis, tuple(row.elements))
