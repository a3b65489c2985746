"""Groups of a directory: their members, their owners, and whether they are open to the world.

The values for joining, posting and reading are those of Google's Groups Settings API.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource

_MEMBERS = """SELECT g.id, m.role, m.email, m.kind AS sort, coalesce(n.id, e.id) AS account FROM
    (SELECT DISTINCT id, connector, instance, key FROM rz_group_rows) g
    JOIN group_members m ON m.connector = g.connector AND m.instance = g.instance AND m.group_key = g.key
    LEFT JOIN (SELECT connector, instance, key, id FROM rz_account_nodes WHERE NOT gone) n
        ON n.connector = m.connector AND n.instance = m.instance AND n.key = m.member_key
    LEFT JOIN (SELECT directory, lower(email) AS email, min(id) AS id FROM rz_accounts GROUP BY ALL) e
        ON e.directory = m.connector AND e.email = lower(m.email)"""
_HOME = """SELECT DISTINCT split_part(lower(email), '@', 2) AS domain FROM rz_accounts WHERE email LIKE '%@%'
    UNION SELECT lower(domain) FROM mail_domains"""
_OUTSIDE = """m.account IS NULL AND m.email LIKE '%@%' AND coalesce(m.sort, 'user') = 'user'
    AND split_part(lower(m.email), '@', 2) NOT IN (SELECT domain FROM home)"""
_COUNTED = ("owners", "owners_here", "students", "staff", "leavers", "outsiders")
_OWNS = "m.role IN ('owner', 'manager')"

GROUP = Resource(
    kind="group",
    records="groups",
    key="r.key",
    select=f"""WITH members AS ({_MEMBERS}), home AS ({_HOME}),
        told AS (SELECT m.id, count(*) AS members, count(*) FILTER (WHERE {_OWNS}) AS owners,
            count(*) FILTER (WHERE {_OWNS} AND (a.enabled OR (a.id IS NULL AND m.sort = 'group'))) AS owners_here,
            count(*) FILTER (WHERE a.kind = 'student') AS students, count(*) FILTER (WHERE a.works_here) AS staff,
            count(*) FILTER (WHERE a.person_left) AS leavers, count(*) FILTER (WHERE {_OUTSIDE}) AS outsiders
            FROM members m LEFT JOIN rz_accounts a ON a.id = m.account GROUP BY m.id)
        SELECT g.id, coalesce(g.name, g.email, g.key) AS name, g.email, g.connector AS directory, g.kind,
            coalesce(t.members, g.members) AS members,
            {", ".join(f"coalesce(t.{name}, CASE WHEN g.members = 0 THEN 0 END) AS {name}" for name in _COUNTED)},
                g.external_members,
            g.who_can_join = 'ANYONE_CAN_JOIN' AS anyone_joins, g.who_can_post = 'ANYONE_CAN_POST' AS anyone_posts,
            g.who_can_view = 'ANYONE_CAN_VIEW' AS anyone_reads, [g.instance] AS sources
        FROM (SELECT * FROM rz_group_rows QUALIFY row_number() OVER (PARTITION BY id ORDER BY seen_at DESC,
            instance) = 1) g
        LEFT JOIN told t ON t.id = g.id""",
)
