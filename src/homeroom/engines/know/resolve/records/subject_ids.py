"""Permanent subject ids: from the ledger, and for new subjects 63 bits of a hash of their first record.

1. A ledger subject whose records are now in several components goes to the one with most of them (then to the one
   that comes first): the others are new.
2. A component that holds several ledger subjects keeps the one with most records (then the smallest number); the rest
   are merged into it.
3. Every other component gets the hash of (kind, connector, instance, key) of its first record. Where that number was
   ever used it is hashed again with a count, so that ids are never reused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

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
CHANGES_INPUTS: Mapping[str, pa.Schema] = {
    "ledger_added": LEDGER_SCHEMA.append(pa.field("n", pa.int64())),
    "merged_subjects": MERGED_SCHEMA,
}
"""Tables to which `list_id_steps` adds the changes of each kind; `n` is the record's number."""
_HASH = """(md5_number(concat_ws(chr(31), '{kind}', connector, instance, key{salt}))
    & 9223372036854775807::UHUGEINT)::BIGINT"""


def list_id_steps(kind: str) -> tuple[Step, ...]:
    """Add `comp` and `id` to rz_<kind>_nodes, ledger rows to rz_ledger_added, and merges to rz_merged_subjects.

    Needs rz_ledger, rz_spent and rz_<kind>_components.
    """
    nodes = f"{kind}_nodes"
    return (
        Step(
            name=f"look up the {kind} records in the ledger",
            reads=(nodes, f"{kind}_components", "ledger"),
            writes=("known",),
            sql=f"""SELECT n.*, c.comp, l.subject FROM rz_{kind}_nodes n JOIN rz_{kind}_components c USING (n)
        LEFT JOIN (SELECT * FROM rz_ledger WHERE kind = '{kind}') l
        ON l.connector = n.connector AND l.instance = n.instance AND l.key = n.key""",
        ),
        Step(
            name=f"find the component of each {kind} in the ledger",
            reads=("known",),
            writes=("homes",),
            sql="""SELECT subject, comp, c FROM (SELECT subject, comp, count(*) AS c FROM rz_known
            WHERE subject IS NOT NULL GROUP BY ALL)
        QUALIFY row_number() OVER (PARTITION BY subject ORDER BY c DESC, comp) = 1""",
        ),
        Step(
            name=f"reuse ids of {kind}s from the ledger",
            reads=("homes",),
            writes=("ids",),
            sql="""SELECT comp, subject AS id FROM rz_homes QUALIFY row_number() OVER (PARTITION BY comp ORDER BY c
            DESC, subject) = 1""",
        ),
        Step(
            name=f"list used ids of {kind}s",
            reads=("ledger", "spent"),
            writes=("taken",),
            sql=f"SELECT subject FROM rz_ledger WHERE kind = '{kind}' UNION SELECT subject FROM rz_spent "
            f"WHERE kind = '{kind}'",
        ),
        Step(
            name=f"create ids of new {kind}s",
            reads=("ids", "known", "taken"),
            writes=("ids",),
            run=partial(_create_new_ids, kind=kind),
        ),
        Step(
            name=f"add ids to the {kind} records",
            reads=("known", "ids"),
            writes=(nodes,),
            sql="SELECT k.* EXCLUDE (subject), i.id, k.subject AS before FROM rz_known k JOIN rz_ids i USING (comp)",
        ),
        Step(
            name=f"add the {kind} records to the ledger",
            reads=(nodes, "ledger_added"),
            writes=("ledger_added",),
            sql=f"""INSERT INTO rz_ledger_added SELECT '{kind}', connector, instance, key, id, n FROM rz_{kind}_nodes
            WHERE before IS DISTINCT FROM id""",
        ),
        Step(
            name=f"list merged {kind}s",
            reads=("homes", "ids", "merged_subjects"),
            writes=("merged_subjects",),
            sql=f"""INSERT INTO rz_merged_subjects SELECT '{kind}', h.subject, i.id FROM rz_homes h JOIN rz_ids i
            USING (comp)
            WHERE h.subject <> i.id""",
        ),
    )


def _create_new_ids(tables: TempTables, *, kind: str) -> None:
    """Add the ids of components that the ledger does not know to rz_ids."""
    attempt = 0
    while tables.fetch_number(
        "SELECT count(*) FROM rz_known k WHERE k.n = k.comp AND k.comp NOT IN (SELECT comp FROM rz_ids)"
    ):
        salt = f", '{attempt}'" if attempt else ""
        tables.execute(
            f"""INSERT INTO rz_ids SELECT comp, id FROM (SELECT comp, {_HASH.format(kind=kind, salt=salt)} AS id
                FROM rz_known
                WHERE n = comp AND comp NOT IN (SELECT comp FROM rz_ids))
            WHERE id NOT IN (SELECT subject FROM rz_taken) AND id NOT IN (SELECT id FROM rz_ids)
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY comp) = 1"""
        )
        attempt += 1
