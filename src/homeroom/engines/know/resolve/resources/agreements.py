"""Agreements with vendors about data: the state of each, and the apps that were authorized under it."""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource, vendor_key_sql
from homeroom.engines.know.resolve.shared.tool_keys import AUTHORIZED, BOUGHT, join_tool_sql

STATE_SQL = """CASE WHEN regexp_matches(lower(status_word), 'refus|declin|denied|reject|not approved') THEN 'refused'
    WHEN signed_on IS NOT NULL THEN 'signed'
    WHEN regexp_matches(lower(status_word), 'request|sent|pending|waiting|in review|in progress|draft') THEN 'asked'
    WHEN regexp_matches(lower(status_word), '^(signed|executed|active|approved|complete)') THEN 'signed'
        ELSE 'unsigned' END"""
"""SQL over an agreement record: its state."""


AGREEMENTS_SQL = f"""SELECT a.*, {STATE_SQL} AS state, {vendor_key_sql("vendor")} AS by_vendor, k.tool
    FROM rz_agreement_rows a {join_tool_sql(BOUGHT, name="a.product", maker="a.vendor")}"""
"""SQL for every agreement, its state, its vendor's key, and its tool: of the vendor's name if it names no product."""
AUTHORIZED_APPS_SQL = f"""SELECT g.id, {vendor_key_sql("min(g.publisher)")} AS by_publisher, min(k.tool) AS tool
    FROM rz_app_rows g {join_tool_sql(AUTHORIZED, name="g.app_name", maker="g.app_key")} GROUP BY g.id"""
"""SQL for every authorized app, its publisher's key, and its tool."""
AGREEMENT_APPS_SQL = """SELECT a.id AS agreement, g.id AS app FROM agreed a JOIN let_in g ON g.tool = a.tool
    UNION SELECT a.id, g.id FROM agreed a JOIN let_in g ON g.by_publisher = a.by_vendor WHERE a.product IS NULL"""
"""SQL over AGREEMENTS_SQL as `agreed` and AUTHORIZED_APPS_SQL as `let_in`: the apps that each agreement covers.

An app is found by its tool or, for an agreement about all products of a vendor, by its publisher.
"""

AGREEMENT = Resource(
    kind="agreement",
    records="agreement_records",
    key="r.key",
    select=f"""WITH agreed AS ({AGREEMENTS_SQL}), let_in AS ({AUTHORIZED_APPS_SQL}), covered AS ({AGREEMENT_APPS_SQL}),
        later AS (SELECT DISTINCT a.id FROM agreed a JOIN agreed b ON b.id <> a.id AND b.by_vendor IS NOT DISTINCT
            FROM a.by_vendor
            AND b.tool IS NOT DISTINCT FROM a.tool AND b.kind IS NOT DISTINCT FROM a.kind
            AND b.state = 'signed' AND (a.state <> 'signed' OR b.signed_on > a.signed_on)),
        used AS (SELECT c.agreement, count(DISTINCT c.app) AS apps, count(DISTINCT nullif(g.account_key,
            '')) AS app_users
            FROM covered c JOIN rz_app_rows g ON g.id = c.app GROUP BY c.agreement)
        SELECT a.id, coalesce(a.product, a.vendor) AS product, a.vendor, a.kind, a.state, a.signed_on, a.ends_on,
            l.id IS NOT NULL AS replaced, a.student_data, CASE WHEN len(a.data_kinds) > 0
                THEN a.data_kinds END AS data_kinds,
            CASE WHEN (SELECT count(*) FROM let_in) > 0 THEN coalesce(u.apps, 0) END AS apps,
            CASE WHEN (SELECT count(*) FROM let_in) > 0 THEN coalesce(u.app_users, 0) END AS app_users,
            a.url, a.status_word, [a.instance] AS sources,
            CASE WHEN len(a.subprocessors) > 0 THEN a.subprocessors END AS subprocessors, a.breach_hours, a.delete_on,
            a.delete_days, a.deleted_on, a.certificate, CASE WHEN len(a.schools) > 0 THEN a.schools END AS schools,
            a.consent, a.exhibit_e, a.address, a.purpose, a.stored_in, a.breached_on, a.breach_percent
        FROM agreed a LEFT JOIN later l ON l.id = a.id LEFT JOIN used u ON u.agreement = a.id""",
)
