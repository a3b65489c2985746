"""The roster of a district, read from its current loads: who the students are, and who works here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from homeroom.domain.protect.loose.recognizers import Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.checks import check_phone, check_text
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

_PEOPLE_SQL = """
    SELECT r.instance || chr(31) || r.key, r.given_name, r.middle_name, r.family_name, r.preferred_name, lower(r.email),
        r.identifier, r.other_ids, r.key, r.birth_date, r.grade, coalesce(r.title, '')
    FROM person_records r"""
_ROLES_SQL = "SELECT r.instance || chr(31) || r.person_key, r.role FROM role_records r"
_OWN_SQL = "SELECT DISTINCT kind, value FROM own_identifiers"
_STAFF = frozenset({"teacher", "staff", "administrator", "aide"})
"""Roles of people who work here, whose names are no student's."""


def read_roster(store: EvidenceStore) -> Roster:
    """Read the students and the staff of the current loads; nobody if no roster was loaded."""
    if not store.list_current_loads():
        return Roster()
    session = open_session(store.pin_snapshot().restrict_to("person_records", "role_records", "own_identifiers"))
    try:
        people = session.execute(_PEOPLE_SQL).fetchall()
        roles: dict[str, set[str]] = {}
        for person, role in session.execute(_ROLES_SQL).fetchall():
            roles.setdefault(person, set()).add(role or "")
        own = session.execute(_OWN_SQL).fetchall()
    finally:
        session.close()
    return _add_own_values(_build_roster(people, roles), own)


def _build_roster(people: Iterable[tuple[Any, ...]], roles: Mapping[str, set[str]]) -> Roster:
    students: dict[tuple[str, ...], RosterStudent] = {}
    staff: list[tuple[str, str]] = []
    emails: set[str] = set()
    for person in people:
        key, first_name, middle, family, preferred, email, identifier, other_ids, number, birth_date, grade, _ = person
        own = roles.get(key, set())
        if "student" in own or (not own and grade):
            names = [(name, middle or "", family or "") for name in (first_name, preferred) if name]
            numbers = [identifier, *(text.partition(":")[2] for text in other_ids or ()), number]
            student = RosterStudent(
                id=len(students) + 1,
                names=tuple(names),
                numbers=tuple(dict.fromkeys(text for text in numbers if text and _is_number(text))),
                emails=(email,) if email else (),
                birth_dates=(birth_date.isoformat(),) if birth_date else (),
            )
            students.setdefault(_identify(student, key), student)
        elif own & _STAFF:
            staff += [(name, family or "") for name in (first_name, preferred) if name]
            emails |= {email} if email else set()
    merged = list(students.values())
    return Roster(students=tuple(merged), staff=tuple(staff), staff_emails=frozenset(emails))


def _add_own_values(roster: Roster, own: Iterable[tuple[str, str]]) -> Roster:
    """Return the roster with what the district calls its own: domains, telephones and addresses."""
    values: dict[str, list[str]] = {}
    for kind, value in own:
        values.setdefault(kind, []).append(value)
    return replace(
        roster,
        own_domains=frozenset(value.lower() for value in values.get("domain", ())),
        own_phones=frozenset(filter(None, map(check_phone, values.get("phone", ())))),
        own_addresses=tuple(filter(None, map(check_text, values.get("address", ())))),
    )


def _identify(student: RosterStudent, key: str) -> tuple[str, ...]:
    """Return what is the same of a student on several rosters: number and names, else the roster's own key."""
    return (student.numbers[0], *student.names[0]) if student.numbers and student.names else (key,)


def _is_number(text: str) -> bool:
    """Check whether an id may be written into documents: a few digits, perhaps behind letters."""
    return len(text) <= 16 and sum(map(str.isdigit, text)) >= 3 and text.replace("-", "").isalnum()
