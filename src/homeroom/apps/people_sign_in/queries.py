"""Query for the person of an address, as the published evidence has that person today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
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
    rows = _query(district, address) if address else []
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


def _query(district: District, address: str) -> list[tuple[Any, ...]]:
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        return []
    return query_executor().fetch_rows(
        snapshot_id=f"{store.folder}/{derived.id}/people of addresses",
        pin=lambda: store.pin_snapshot(derived=derived.id).restrict_to("people", "accounts"),
        sql=_PERSON_SQL,
        parameters=[address, address],
    )
