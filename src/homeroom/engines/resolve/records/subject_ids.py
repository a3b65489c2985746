"""Permanent subject ids: from the ledger, and for new subjects 63 bits of a hash of their first record.

1. A ledger subject whose records are now in several components goes to the one with most of them (then to the one
   that comes first): the others are new.
2. A component that holds several ledger subjects keeps the one with most records (then the smallest number); the rest
   are merged into it.
3. Every other component gets the hash of (kind, connector, instance, key) of its first record. Where that number was
   ever used it is hashed again with a count, so that ids are never reused.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from homeroom.engines.resolve.shared.components import IntArray
from homeroom.engines.resolve.shared.sql import (
    create_temp_table,
    drop_temp_tables,
    fetch_arrow,
    fetch_number,
    register_temp_table,
)

LEDGER_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("connector", pa.string()),
        ("instance", pa.string()),
        ("key", pa.string()),
        ("subject", pa.int64()),
    ]
)
SPENT_SCHEMA = pa.schema([("kind", pa.string()), ("subject", pa.int64())])
MERGED_SCHEMA = pa.schema([("kind", pa.string()), ("subject", pa.int64()), ("into", pa.int64())])
_HASH = """(md5_number(concat_ws(chr(31), '{kind}', connector, instance, key{salt}))
    & 9223372036854775807::UHUGEINT)::BIGINT"""


def assign_subject_ids(session: duckdb.DuckDBPyConnection, kind: str, *, label: IntArray) -> tuple[pa.Table, pa.Table]:
    """Add `comp` and `id` to rz_<kind>_nodes, and return (ledger rows to add, subjects merged).

    Needs rz_ledger and rz_spent.
    """
    register_temp_table(
        session, "comp", pa.table({"n": pa.array(range(len(label)), pa.int64()), "comp": pa.array(label)})
    )
    create_temp_table(
        session,
        "known",
        f"""SELECT n.*, c.comp, l.subject FROM rz_{kind}_nodes n JOIN rz_comp c USING (n)
        LEFT JOIN (SELECT * FROM rz_ledger WHERE kind = '{kind}') l
        ON l.connector = n.connector AND l.instance = n.instance AND l.key = n.key""",
    )
    _reuse_ledger_ids(session)
    _create_new_ids(session, kind)
    create_temp_table(
        session,
        f"{kind}_nodes",
        "SELECT k.* EXCLUDE (subject), i.id, k.subject AS before FROM rz_known k JOIN rz_ids i USING (comp)",
    )
    added = fetch_arrow(
        session,
        f"""SELECT '{kind}' AS kind, connector, instance, key, id AS subject FROM rz_{kind}_nodes
        WHERE before IS DISTINCT FROM id ORDER BY n""",
    ).cast(LEDGER_SCHEMA)
    merged = fetch_arrow(
        session,
        f"""SELECT '{kind}' AS kind, h.subject, i.id AS "into" FROM rz_homes h JOIN rz_ids i USING (comp)
        WHERE h.subject <> i.id ORDER BY h.subject""",
    ).cast(MERGED_SCHEMA)
    drop_temp_tables(session, "comp", "known", "homes", "kept", "ids")
    return added, merged


def _reuse_ledger_ids(session: duckdb.DuckDBPyConnection) -> None:
    create_temp_table(
        session,
        "homes",
        """SELECT subject, comp, c FROM (SELECT subject, comp, count(*) AS c FROM rz_known WHERE subject IS NOT NULL
            GROUP BY ALL)
        QUALIFY row_number() OVER (PARTITION BY subject ORDER BY c DESC, comp) = 1""",
    )
    create_temp_table(
        session,
        "kept",
        "SELECT comp, subject AS id FROM rz_homes QUALIFY row_number() OVER (PARTITION BY comp ORDER BY c DESC, "
        "subject) = 1",
    )


def _create_new_ids(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    create_temp_table(
        session,
        "taken",
        f"SELECT subject FROM rz_ledger WHERE kind = '{kind}' UNION SELECT subject FROM rz_spent WHERE kind = '{kind}'",
    )
    create_temp_table(session, "ids", "SELECT comp, id FROM rz_kept")
    attempt = 0
    while fetch_number(
        session, "SELECT count(*) FROM rz_known k WHERE k.n = k.comp AND k.comp NOT IN (SELECT comp FROM rz_ids)"
    ):
        salt = f", '{attempt}'" if attempt else ""
        session.execute(
            f"""INSERT INTO rz_ids SELECT comp, id FROM (SELECT comp, {_HASH.format(kind=kind, salt=salt)} AS id
                FROM rz_known
                WHERE n = comp AND comp NOT IN (SELECT comp FROM rz_ids))
            WHERE id NOT IN (SELECT subject FROM rz_taken) AND id NOT IN (SELECT id FROM rz_ids)
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY comp) = 1"""
        )
        attempt += 1
    drop_temp_tables(session, "taken")
