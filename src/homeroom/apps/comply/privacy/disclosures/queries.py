"""Queries for the log of disclosures: newest first, of one student, and all rows for a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from homeroom.apps.comply.privacy.models import Disclosure
from homeroom.apps.comply.privacy.students import StudentView, load_students
from homeroom.domain.comply.privacy.disclosures import BASES, DisclosureBasis
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula

PAGE = 100
CSV_COLUMNS = ("student", "name", "disclosed_on", "recipient", "purpose", "basis", "citation", "what", "withdrawn")
MASKED = "masked"


@dataclass(frozen=True, kw_only=True)
class DisclosureLine:
    """An entry of the log; `name` is empty where evidence has the student no more."""

    number: int
    student: str
    name: str
    recipient: str
    purpose: str
    basis: DisclosureBasis
    elements: tuple[str, ...]
    disclosed_on: date
    made_by: str
    withdrawn_at: datetime | None
    withdrawn_because: str


def list_disclosures(
    *, district: District, student: str = "", after: int = 0, limit: int = PAGE
) -> tuple[tuple[DisclosureLine, ...], bool]:
    """Return entries newest first, of all students or one by public id, and whether more follow. Raise QueryTimeout."""
    rows = Disclosure.objects.of(district).order_by("-disclosed_on", "-id")
    if student:
        rows = rows.filter(student=student)
    page = list(rows[after : after + limit + 1])
    return tuple(_build_lines(district, page[:limit])), len(page) > limit


def iter_disclosure_cells(*, district: District, hide_students: bool = False) -> Iterator[list[str]]:
    """Yield the log as rows of a CSV file, oldest first, under a first line. Raise QueryTimeout."""
    yield list(CSV_COLUMNS)
    rows = list(Disclosure.objects.of(district).order_by("disclosed_on", "id"))
    for line in _build_lines(district, rows):
        names = (MASKED, MASKED) if hide_students else (line.student, line.name)
        cells = (
            *names,
            line.disclosed_on.isoformat(),
            line.recipient,
            line.purpose,
            line.basis.id,
            line.basis.citation,
            "; ".join(line.elements),
            line.withdrawn_because if line.withdrawn_at else "",
        )
        yield [escape_formula(cell) for cell in cells]


def _build_lines(district: District, rows: Iterable[Disclosure]) -> Iterator[DisclosureLine]:
    listed = list(rows)
    views = load_students(district=district, students={row.student for row in listed})
    for row in listed:
        view: StudentView | None = views.get(row.student)
        yield DisclosureLine(
            number=row.pk,
            student=row.student,
            name=view.name if view else "",
            recipient=row.recipient,
            purpose=row.purpose,
            basis=BASES.get(row.basis) or DisclosureBasis(id=row.basis, title=row.basis, citation=""),
            elements=tuple(row.elements),
            disclosed_on=row.disclosed_on,
            made_by=row.made_by,
            withdrawn_at=row.withdrawn_at,
            withdrawn_because=row.withdrawn_because,
        )
