"""Queries for the person of an address, and for those who work here, as the published evidence has them today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import query_executor

_PERSON_SQL = """
    WITH own AS (SELECT person, kind, enabled FROM accounts WHERE lower(email) = ?)
    SELECT p.id, p.name, p.kind, p.school, p.title, p.began_on, EXISTS (SELECT 1 FROM own) AS has_account
    FROM people p
    WHERE p.kind = 'staff' AND p.left IS NOT TRUE AND p.here IS NOT FALSE
        AND NOT coalesce(list_contains(p.roles, 'student'), FALSE)
        AND NOT EXISTS (SELECT 1 FROM own WHERE kind = 'student')
        AND CASE WHEN EXISTS (SELECT 1 FROM own)
            THEN p.id IN (SELECT person FROM own WHERE enabled IS NOT FALSE)
            ELSE lower(p.email) = ? END
    LIMIT 2"""


_PEOPLE_SQL = """
    WITH addresses AS (
        SELECT person, lower(email) AS address, bool_and(enabled IS FALSE) AS is_suspended,
            bool_or(kind = 'student') AS is_student
        FROM accounts WHERE email IS NOT NULL GROUP BY ALL),
    owned AS (
        SELECT p.id, p.name, p.kind, p.school, p.title, p.began_on, lower(p.email) AS main, a.address, a.is_suspended
        FROM people p LEFT JOIN addresses a ON a.person = p.id AND NOT coalesce(a.is_student, FALSE)
        WHERE p.kind = 'staff' AND p.left IS NOT TRUE AND p.here IS NOT FALSE
            AND NOT coalesce(list_contains(p.roles, 'student'), FALSE))
    SELECT id, any_value(name), any_value(kind), any_value(school), any_value(title), any_value(began_on),
        coalesce(
            arg_min(address, CASE WHEN address = main THEN '' ELSE address END) FILTER (is_suspended IS FALSE),
            any_value(main) FILTER (address IS NULL AND main NOT IN (SELECT address FROM addresses))) AS email
    FROM owned GROUP BY id"""


@dataclass(frozen=True, kw_only=True)
class MyPerson:
    """The person whose own pages these are; `id` is from the identity ledger.

    `email` is the address, in lower case, by which the person was found.
    """

    id: int
    name: str
    email: str
    kind: str
    school: str = ""
    title: str = ""
    began_on: date | None = None
    has_account: bool = True


def find_person(*, district: District, email: str) -> MyPerson | None:
    """Return the member of staff who has an address in the published evidence, or None. Raise QueryTimeout.

    Nobody is found for a student, a guardian, somebody who left, an address whose accounts are all suspended, and an
    address of several people. An address without an account is compared with the main addresses of people.
    """
    address = email.strip().lower()
    rows = _query(district, _PERSON_SQL, [address, address]) if address else []
    if len(rows) != 1:
        return None
    number, name, kind, school, title, began_on, has_account = rows[0]
    return MyPerson(
        id=number,
        name=name or address,
        email=address,
        kind=kind,
        school=school or "",
        title=title or "",
        began_on=began_on,
        has_account=has_account,
    )


def list_people(*, district: District, school: str = "") -> Sequence[MyPerson]:
    """Return the members of staff of a school, or all of them, by school and name, each with one address.

    Those whom `find_person` would not find by an address are left out. Raise QueryTimeout.
    """
    people = [
        MyPerson(
            id=number,
            name=name or address,
            email=address,
            kind=kind,
            school=place or "",
            title=title or "",
            began_on=began_on,
        )
        for number, name, kind, place, title, began_on, address in _query(district, _PEOPLE_SQL, [])
        if address and (not school or place == school)
    ]
    owners = Counter(person.email for person in people)
    return sorted(
        (person for person in people if owners[person.email] == 1), key=lambda person: (person.school, person.name)
    )


def _query(district: District, sql: str, parameters: list[str]) -> list[tuple[Any, ...]]:
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        return []
    return query_executor().fetch_rows(
        snapshot_id=f"{store.folder}/{derived.id}/people of addresses",
        pin=lambda: store.pin_snapshot(derived=derived.id).restrict_to("people", "accounts"),
        sql=sql,
        parameters=parameters,
    )
