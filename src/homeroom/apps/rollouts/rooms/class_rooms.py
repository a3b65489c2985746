"""The rooms in which classes meet, from rosters, as the lines of a list of rooms that a person completes."""

from __future__ import annotations

from homeroom.apps.districts.evidence_store import fetch_evidence, get_evidence_store
from homeroom.domain.district import District
from homeroom.domain.spreadsheets import iterate_csv_lines

_ROOMS_SQL = """
    WITH schools AS (SELECT instance, key, min(name) AS name FROM orgs WHERE name IS NOT NULL GROUP BY ALL)
    SELECT DISTINCT s.name, trim(c.location) FROM classes c
    JOIN schools s ON s.instance = c.instance AND s.key = c.org_key
    WHERE trim(c.location) <> '' AND coalesce(c.status, 'active') <> 'tobedeleted' ORDER BY ALL"""


def write_class_rooms(*, district: District, minutes: int) -> str:
    """Return a line for each room of each school in which a class meets, under a first line; empty without any.

    Raise QueryTimeout.
    """
    rows = fetch_evidence(get_evidence_store(district=district), _ROOMS_SQL)
    if not rows:
        return ""
    cells = [("school", "room", "minutes", "devices"), *((school, room, minutes, 0) for school, room in rows)]
    return "".join(iterate_csv_lines(cells)).replace("\r\n", "\n")
