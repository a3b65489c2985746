"""The derived table `links`: the subject of each record, and the rule that joined it.

A person's records include the records of the accounts assigned to them (`subject_kind` person, `table_name`
account_records), with the rule that assigned the account.
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.matching.scoring import reasons_sql
from homeroom.engines.resolve.matching.weights import MATCH_MODELS
from homeroom.engines.resolve.records.staging import RECORD_TABLES
from homeroom.engines.resolve.shared.rules import RULES
from homeroom.engines.resolve.shared.sql import create_temp_table, drop_temp_tables, fetch_number


def build_links(session: duckdb.DuckDBPyConnection) -> None:
    """Create rz_links with the columns of `links`."""
    create_temp_table(
        session,
        "links",
        " UNION ALL ".join(_build_kind_links(session, kind) for kind in RECORD_TABLES) + _account_links_sql(),
    )
    drop_temp_tables(session, *(f"{kind}_why" for kind in RECORD_TABLES))


def _build_kind_links(session: duckdb.DuckDBPyConnection, kind: str) -> str:
    names = " ".join(f"WHEN {number} THEN '{rule.name}'" for number, rule in enumerate(RULES))
    create_temp_table(
        session,
        f"{kind}_why",
        f"""SELECT k.n, min_by((CASE k.rule {names} END) || ' ' || k.value, (k.rule, k.value)) AS why
            FROM rz_{kind}_keys k
        JOIN rz_{kind}_nodes n USING (n)
        JOIN (SELECT q.comp, k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_{kind}_nodes q USING (n)
            GROUP BY ALL HAVING min(k.n) < max(k.n)) g
        ON g.comp = n.comp AND g.space = k.space AND g.scope = k.scope AND g.value = k.value GROUP BY k.n""",
    )
    if kind == "device":  # and what joined a sighted host
        session.execute(
            "INSERT INTO rz_device_why SELECT n, why FROM rz_sighted WHERE n NOT IN (SELECT n FROM rz_device_why)"
        )
    if kind in ("device", "person") and fetch_number(session, f"SELECT count(*) FROM rz_{kind}_weighed"):
        # The first record of a component that a score joined carries the score; the others keep the identifier they
        # share.
        session.execute(
            f"""INSERT INTO rz_{kind}_why SELECT n, min(why) FROM (
                SELECT greatest(a, b) AS n, 'weight of ' || round(bits)::BIGINT || ' bits: ' ||
                    array_to_string({reasons_sql(MATCH_MODELS[kind])}, '; ') AS why
                FROM rz_{kind}_weighed w WHERE joined) WHERE n NOT IN (SELECT n FROM rz_{kind}_why) GROUP BY n"""
        )
    session.execute(
        f"""INSERT INTO rz_{kind}_why SELECT n, 'a decision made by hand' FROM rz_{kind}_hand
        WHERE n NOT IN (SELECT n FROM rz_{kind}_why)"""
    )
    return f"""SELECT '{kind}' AS subject_kind, n.id, n.connector, n.instance, '{RECORD_TABLES[kind]}' AS table_name,
        n.key,
        CASE WHEN n.n = n.comp THEN 'anchor' ELSE coalesce(w.why, 'the same record') END AS rule, n.gone
        FROM rz_{kind}_nodes n LEFT JOIN rz_{kind}_why w USING (n)"""


def _account_links_sql() -> str:
    return """ UNION ALL SELECT 'person', b.person, n.connector, n.instance, 'account_records', n.key, b.rule, n.gone
        FROM rz_belongs b JOIN rz_account_nodes n ON n.id = b.account"""
