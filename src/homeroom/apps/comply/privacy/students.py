"""Students by what a person types or a file has: the page's id, an address, or a number that one student has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.apps.know.inventory.subjects import find_merge_target
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

STUDENT, STAFF = "student", "staff"
NAMED_AT_ONCE = 5_000
_NUMBERS_END = 1 << 63
_BY_ID_SQL = "SELECT id, name, kind, school, grade, identifiers FROM people WHERE id IN (SELECT unnest(?::BIGINT[]))"
_OWNER_SQL = "SELECT person FROM accounts WHERE id IN (SELECT unnest(?::BIGINT[]))"
_BY_IDENTIFIER_SQL = """
    SELECT text, p.id, p.kind FROM (SELECT id, kind, unnest(identifiers) AS text FROM people) p
    WHERE text IN (SELECT unnest(?::VARCHAR[]))"""


class StudentRefused(ValueError):
    """A text means no student, or several; the message states what would fit and never repeats the text."""


@dataclass(frozen=True, kw_only=True)
class StudentView:
    """A student as pages name them; `identifiers` are all that sources know the student by, in lower case."""

    public: str
    id: int
    name: str
    school: str = ""
    grade: str = ""
    identifiers: tuple[str, ...] = ()


def find_student(*, district: District, text: str) -> StudentView:
    """Return the student whom a text means. Raise StudentRefused, and QueryTimeout."""
    match = match_students(district=district, texts=[text])[text]
    if isinstance(match, StudentRefused):
        raise match
    return load_students(district=district, students=[match])[match]


def match_students(*, district: District, texts: Iterable[str]) -> Mapping[str, str | StudentRefused]:
    """Return the public id of the student whom each text means, or why it means none. Raise QueryTimeout."""
    wanted = {text: text.strip().casefold() for text in texts}
    by_identifier: dict[str, dict[int, str]] = {}
    identifiers = sorted({folded for folded in wanted.values() if folded})
    for start in range(0, len(identifiers), NAMED_AT_ONCE):
        for folded, number, kind in _query(district, _BY_IDENTIFIER_SQL, identifiers[start : start + NAMED_AT_ONCE]):
            by_identifier.setdefault(folded, {})[number] = kind
    return {text: _match(district, folded, by_identifier.get(folded, {})) for text, folded in wanted.items()}


def load_students(*, district: District, students: Iterable[str]) -> Mapping[str, StudentView]:
    """Return the students of public ids, without those whom evidence does not have any more. Raise QueryTimeout."""
    numbers = [number for kind, number in map(_parse_id, set(students)) if kind == "person"]
    rows = _query(district, _BY_ID_SQL, numbers) if numbers else []
    views = [
        StudentView(
            public=format_public_id("person", number),
            id=number,
            name=name or "",
            school=school or "",
            grade=grade or "",
            identifiers=tuple(identifiers or ()),
        )
        for number, name, _kind, school, grade, identifiers in rows
    ]
    return {view.public: view for view in views}


def _match(district: District, folded: str, candidates: Mapping[int, str]) -> str | StudentRefused:
    if not folded:
        return StudentRefused("is empty; the page's id, an address or a number of the student would fit")
    kind, _number = _parse_id(folded)
    if kind in ("person", "account"):
        return _match_id(district, folded)
    people = {number: kind for number, kind in candidates.items() if kind != STAFF}
    students = {number for number, kind in people.items() if kind == STUDENT} or set(people)
    if len(students) == 1:
        return format_public_id("person", students.pop())
    if students:
        return StudentRefused(f"{len(students)} students have it; the id on the student's page would fit")
    if candidates:
        return StudentRefused("is a member of staff; a student would fit")
    return StudentRefused("no student has it; the page's id, an address or a number of the student would fit")


def _match_id(district: District, public: str) -> str | StudentRefused:
    """Return the id of a person or of an account's owner, through merges, if evidence has it."""
    kind, number = _parse_id(find_merge_target(district=district, public=public) or public)
    owners = _query(district, _OWNER_SQL, [number]) if kind == "account" else [(number,)]
    people = _query(district, _BY_ID_SQL, [owner for (owner,) in owners if owner is not None])
    if not people:
        return StudentRefused("nobody has this id; an id such as p-0123456789abc would fit")
    person, _name, kind, *_rest = people[0]
    if kind == STAFF:
        return StudentRefused("is a member of staff; a student would fit")
    return format_public_id("person", person)


def _parse_id(text: str) -> tuple[str, int]:
    """Return kind and number of a public id; an empty kind for any other text, and beyond what the ledger gives."""
    try:
        kind, number = parse_public_id(text)
    except ValueError:
        return "", 0
    return (kind, number) if number < _NUMBERS_END else ("", 0)


def _query(district: District, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query over resolved evidence; none before the first assessment. Raise QueryTimeout."""
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        return []
    return query_executor().fetch_rows(
        snapshot_id=build_pin_name(store, derived.id),
        pin=lambda: store.pin_snapshot(derived=derived.id),
        sql=sql,
        parameters=[values],
    )


def build_pin_name(store: EvidenceStore, derived: str) -> str:
    """Return the name under which sessions over a resolved snapshot and the current sources are cached."""
    return f"{store.folder}/{derived}/{store.compute_sources_id()}"
