"""The vulnerability pipeline: reports of other tools first, then matching of installed versions, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product
from homeroom.domain.vulnerabilities import VulnerabilityWeights
from homeroom.engines.vulnerabilities.end_of_life import derive_ends_of_life, stage_ends
from homeroom.engines.vulnerabilities.matching import match_versions
from homeroom.engines.vulnerabilities.ranges import stage_ranges
from homeroom.engines.vulnerabilities.scoring import score_vulnerabilities
from homeroom.engines.vulnerabilities.sql import create_temp_table, drop_temp_tables, fetch_arrow, has_rows
from homeroom.engines.vulnerabilities.staging import DERIVED_INPUTS, stage_items
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import DERIVED_TABLES, Table
from homeroom.evidence.tables.vulnerabilities import MADE_BY

TABLES = tuple(table for table in DERIVED_TABLES if table.engine == MADE_BY)
FEEDS = ("cve_ranges", "lifecycles")
_REMAINING_TEMP_TABLES = (
    "rows", "ways", "named", "items", "item_of", "things", "told", "ranks", "bounds", "installed", "matched", "ends",
    "about", "scores", "catalogue", "found", "pairs", "near", "who", "fixed", "updates",
    *(table.name for table in TABLES),
)  # fmt: skip


def find_vulnerabilities(
    session: duckdb.DuckDBPyConnection,
    *,
    resolved: Mapping[str, pa.Table],
    products: Sequence[Product],
    weights: VulnerabilityWeights,
    today: date,
) -> dict[str, pa.Table]:
    """Return the derived tables of this engine, ordered by their keys, in the schemas of `homeroom.evidence.tables`.

    `session` has the source views (feeds and catalog), `resolved` the tables of entity resolution. Without a feed, and
    where no tool reports a vulnerability, there is nothing to compare and every table is empty at once. All temporary
    tables that this function creates in the session are dropped.
    """
    if not _has_input(session, resolved):
        return {table.name: build_arrow_schema(table).empty_table() for table in TABLES}
    try:
        stage_items(session, resolved=resolved, products=products)
        stage_ranges(session, products=products)
        match_versions(session)
        stage_ends(session, today=today)
        score_vulnerabilities(session, weights=weights, today=today)
        derive_ends_of_life(session)
        create_temp_table(session, "vulnerable_installs", "SELECT device, item FROM vn_pairs")
        _create_unmatched(session)
        return {table.name: _fetch_ordered(session, table) for table in TABLES}
    finally:
        drop_temp_tables(session, *_REMAINING_TEMP_TABLES)
        session.execute("DROP VIEW IF EXISTS vn_every")
        for name in DERIVED_INPUTS:
            session.unregister(f"vn_{name}")


def _has_input(session: duckdb.DuckDBPyConnection, resolved: Mapping[str, pa.Table]) -> bool:
    if any(has_rows(session, name) for name in FEEDS) or resolved["flaws"].num_rows:
        return True
    return bool(resolved["software"].column("flaws").null_count < resolved["software"].num_rows)


def _create_unmatched(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_software_unmatched: software by name that was compared with nothing, and the reason."""
    create_temp_table(
        session,
        "software_unmatched",
        """WITH unread AS (SELECT item FROM vn_things EXCEPT SELECT item FROM vn_installed),
        silent AS (SELECT item FROM vn_things WHERE thing NOT IN (SELECT thing FROM vn_bounds)),
        every AS (
            SELECT w.name, w.listing, w.platform, w.installs, CASE WHEN n.thing = '' THEN n.reason
                WHEN o.item IN (FROM silent) THEN 'no feed'
                WHEN o.item IN (FROM unread) THEN 'version unreadable' END AS reason
            FROM vn_ways w JOIN vn_named n USING (way) LEFT JOIN vn_item_of o USING (way) WHERE w.kind = 'software'
                AND NOT starts_with(w.name, 'check:'))
        SELECT name, listing, platform, reason, count(*) AS versions, sum(installs)::BIGINT AS installs FROM every
            WHERE reason IS NOT NULL
        GROUP BY name, listing, platform, reason""",
    )


def _fetch_ordered(session: duckdb.DuckDBPyConnection, table: Table) -> pa.Table:
    columns = ", ".join(f'"{name}"' for name in table.names)
    order = ", ".join(f'"{name}"' for name in table.key)
    return fetch_arrow(session, f"SELECT {columns} FROM vn_{table.name} ORDER BY {order}").cast(
        build_arrow_schema(table)
    )
