"""Contracts: licenses and subscriptions, and how much of them is used."""

from __future__ import annotations

from homeroom.engines.resolve.resources.definition import Resource, product_key_sql

APP_USE_SQL = f"""SELECT app, max(coalesce(last_used::DATE, CASE WHEN coalesce(users, 1) > 0
    THEN until END)) AS last_used,
    CASE WHEN bool_or(newest AND email <> '') THEN count(DISTINCT email) FILTER (WHERE newest AND email <> ''
        AND coalesce(users, 1) > 0)
        WHEN bool_or(newest AND school_name = '') THEN max(users) FILTER (WHERE newest AND school_name = '')
        ELSE sum(users) FILTER (WHERE newest) END AS users
    FROM (SELECT {product_key_sql("app")} AS app, coalesce(email, '') AS email, coalesce(school_name,
        '') AS school_name, users, until, last_used,
        coalesce(until, last_used::DATE) IS NOT DISTINCT FROM max(coalesce(until,
            last_used::DATE)) OVER (PARTITION BY {product_key_sql("app")}) AS newest
        FROM app_use_records) GROUP BY app"""
"""SQL for each app in a usage list, by name: the newest day of use, and the users in the newest period."""

CONTRACT = Resource(
    kind="contract",
    records="contract_records",
    key="r.key",
    select=f"""WITH told AS (SELECT *, {product_key_sql("product")} AS app FROM rz_contract_rows),
        use AS ({APP_USE_SQL}),
        later AS (SELECT DISTINCT a.id FROM told a JOIN told b ON b.id <> a.id AND b.app = a.app
            AND (b.ends_on > a.ends_on OR (b.ends_on IS NULL AND a.ends_on IS NOT NULL)))
        SELECT c.id, c.product, c.vendor, c.kind, c.seats, u.users::BIGINT AS users,
            CASE WHEN c.seats > 0 THEN (u.users * 100 // c.seats)::BIGINT END AS used_percent, u.last_used,
                u.last_used > c.ends_on AS used_after_end, c.cost_minor, c.currency,
            c.starts_on, c.ends_on, l.id IS NOT NULL AS replaced, c.renews, c.notice_on, nullif(trim(c.owner),
                '') AS owner,
            [c.instance] AS sources
        FROM told c LEFT JOIN use u ON u.app = c.app LEFT JOIN later l ON l.id = c.id""",
)
