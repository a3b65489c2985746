"""The vulnerability pipeline: reports of other tools first, then matching of installed versions, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.know.software.products import Product
from homeroom.domain.protect.vulnerabilities import VulnerabilityWeights
from homeroom.engines.protect.vulnerabilities.affected_devices import AFFECTED_DEVICE_STEPS
from homeroom.engines.protect.vulnerabilities.end_of_life import END_OF_LIFE_STEPS, list_support_end_steps
from homeroom.engines.protect.vulnerabilities.items import list_item_steps
from homeroom.engines.protect.vulnerabilities.matching import MATCHING_STEPS
from homeroom.engines.protect.vulnerabilities.ranges import list_range_steps
from homeroom.engines.protect.vulnerabilities.scoring import list_scoring_steps
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.query.steps import Stage, run_stages
from homeroom.evidence.query.temp_tables import TempTables
from homeroom.evidence.tables import DERIVED_TABLES
from homeroom.evidence.tables.vulnerabilities import MADE_BY

TABLES = tuple(table for table in DERIVED_TABLES if table.engine == MADE_BY)
FEEDS = ("cve_ranges", "lifecycles")
INPUTS = ("devices", "people", "software", "services", "vulnerabilities_found")
"""The resolved tables that the steps read as temporary tables."""
OUTPUTS = tuple(table.name for table in TABLES)
"""The temporary tables that the steps leave, which are the derived tables of this engine."""
PREFIX = "vn_"


def list_vulnerability_stages(
    *, products: Sequence[Product], weights: VulnerabilityWeights, today: date
) -> tuple[Stage, ...]:
    """Return the stages from INPUTS, and the feeds of the session, to OUTPUTS."""
    return (
        Stage(name="identify installed software", steps=list_item_steps(products=products)),
        Stage(name="rank versions and ranges", steps=list_range_steps(products=products)),
        Stage(name="match versions", steps=MATCHING_STEPS),
        Stage(name="find ends of support", steps=list_support_end_steps(today=today)),
        Stage(name="count affected devices", steps=(*AFFECTED_DEVICE_STEPS, *END_OF_LIFE_STEPS)),
        Stage(name="score vulnerabilities", steps=list_scoring_steps(weights=weights, today=today)),
    )


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
    stages = list_vulnerability_stages(products=products, weights=weights, today=today)
    tables = TempTables(session, prefix=PREFIX)
    try:
        for name in INPUTS:
            tables.register_view(name, resolved[name])
        run_stages(tables, stages, outputs=OUTPUTS)
        return {table.name: tables.fetch_declared(table) for table in TABLES}
    finally:
        tables.drop_all()


def _has_input(session: duckdb.DuckDBPyConnection, resolved: Mapping[str, pa.Table]) -> bool:
    if any(session.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in FEEDS):
        return True
    if resolved["vulnerabilities_found"].num_rows:
        return True
    return bool(resolved["software"].column("cves").null_count < resolved["software"].num_rows)
