"""Agreements with vendors about data: how each stands, and the apps that were let in under it."""

from __future__ import annotations

from homeroom.engines.resolve.things.describing import Thing, named

STATE = """CASE WHEN regexp_matches(lower(status_word), 'refus|declin|denied|reject|not approved') THEN 'refused'
    WHEN signed_on IS NOT NULL THEN 'signed'
    WHEN regexp_matches(lower(status_word), 'request|sent|pending|waiting|in review|in progress|draft') THEN 'asked'
    WHEN regexp_matches(lower(status_word), '^(signed|executed|active|approved|complete)') THEN 'signed' ELSE 'unsigned' END"""
"""SQL over an agreement record: how it stands."""


def covered(agreement: str, app: str) -> str:
    """SQL: whether an agreement is about an app: by the product's name, else, for one about everything, by the vendor's."""
    product, vendor = named(f"{agreement}.product"), named(f"{agreement}.vendor")
    return f"""CASE WHEN {agreement}.product IS NOT NULL THEN {product} = {named(f"{app}.app_name")}
        ELSE coalesce({vendor} = {named(f"{app}.publisher")}, false) OR coalesce({vendor} = {named(f"{app}.app_name")}, false) END"""


AGREEMENT = Thing(
    kind="agreement",
    records="agreement_records",
    key="r.key",
    select=f"""WITH told AS (SELECT *, {STATE} AS state, {named("vendor")} AS by_vendor, {named("product")} AS by_product FROM rz_agreement_rows),
        later AS (SELECT DISTINCT a.id FROM told a JOIN told b ON b.id <> a.id AND b.by_vendor IS NOT DISTINCT FROM a.by_vendor
            AND b.by_product IS NOT DISTINCT FROM a.by_product AND b.kind IS NOT DISTINCT FROM a.kind
            AND b.state = 'signed' AND (a.state <> 'signed' OR b.signed_on > a.signed_on)),
        apps AS (SELECT DISTINCT id, app_name, publisher, account_key FROM rz_app_rows),
        used AS (SELECT a.id, count(DISTINCT g.id) AS apps, count(DISTINCT nullif(g.account_key, '')) AS app_users
            FROM told a JOIN apps g ON {covered("a", "g")} GROUP BY a.id)
        SELECT a.id, coalesce(a.product, a.vendor) AS product, a.vendor, a.kind, a.state, a.signed_on, a.ends_on,
            l.id IS NOT NULL AS replaced, a.student_data, CASE WHEN len(a.data_kinds) > 0 THEN a.data_kinds END AS data_kinds,
            CASE WHEN (SELECT count(*) FROM apps) > 0 THEN coalesce(u.apps, 0) END AS apps,
            CASE WHEN (SELECT count(*) FROM apps) > 0 THEN coalesce(u.app_users, 0) END AS app_users,
            a.url, a.status_word, [a.instance] AS sources
        FROM told a LEFT JOIN later l ON l.id = a.id LEFT JOIN used u ON u.id = a.id""",
)
