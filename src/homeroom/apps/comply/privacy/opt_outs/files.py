"""Load opt-outs from a CSV file: a row a student, with what is not to be disclosed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from homeroom.apps.comply.privacy.opt_outs.commands import add_opt_outs
from homeroom.apps.comply.privacy.row_files import FileColumn, FileRow, RowRejection, parse_file_day, read_row_file
from homeroom.apps.comply.privacy.students import StudentRefused, match_students
from homeroom.apps.platform.districts.stored_files import clean_file_name
from homeroom.domain.comply.privacy.requests import OptOutKind
from homeroom.domain.platform.district import District

COLUMNS = (
    FileColumn(
        name="student",
        headings=("student number", "student id", "email", "id", "student email", "student_number"),
        required=True,
    ),
    FileColumn(name="kind", headings=("opt out", "opt-out", "opted out of", "kinds", "what")),
    FileColumn(name="since", headings=("date", "received on", "received")),
)
_WORDS = {
    OptOutKind.DIRECTORY: ("directory", "directory information", "directory info"),
    OptOutKind.MEDIA: ("media", "photo", "photos", "pictures", "photo and media"),
}
_ALL_WORDS = ("", "all", "both", "everything", "yes", "y", "true", "x", "1")
_SEPARATORS = re.compile(r"[;,/|+]|\band\b")


@dataclass(frozen=True, kw_only=True)
class OptOutLoad:
    """What came of a file: new opt-outs, students in it, and rows that were not loaded."""

    added: int
    students: int
    rows: int
    rejects: tuple[RowRejection, ...]


def load_opt_outs(
    *, district: District, name: str, content: bytes, today: date, actor: str, at: datetime
) -> OptOutLoad:
    """Load a file of opt-outs. A row that does not fit is rejected and costs nothing else.

    Raise RowFileRefused if the file cannot be read at all, and QueryTimeout.
    """
    file = read_row_file(name, content, columns=COLUMNS)
    matches = match_students(district=district, texts={row.cells["student"] for row in file.rows})
    by_day: dict[date, dict[str, set[str]]] = {}
    rejects = list(file.rejects)
    for row in file.rows:
        student = matches[row.cells["student"]]
        kinds, day = parse_kinds(row.cells.get("kind", "")), _parse_since(row, today)
        if isinstance(student, StudentRefused):
            rejects.append(RowRejection(line=row.line, field="student", reason=str(student)))
        elif not kinds:
            reason = f"is no kind; {', '.join(OptOutKind)} or all would fit"
            rejects.append(RowRejection(line=row.line, field="kind", reason=reason))
        elif day is None:
            reason = f"is no day until {today}; a day such as {today} would fit"
            rejects.append(RowRejection(line=row.line, field="since", reason=reason))
        else:
            by_day.setdefault(day, {}).setdefault(student, set()).update(kinds)
    with transaction.atomic():
        added = sum(_add(district, day, by_day[day], name, actor, at) for day in sorted(by_day))
    students = {student for students in by_day.values() for student in students}
    return OptOutLoad(
        added=added,
        students=len(students),
        rows=len(file.rows) + len(file.rejects),
        rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
    )


def _add(district: District, day: date, students: dict[str, set[str]], name: str, actor: str, at: datetime) -> int:
    kinds = {student: sorted(kinds) for student, kinds in students.items()}
    return add_opt_outs(district=district, students=kinds, since=day, source=clean_file_name(name), actor=actor, at=at)


def parse_kinds(text: str) -> frozenset[OptOutKind]:
    """Return the kinds that a cell names; all for an empty cell or one with all; none if a word is not understood."""
    folded = " ".join(text.casefold().split())
    if folded in _ALL_WORDS:
        return frozenset(OptOutKind)
    return frozenset(_iter_kinds(folded)) if all(_find_kind(word) for word in _split(folded)) else frozenset()


def _iter_kinds(folded: str) -> Iterator[OptOutKind]:
    for word in _split(folded):
        kind = _find_kind(word)
        if kind is not None:
            yield kind


def _find_kind(word: str) -> OptOutKind | None:
    return next((kind for kind, words in _WORDS.items() if word in words), None)


def _split(folded: str) -> list[str]:
    if any(folded in words for words in _WORDS.values()):
        return [folded]
    return [word.strip() for word in _SEPARATORS.split(folded) if word.strip()]


def _parse_since(row: FileRow, today: date) -> date | None:
    text = row.cells.get("since", "")
    return parse_file_day(text, today=today) if text else today
