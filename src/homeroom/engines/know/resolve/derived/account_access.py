"""Access of people's accounts to more than their own data: administration, and systems with the data of others.

A system holds the data of others where an agreement covers student data in it and the account uses or authorized it, or
where an authorized app reads all accounts, changes them or reads rosters. Students are left out, because they open only
their own data. Access that no list mentions is unknown.
"""

from __future__ import annotations

from datetime import date

from homeroom.engines.know.resolve.resources.agreements import AGREEMENT_APPS_SQL, AGREEMENTS_SQL, AUTHORIZED_APPS_SQL
from homeroom.engines.know.resolve.resources.apps import GRANTS_SQL, REACH_SQL
from homeroom.engines.know.resolve.shared.tool_keys import USED, join_tool_sql
from homeroom.evidence.query.steps import Step

WIDE_ACCESS = ("administration", "directory", "roster")
"""Kinds of access by which an app reaches data of people other than the one who authorized it."""


def list_access_steps(*, today: date) -> tuple[Step, ...]:
    """Add `administers` and `opens` to rz_people.

    Needs rz_accounts, their nodes, and the rows of apps and agreements.
    """
    has_apps = "(SELECT count(*) FROM rz_app_rows) + (SELECT count(*) FROM app_use_records) > 0"
    opens_sql = f"CASE WHEN {has_apps} AND p.kind = 'staff' THEN coalesce(o.opens, []) END"
    return (
        _build_opened_systems_step(f"DATE '{today}'"),
        Step(
            name="add access to people",
            reads=("accounts", "app_rows", "opened", "people"),
            writes=("people",),
            sql=f"""SELECT p.*, a.administers, {opens_sql} AS opens FROM rz_people p LEFT JOIN rz_opened o ON
            o.person = p.id
        LEFT JOIN (SELECT person, bool_or(administrator AND enabled IS NOT FALSE) AS administers FROM rz_accounts
            GROUP BY person) a ON a.person = p.id""",
        ),
    )


def _build_opened_systems_step(day: str) -> Step:
    """Build rz_opened (person, opens): the names of such systems, each once."""
    return Step(
        name="list systems that people open",
        reads=("account_nodes", "accounts", "agreement_rows", "app_rows", "tool_keys"),
        writes=("opened",),
        sql=f"""WITH agreed AS ({AGREEMENTS_SQL}), let_in AS ({AUTHORIZED_APPS_SQL}), covered AS ({AGREEMENT_APPS_SQL}),
        held AS (SELECT c.app FROM covered c JOIN agreed a ON a.id = c.agreement WHERE a.student_data),
        let AS (SELECT g.account, i.app_name AS app, t.tool FROM (SELECT *, {REACH_SQL} AS reach FROM ({GRANTS_SQL})) g
            JOIN (SELECT id, min(app_name) AS app_name FROM rz_app_rows GROUP BY id) i ON i.id = g.id
            JOIN let_in t ON t.id = g.id
            WHERE list_has_any(g.reach, {list(WIDE_ACCESS)}) OR g.id IN (FROM held)),
        used AS (SELECT lower(trim(u.email)) AS email, u.app, k.tool FROM app_use_records u
            {join_tool_sql(USED, name="u.app")}
            WHERE u.email <> '' AND coalesce(u.users, 1) > 0 AND coalesce(u.last_used::DATE,
                u.until) >= {day} - INTERVAL 1 YEAR),
        opened AS (SELECT account, app, tool FROM let UNION ALL
            SELECT a.id, u.app, u.tool FROM used u JOIN rz_accounts a ON lower(a.email) = u.email
            WHERE u.tool IN (SELECT tool FROM agreed WHERE student_data AND product IS NOT NULL)),
        once AS (SELECT a.person, min(o.app) AS app FROM opened o JOIN rz_accounts a ON a.id = o.account
            WHERE a.person IS NOT NULL AND a.enabled IS NOT FALSE AND o.app IS NOT NULL GROUP BY a.person, o.tool)
        SELECT person, list_sort(list(app)) AS opens FROM once GROUP BY person""",
    )
