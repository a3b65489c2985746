"""The staff of a district as resolved evidence has them, with roles and the first day of work."""

from __future__ import annotations

from typing import Any

from homeroom.apps.platform.districts.evidence_store import fetch_resolved, get_evidence_store
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import StaffMember

_SQL = """
    WITH began AS (
        SELECT l.id, min(r.begin_date) AS began_on FROM role_records r
        JOIN links l ON l.subject_kind = 'person' AND l.table_name = 'person_records'
            AND l.connector = r.connector AND l.instance = r.instance AND l.key = r.person_key
        WHERE r.role IS DISTINCT FROM 'student' AND r.begin_date IS NOT NULL GROUP BY l.id)
    SELECT p.id, p.name, lower(p.email), p.school, p.title, p.roles, coalesce(p.began_on, b.began_on)
    FROM people p LEFT JOIN began b ON b.id = p.id
    WHERE p.kind = 'staff' AND p.here IS NOT FALSE AND p.left IS NOT TRUE AND (?::BIGINT IS NULL OR p.id = ?::BIGINT)
    ORDER BY p.school NULLS LAST, p.sort_name NULLS LAST, p.id"""


def list_staff(*, district: District) -> tuple[StaffMember, ...]:
    """List the staff by school and name; nobody before the first assessment. Raise QueryTimeout."""
    return _query_staff(district, None)


def find_staff_member(*, district: District, subject: int) -> StaffMember | None:
    """Return a member of staff by number in the identity ledger, or None. Raise QueryTimeout."""
    return next(iter(_query_staff(district, subject)), None)


def _query_staff(district: District, subject: int | None) -> tuple[StaffMember, ...]:
    rows = fetch_resolved(get_evidence_store(district=district), _SQL, subject, subject)
    return tuple(_build_member(*row) for row in rows)


def _build_member(number: int, name: Any, email: Any, school: Any, title: Any, roles: Any, began: Any) -> StaffMember:
    return StaffMember(
        id=number,
        public=format_public_id("person", number),
        name=name or "",
        email=email or "",
        school=school or "",
        title=title or "",
        roles=tuple(roles or ()),
        began_on=began,
    )
