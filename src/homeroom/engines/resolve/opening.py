"""What somebody's accounts open besides what is theirs: administration, and systems with the data of others.

A system is one with the data of others where an agreement says that pupils' data is in it and the account uses it or let it
in, or where what was let in reads all accounts, changes them or reads rosters. Pupils open what is theirs; of them nothing
is said. What no list tells is not known to be closed.
"""

from __future__ import annotations

from datetime import date

import duckdb

from homeroom.engines.resolve.sql import dropped, made, number
from homeroom.engines.resolve.things.agreements import AGREED, COVERED, LET_IN
from homeroom.engines.resolve.things.apps import GRANTS, REACHED
from homeroom.engines.resolve.things.describing import named

OTHERS = ("administration", "directory", "roster")
"""What an app may reach that is not the data of whoever let it in."""


def open_up(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Adds `administers` and `opens` to rz_people. Needs rz_accounts, their nodes, and the rows of apps and agreements."""
    told = number(session, "SELECT (SELECT count(*) FROM rz_app_rows) + (SELECT count(*) FROM app_use_records)")
    _opened(session, f"DATE '{today}'")
    opens = "CASE WHEN p.kind = 'staff' THEN coalesce(o.opens, []) END" if told else "NULL::VARCHAR[]"
    made(
        session,
        "people",
        f"""SELECT p.*, a.administers, {opens} AS opens FROM rz_people p LEFT JOIN rz_opened o ON o.person = p.id
        LEFT JOIN (SELECT person, bool_or(administrator AND enabled IS NOT FALSE) AS administers FROM rz_accounts GROUP BY person) a ON a.person = p.id""",
    )
    dropped(session, "opened")


def _opened(session: duckdb.DuckDBPyConnection, day: str) -> None:
    """rz_opened: (person, opens), the names of such systems, each once."""
    made(
        session,
        "opened",
        f"""WITH agreed AS ({AGREED}), let_in AS ({LET_IN}), covered AS ({COVERED}),
        held AS (SELECT c.app FROM covered c JOIN agreed a ON a.id = c.agreement WHERE a.student_data),
        let AS (SELECT g.account, i.app_name AS app FROM (SELECT *, {REACHED} AS reach FROM ({GRANTS})) g
            JOIN (SELECT id, min(app_name) AS app_name FROM rz_app_rows GROUP BY id) i ON i.id = g.id
            WHERE list_has_any(g.reach, {list(OTHERS)}) OR g.id IN (FROM held)),
        used AS (SELECT lower(trim(email)) AS email, app, {named("app")} AS by_name FROM app_use_records
            WHERE email <> '' AND coalesce(users, 1) > 0 AND coalesce(last_used::DATE, until) >= {day} - INTERVAL 1 YEAR),
        opened AS (SELECT account, app FROM let UNION ALL
            SELECT a.id, u.app FROM used u JOIN rz_accounts a ON lower(a.email) = u.email
            WHERE u.by_name IN (SELECT by_product FROM agreed WHERE student_data)),
        once AS (SELECT a.person, min(o.app) AS app FROM opened o JOIN rz_accounts a ON a.id = o.account
            WHERE a.person IS NOT NULL AND a.enabled IS NOT FALSE AND o.app IS NOT NULL GROUP BY a.person, {named("o.app")})
        SELECT person, list_sort(list(app)) AS opens FROM once GROUP BY person""",
    )
