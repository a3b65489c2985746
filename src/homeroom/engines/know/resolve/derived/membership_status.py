"""Membership status: roles that are current today, and departures, each by the best evidence that there is.

Somebody is here by a current role in any source. For each kind of person (staff, student) the best evidence on who has
left is that of the first of these that carries the person:

1. a source that was named as the authority, or that decides by its own mark: its rows, and that it has them no more;
2. a staff list that nobody has named yet, where it dates employment: its rows alone, never their absence;
3. the roster, which decides by default about students, and about the staff that it carries;
4. any other source: a row that reports it, where no other row of that kind is current.

A role of the same kind in a lesser source does not count then (an outdated roster), unless its job is independent:
substitute, coach, contractor, board.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from homeroom.engines.know.resolve.shared.words import (
    DEPARTURE_WORDS,
    INDEPENDENT_JOBS,
    WORKING_JOBS,
    build_word_pattern,
    quote_sql_list,
)
from homeroom.evidence.query.steps import Step

STAFF_LIST, _ROSTER = "hr", "oneroster"
NAMED_LISTS_SCHEMA = pa.schema([("kind", pa.string()), ("connector", pa.string()), ("instance", pa.string())])
"""Sources that somebody named as the authority on a kind of person (staff, student)."""


def list_status_steps(*, today: date) -> tuple[Step, ...]:
    """Build rz_authority (kind, connector), rz_counted (roles that count today) and rz_departures."""
    day = f"DATE '{today}'"
    return (
        *_list_authority_steps(),
        _build_person_state_step(day),
        *_list_role_steps(day),
        _build_departures_step(),
        Step(
            name="select the roles that count today",
            reads=("departures", "roles"),
            writes=("counted",),
            sql="""SELECT r.* FROM rz_roles r LEFT JOIN (SELECT id, kind FROM rz_departures) d ON d.id = r.id
            AND d.kind = r.kind
        WHERE r.current AND (d.id IS NULL OR r.standing_job)""",
        ),
    )


def _list_authority_steps() -> tuple[Step, ...]:
    """Build rz_authority (kind, connector, instance, named): the sources that decide for each kind of person.

    Declared authorities and named lists come first, else a loaded source that claims this kind alone, else the roster,
    else a source that claims several kinds. `named` is false of the roster and of those after it.
    """
    return (
        Step(
            name="list loaded sources",
            reads=("person_nodes",),
            writes=("loaded",),
            sql="SELECT DISTINCT connector, instance FROM sources UNION SELECT connector, instance FROM "
            "rz_person_nodes",
        ),
        Step(
            name="choose authoritative sources",
            reads=("loaded", "named_lists"),
            writes=("authority",),
            sql=f"""WITH declared AS (
            SELECT lower(d.kind) AS kind, l.connector, l.instance FROM authorities d LEFT JOIN rz_loaded l
                ON l.connector = d.authority
            UNION SELECT kind, connector, instance FROM rz_named_lists SEMI JOIN rz_loaded USING (connector, instance)),
        able AS (SELECT unnest(['staff', 'student']) AS kind, connector, 2 AS place FROM rz_loaded
                WHERE connector = '{_ROSTER}'
            UNION ALL SELECT kind, connector, CASE alone WHEN 1 THEN 1 ELSE 3 END
                FROM (SELECT connector, unnest(decides) AS kind, len(decides) AS alone FROM sources)
                    WHERE connector <> '{_ROSTER}'),
        usual AS (SELECT kind, arg_min(connector, (place, connector)) AS connector, min(place) = 1 AS named FROM able
            WHERE kind NOT IN (SELECT kind FROM declared) GROUP BY kind)
        SELECT kind, connector, instance, true AS named FROM declared WHERE connector IS NOT NULL
        UNION SELECT u.kind, l.connector, l.instance, u.named FROM usual u JOIN rz_loaded l USING (connector)""",
        ),
    )


def _build_person_state_step(day: str) -> Step:
    """Build rz_person_state (n, id, …): the status and departure of its person that each record reports."""
    return Step(
        name="read the status in each person record",
        reads=("person_nodes", "person_rows"),
        writes=("person_state",),
        sql=f"""SELECT r.n, any_value(p.id) AS id, max(r.end_date) AS ended,
            bool_or(r.start_date IS NULL OR r.start_date <= {day}) AS begun, bool_or(r.start_date > {day}) AS future,
            CASE WHEN bool_and(s.says IS NOT NULL) THEN max(s.says) END AS says
        FROM rz_person_rows r JOIN rz_person_nodes p USING (n),
        LATERAL (SELECT CASE
            WHEN r.gone THEN 'carried them in an earlier complete load and does not now'
            WHEN r.end_date < {day} THEN 'says that they end on ' || r.end_date
            WHEN lower(r.status) = 'tobedeleted' THEN 'marks them tobedeleted'
            WHEN r.enabled = false THEN 'says that they are not enabled'
            WHEN r.employment IN ({quote_sql_list(DEPARTURE_WORDS)}) AND (r.end_date IS NULL OR r.end_date <= {day})
                THEN 'says ' || r.employment END AS says) s
        GROUP BY r.n""",
    )


def _list_role_steps(day: str) -> tuple[Step, ...]:
    """Build rz_roles with every role (id, n, connector, instance, role, kind, current, future, ended, …)."""
    current = (
        f"NOT e.role_gone AND e.status IS DISTINCT FROM 'tobedeleted' AND s.says IS NULL AND (e.end_date IS "
        f"NULL OR e.end_date >= {day})"
    )
    job_text = "coalesce(e.job, '') || ' ' || coalesce(t.title, '')"
    return (
        Step(
            name="list roles",
            reads=("person_rows", "role_rows"),
            writes=("every_role",),
            sql="""SELECT n, kind, role, org_key, org_name, coalesce("primary", false) AS "primary", begin_date,
            end_date,
            lower(status) AS status,
            lower(job) AS job, role_gone FROM rz_role_rows
        UNION ALL
        SELECT n, namespace, CASE namespace WHEN 'other' THEN 'other' ELSE namespace END, NULL, NULL, true,
            start_date, end_date, 'active',
            NULL, gone FROM rz_person_rows WHERE n NOT IN (SELECT n FROM rz_role_rows)""",
        ),
        Step(
            name="determine which roles are current",
            reads=("authority", "every_role", "person_nodes", "person_rows", "person_state"),
            writes=("roles",),
            sql=f"""SELECT s.id, e.*, p.connector, p.instance, s.ended AS record_ended,
            {current} AND s.begun AND (e.begin_date IS NULL OR e.begin_date <= {day}) AS current,
            {current} AND (NOT s.begun OR e.begin_date > {day}) AS future,
            regexp_matches({job_text}, '{build_word_pattern(INDEPENDENT_JOBS)}') AS standing_job,
            regexp_matches({job_text}, '{build_word_pattern(WORKING_JOBS)}') AS working_job,
            {_TIER_SQL} AS tier
        FROM rz_every_role e JOIN rz_person_state s USING (n) JOIN rz_person_nodes p USING (n)
        LEFT JOIN (SELECT n, max(lower(title)) AS title FROM rz_person_rows GROUP BY n) t USING (n)
        LEFT JOIN rz_authority a ON a.kind = e.kind AND a.connector = p.connector AND a.instance = p.instance
        LEFT JOIN ({_DATED_LISTS_SQL}) f ON f.connector = p.connector AND f.instance = p.instance""",
        ),
    )


_DATED_LISTS_SQL = f"""SELECT DISTINCT connector, instance FROM rz_person_rows WHERE connector = '{STAFF_LIST}'
    AND (start_date IS NOT NULL OR end_date IS NOT NULL OR lower(status) = 'tobedeleted'
        OR employment IN ({quote_sql_list(DEPARTURE_WORDS)}))"""
"""SQL for the staff lists that date employment: others, such as a list of a product's users, prove no employment."""
_TIER_SQL = """CASE WHEN a.named THEN 1
    WHEN f.connector IS NOT NULL AND e.kind = 'staff' AND NOT p.gone
        AND NOT EXISTS (SELECT 1 FROM rz_authority n WHERE n.kind = 'staff' AND n.named) THEN 2
    WHEN a.kind IS NOT NULL THEN 3
    WHEN s.says IS NOT NULL AND NOT p.gone THEN 4
    ELSE 5 END"""
"""SQL for how good the evidence of a role is on who has left: 1 to 4 as above, 5 where it says nothing."""


def _build_departures_step() -> Step:
    """Build rz_departures (id, kind, because, left_on).

    The best evidence carries or carried the person as that kind, and none of it does now or soon.
    """
    return Step(
        name="find departures",
        reads=("person_state", "roles"),
        writes=("departures",),
        sql="""SELECT id, kind, max_by(because, ord) AS because, max(left_on) AS left_on FROM (
            SELECT r.id, r.kind, r.n, min(r.tier) AS tier, min(min(r.tier)) OVER (PARTITION BY r.id, r.kind) AS best,
                bool_or(r.current OR r.future) AS stays,
                any_value(r.instance) || ' ' || coalesce(any_value(s.says), 'says that their role ended on ' ||
                    max(r.end_date),
                    'marks their role tobedeleted') AS because,
                coalesce(any_value(s.ended), max(r.end_date)) AS left_on,
                coalesce(any_value(s.ended), max(r.end_date), DATE '1900-01-01')::VARCHAR || lpad(r.n::VARCHAR, 12,
                    '0') AS ord
            FROM rz_roles r JOIN rz_person_state s USING (n)
            WHERE r.kind IN ('staff', 'student') GROUP BY r.id, r.kind, r.n)
        WHERE tier = best AND best < 4 OR best = 4
        GROUP BY id, kind HAVING NOT bool_or(stays)""",
    )
