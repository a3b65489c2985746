"""The derived table `links`: which record belongs to which subject, and by which rule.

A person's records are also the records of the accounts that belong to them (`subject_kind` person, `table_name`
account_records), with the sign by which the account was placed.
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.rules import RULES
from homeroom.engines.resolve.sql import dropped, made, number
from homeroom.engines.resolve.staging import KINDS
from homeroom.engines.resolve.weighing import reasons
from homeroom.engines.resolve.weights import SCALES


def link(session: duckdb.DuckDBPyConnection) -> None:
    """Makes rz_links in the columns of `links`."""
    made(session, "links", " UNION ALL ".join(_of(session, kind) for kind in KINDS) + _accounts_of_persons())
    dropped(session, *(f"{kind}_why" for kind in KINDS))


def _of(session: duckdb.DuckDBPyConnection, kind: str) -> str:
    names = " ".join(f"WHEN {number} THEN '{rule.name}'" for number, rule in enumerate(RULES))
    made(
        session,
        f"{kind}_why",
        f"""SELECT k.n, min_by((CASE k.rule {names} END) || ' ' || k.value, (k.rule, k.value)) AS why FROM rz_{kind}_keys k
        JOIN rz_{kind}_nodes n USING (n)
        JOIN (SELECT q.comp, k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_{kind}_nodes q USING (n)
            GROUP BY ALL HAVING min(k.n) < max(k.n)) g
        ON g.comp = n.comp AND g.space = k.space AND g.scope = k.scope AND g.value = k.value GROUP BY k.n""",
    )
    if kind == "device":  # and what joined a sighted host
        session.execute(
            "INSERT INTO rz_device_why SELECT n, why FROM rz_sighted WHERE n NOT IN (SELECT n FROM rz_device_why)"
        )
    if kind in ("device", "person") and number(session, f"SELECT count(*) FROM rz_{kind}_weighed"):
        # A whole component that weight joined to another says so on its first record; the others keep what they share.
        session.execute(
            f"""INSERT INTO rz_{kind}_why SELECT n, min(why) FROM (
                SELECT greatest(a, b) AS n, 'weight of ' || round(bits)::BIGINT || ' bits: ' || array_to_string({reasons(SCALES[kind])}, '; ') AS why
                FROM rz_{kind}_weighed w WHERE joined) WHERE n NOT IN (SELECT n FROM rz_{kind}_why) GROUP BY n"""
        )
    session.execute(
        f"""INSERT INTO rz_{kind}_why SELECT n, 'a decision made by hand' FROM rz_{kind}_hand
        WHERE n NOT IN (SELECT n FROM rz_{kind}_why)"""
    )
    return f"""SELECT '{kind}' AS subject_kind, n.id, n.connector, n.instance, '{KINDS[kind]}' AS table_name, n.key,
        CASE WHEN n.n = n.comp THEN 'anchor' ELSE coalesce(w.why, 'the same record') END AS rule, n.gone
        FROM rz_{kind}_nodes n LEFT JOIN rz_{kind}_why w USING (n)"""


def _accounts_of_persons() -> str:
    return """ UNION ALL SELECT 'person', b.person, n.connector, n.instance, 'account_records', n.key, b.rule, n.gone
        FROM rz_belongs b JOIN rz_account_nodes n ON n.id = b.account"""
