"""Contracts: licenses and subscriptions, and how much of them is used."""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource
from homeroom.engines.know.resolve.shared.tool_keys import BOUGHT, USED, join_tool_sql

_DAY = "coalesce(u.until, u.last_used::DATE)"
APP_USE_SQL = f"""WITH named AS (SELECT k.tool, u.app, coalesce(u.email, '') AS email,
            coalesce(u.school_name, '') AS school_name, u.users, coalesce(u.users, 1) > 0 AS used,
            u.last_used::DATE AS last_used, u.until,
            {_DAY} IS NOT DISTINCT FROM max({_DAY}) OVER (PARTITION BY k.tool) AS newest
        FROM app_use_records u {join_tool_sql(USED, name="u.app")} WHERE k.tool IS NOT NULL),
    apps AS (SELECT tool, CASE WHEN bool_or(school_name = '') THEN max(users) FILTER (WHERE school_name = '')
            ELSE sum(users) END AS users
        FROM named WHERE newest AND email = '' GROUP BY tool, app),
    counted AS (SELECT tool, sum(users) AS users FROM apps GROUP BY tool)
    SELECT n.tool, max(coalesce(n.last_used, CASE WHEN n.used THEN n.until END)) AS last_used,
        CASE WHEN bool_or(n.newest AND n.email <> '')
            THEN count(DISTINCT n.email) FILTER (WHERE n.newest AND n.email <> '' AND n.used)
            ELSE max(c.users) END AS users
    FROM named n LEFT JOIN counted c USING (tool) GROUP BY n.tool"""
"""SQL for each tool in lists of use: the newest day of use, and the users in the newest period, of all of its apps."""

CONTRACT = Resource(
    kind="contract",
    records="contract_records",
    key="r.key",
    select=f"""WITH told AS (SELECT c.*, k.tool FROM rz_contract_rows c
            {join_tool_sql(BOUGHT, name="c.product", maker="c.vendor")}),
        use AS ({APP_USE_SQL}),
        later AS (SELECT DISTINCT a.id FROM told a JOIN told b ON b.id <> a.id AND b.tool = a.tool
            AND (b.ends_on > a.ends_on OR (b.ends_on IS NULL AND a.ends_on IS NOT NULL)))
        SELECT c.id, c.product, c.vendor, c.kind, c.seats, u.users::BIGINT AS users,
            CASE WHEN c.seats > 0 THEN (u.users * 100 // c.seats)::BIGINT END AS used_percent, u.last_used,
                u.last_used > c.ends_on AS used_after_end, c.cost_minor, c.currency,
            c.starts_on, c.ends_on, l.id IS NOT NULL AS replaced, c.renews, c.notice_on, nullif(trim(c.owner),
                '') AS owner,
            [c.instance] AS sources
        FROM told c LEFT JOIN use u ON u.tool = c.tool LEFT JOIN later l ON l.id = c.id""",
)
