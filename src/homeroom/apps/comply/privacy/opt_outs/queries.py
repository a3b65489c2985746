"""Queries for opt-outs: who must be left out of what is disclosed, for exports, reports and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.apps.comply.privacy.models import OptOut
from homeroom.apps.comply.privacy.students import load_students
from homeroom.domain.comply.privacy.requests import OptOutKind
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District

PAGE = 200


@dataclass(frozen=True, kw_only=True)
class OptOutLine:
    """A current opt-out of a student; `name` is empty where evidence has the student no more."""

    number: int
    student: str
    name: str
    school: str
    kind: str
    since: date
    source: str


@dataclass(frozen=True, kw_only=True)
class OptedOutStudents:
    """The students who opted out: public ids by kind."""

    students: Mapping[str, frozenset[str]]

    def get_students(self, kind: OptOutKind) -> frozenset[str]:
        """Return the public ids of those who opted out of a kind."""
        return self.students.get(kind, frozenset())

    def get_numbers(self, kind: OptOutKind) -> frozenset[int]:
        """Return the internal numbers of those who opted out of a kind, as tables of evidence have them."""
        return frozenset(parse_public_id(student)[1] for student in self.get_students(kind))


def list_opted_out(*, district: District, students: Iterable[str] | None = None) -> OptedOutStudents:
    """Return the students with a current opt-out, of all or of some by public id.

    Whatever discloses directory information or media of students asks here first, and leaves these out.
    """
    rows = OptOut.objects.of(district).filter(ended_on=None)
    if students is not None:
        rows = rows.filter(student__in=list(students))
    by_kind: dict[str, set[str]] = {}
    for student, kind in rows.values_list("student", "kind"):
        by_kind.setdefault(kind, set()).add(student)
    return OptedOutStudents(students={kind: frozenset(ids) for kind, ids in by_kind.items()})


def count_opt_outs(*, district: District) -> Mapping[str, int]:
    """Return the number of students who opted out, by kind."""
    counts = dict.fromkeys(map(str, OptOutKind), 0)
    for kind in OptOut.objects.of(district).filter(ended_on=None).values_list("kind", flat=True):
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def list_opt_outs(*, district: District, after: int = 0, limit: int = PAGE) -> tuple[tuple[OptOutLine, ...], bool]:
    """Return current opt-outs, newest first, from the number `after` on, and whether more follow."""
    rows = list(OptOut.objects.of(district).filter(ended_on=None).order_by("-since", "-id")[after : after + limit + 1])
    shown = rows[:limit]
    views = load_students(district=district, students={row.student for row in shown})
    lines = tuple(
        OptOutLine(
            number=row.pk,
            student=row.student,
            name=views[row.student].name if row.student in views else "",
            school=views[row.student].school if row.student in views else "",
            kind=row.kind,
            since=row.since,
            source=row.source,
        )
        for row in shown
    )
    return lines, len(rows) > limit
