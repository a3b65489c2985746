"""Which flaw is on which device: the whole of it, in order. Verdicts of other tools first, then matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product
from homeroom.domain.vulnerabilities import Weights
from homeroom.engines.vulnerabilities.ends import ends, ends_of_life
from homeroom.engines.vulnerabilities.matching import match
from homeroom.engines.vulnerabilities.ranges import stage_ranges
from homeroom.engines.vulnerabilities.sql import any_row, arrow, dropped, made
from homeroom.engines.vulnerabilities.staging import DERIVED, stage_items
from homeroom.engines.vulnerabilities.weighing import weigh
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.tables import DERIVED_TABLES, Table
from homeroom.evidence.tables.vulnerabilities import MADE_BY

TABLES = tuple(table for table in DERIVED_TABLES if table.made_by == MADE_BY)
FEEDS = ("cve_ranges", "lifecycles")
_LEFTOVERS = (
    "rows", "ways", "named", "items", "item_of", "things", "told", "ranks", "bounds", "installed", "matched", "ends",
    "about", "scores", "catalogue", "found", "pairs", "near", "who", "fixed", "updates",
    *(table.name for table in TABLES),
)  # fmt: skip


def find_flaws(
    session: duckdb.DuckDBPyConnection,
    *,
    resolved: Mapping[str, pa.Table],
    products: Sequence[Product],
    weights: Weights,
    today: date,
) -> dict[str, pa.Table]:
    """The derived tables of this engine, ordered by their keys, in the schemas of `homeroom.evidence.tables`.

    `session` has the source views (feeds and catalogue), `resolved` what resolving made of the rest. Without a feed, and
    where no tool reports a flaw, there is nothing to compare and every table is empty at once. The session is left
    without what was made in it.
    """
    if not _anything(session, resolved):
        return {table.name: arrow_schema(table).empty_table() for table in TABLES}
    try:
        stage_items(session, resolved=resolved, products=products)
        stage_ranges(session, products=products)
        match(session)
        ends(session, today=today)
        weigh(session, weights=weights, today=today)
        ends_of_life(session)
        made(session, "vulnerable_installs", "SELECT device, item FROM vn_pairs")
        _unmatched(session)
        return {table.name: _ordered(session, table) for table in TABLES}
    finally:
        dropped(session, *_LEFTOVERS)
        session.execute("DROP VIEW IF EXISTS vn_every")
        for name in DERIVED:
            session.unregister(f"vn_{name}")


def _anything(session: duckdb.DuckDBPyConnection, resolved: Mapping[str, pa.Table]) -> bool:
    if any(any_row(session, name) for name in FEEDS) or resolved["flaws"].num_rows:
        return True
    return bool(resolved["software"].column("flaws").null_count < resolved["software"].num_rows)


def _unmatched(session: duckdb.DuckDBPyConnection) -> None:
    """vn_software_unmatched: by name, what was compared with nothing, and why."""
    made(
        session,
        "software_unmatched",
        """WITH unread AS (SELECT item FROM vn_things EXCEPT SELECT item FROM vn_installed),
        silent AS (SELECT item FROM vn_things WHERE thing NOT IN (SELECT thing FROM vn_bounds)),
        every AS (
            SELECT w.name, w.listing, w.platform, w.installs, CASE WHEN n.thing = '' THEN n.reason WHEN o.item IN (FROM silent) THEN 'no feed'
                WHEN o.item IN (FROM unread) THEN 'version unreadable' END AS reason
            FROM vn_ways w JOIN vn_named n USING (way) LEFT JOIN vn_item_of o USING (way) WHERE w.kind = 'software' AND NOT starts_with(w.name, 'check:'))
        SELECT name, listing, platform, reason, count(*) AS versions, sum(installs)::BIGINT AS installs FROM every WHERE reason IS NOT NULL
        GROUP BY name, listing, platform, reason""",
    )


def _ordered(session: duckdb.DuckDBPyConnection, table: Table) -> pa.Table:
    columns = ", ".join(f'"{name}"' for name in table.names)
    order = ", ".join(f'"{name}"' for name in table.key)
    return arrow(session, f"SELECT {columns} FROM vn_{table.name} ORDER BY {order}").cast(arrow_schema(table))
