"""Rooms, from the classes that meet in them: their periods with class, their free periods, their devices and carts.

A room has class in every period of any class that a roster has now, whatever its term, and is free in the other periods
of its school's classes. A class without periods meets at times that nobody wrote: such a room has no free periods, and
it is unknown when it has class. Where several rosters carry a room, the one with most classes in it gives its periods.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource

NO_ROOMS = (
    "'tba', 'tbd', 'n/a', 'na', 'none', 'no room', 'unassigned', 'online', 'virtual', 'remote', 'off campus', '0', '-'"
)
"""Words in place of a room where a class has none."""


def fold_room_sql(column: str) -> str:
    """Return SQL for the name of a room as a key: `Room 101`, `Rm. 101` and `101` are one room of a school."""
    plain = f"trim(regexp_replace(lower({column}), '\\s+', ' ', 'g'))"
    return f"coalesce(nullif(regexp_replace({plain}, '^(classroom|room|rm|salon|aula)\\b[.:#\\s]*', ''), ''), {plain})"


_MEETS = "coalesce(r.status, 'active') <> 'tobedeleted' AND r.org_key IS NOT NULL"
_SCHOOLS = """SELECT connector, instance, key, any_value(name ORDER BY name) AS name FROM orgs
    GROUP BY connector, instance, key"""
_DEVICE_ROOM = fold_room_sql("regexp_replace(location, '(?i)[\\s,;:(/-]*\\bcarts?\\b.*$', '')")
_NUMBER = "TRY_CAST(regexp_extract(x, '[0-9]+') AS INTEGER)"
_ORDER_PERIODS = f"list_transform(list_sort(list_transform($list, x -> {{'n': {_NUMBER}, 'x': x}})), y -> y.x)"


def _order_periods_sql(periods: str) -> str:
    """Return SQL for a list of periods in the order of their numbers: 2 before 10."""
    return _ORDER_PERIODS.replace("$list", f"coalesce({periods}, [])")


ROOM = Resource(
    kind="room",
    records="classes",
    key=f"r.org_key || ' / ' || {fold_room_sql('r.location')}",
    same=f"""(SELECT lower(trim(min(o.name))) FROM orgs o WHERE o.connector = r.connector AND o.instance = r.instance
        AND o.key = r.org_key) || ' / ' || {fold_room_sql("r.location")}""",
    where=f"""{_MEETS} AND nullif(trim(r.location), '') IS NOT NULL
        AND {fold_room_sql("r.location")} NOT IN ({NO_ROOMS})""",
    select=f"""WITH schools AS ({_SCHOOLS}),
        spelled AS (SELECT *, trim(location) AS spelling,
            count(*) OVER (PARTITION BY id, connector, instance, org_key, trim(location)) AS times FROM rz_room_rows),
        placed AS (SELECT id, connector, instance, org_key, count(*) AS classes,
            arg_max(spelling, row(times, spelling)) AS name,
            bool_and(len(coalesce(periods, [])) > 0) AS timed,
            list_distinct(flatten(list(coalesce(periods, [])))) AS periods,
            list_sort(list_distinct(flatten(list(coalesce(grades, []))))) AS grades FROM spelled GROUP BY ALL),
        carried AS (SELECT id, list_sort(list(DISTINCT instance)) AS sources FROM placed GROUP BY id),
        best AS (SELECT * FROM placed
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY classes DESC, connector, instance, org_key) = 1),
        rung AS (SELECT r.connector, r.instance, r.org_key,
            list_distinct(flatten(list(coalesce(r.periods, [])))) AS periods FROM classes r WHERE {_MEETS}
            GROUP BY ALL),
        named AS (SELECT b.*, s.name AS school, list_filter(g.periods, p -> NOT list_contains(b.periods, p)) AS free,
            c.sources, lower(trim(s.name)) AS in_school, {fold_room_sql("b.name")} AS folded
            FROM best b JOIN carried c USING (id)
            LEFT JOIN schools s ON s.connector = b.connector AND s.instance = b.instance AND s.key = b.org_key
            LEFT JOIN rung g ON g.connector = b.connector AND g.instance = b.instance AND g.org_key = b.org_key),
        held AS (SELECT lower(trim(school)) AS in_school, {_DEVICE_ROOM} AS folded, count(*) AS devices,
            list_sort(list(DISTINCT cart) FILTER (WHERE cart IS NOT NULL)) AS carts
            FROM rz_devices WHERE school IS NOT NULL AND location IS NOT NULL GROUP BY ALL)
        SELECT n.id, n.name, n.school, n.classes, n.grades, {_order_periods_sql("n.periods")} AS periods,
            CASE WHEN n.timed THEN {_order_periods_sql("n.free")} END AS free_periods,
            CASE WHEN EXISTS (SELECT 1 FROM held) THEN coalesce(h.devices, 0) END AS devices,
            h.carts, n.sources
        FROM named n LEFT JOIN held h USING (in_school, folded)""",
)
