"""The resolution pipeline: turn the records of all sources into persons, accounts and devices, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.know.software.products import Product
from homeroom.domain.manage.tools.tool_finder import ToolFinder
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.engines.know.resolve.derived.account_access import list_access_steps
from homeroom.engines.know.resolve.derived.accounts import list_account_steps
from homeroom.engines.know.resolve.derived.coverage import list_coverage_steps
from homeroom.engines.know.resolve.derived.devices import list_device_steps
from homeroom.engines.know.resolve.derived.drill_results import OUTCOMES_SCHEMA, list_drill_steps
from homeroom.engines.know.resolve.derived.links import list_link_steps
from homeroom.engines.know.resolve.derived.match_reviews import list_review_steps
from homeroom.engines.know.resolve.derived.membership_status import NAMED_LISTS_SCHEMA, list_status_steps
from homeroom.engines.know.resolve.derived.people import list_people_steps
from homeroom.engines.know.resolve.derived.services import list_service_steps
from homeroom.engines.know.resolve.derived.software import list_software_steps
from homeroom.engines.know.resolve.derived.training import HELP_TALKS_SCHEMA, list_training_steps
from homeroom.engines.know.resolve.matching.account_ownership import list_ownership_steps
from homeroom.engines.know.resolve.matching.device_comparison import list_device_matching_steps
from homeroom.engines.know.resolve.matching.identity import list_identity_steps
from homeroom.engines.know.resolve.matching.person_comparison import list_person_steps
from homeroom.engines.know.resolve.records.manual_decisions import DECISIONS_SCHEMA, list_decision_steps
from homeroom.engines.know.resolve.records.scan_sightings import list_sighting_steps
from homeroom.engines.know.resolve.records.staging import RECORD_TABLES, list_staging_steps
from homeroom.engines.know.resolve.records.subject_ids import CHANGES_INPUTS, LEDGER_SCHEMA, SPENT_SCHEMA, list_id_steps
from homeroom.engines.know.resolve.resources import RESOURCES
from homeroom.engines.know.resolve.resources.build import (
    list_description_steps,
    list_numbering_steps,
    list_resource_link_steps,
)
from homeroom.engines.know.resolve.shared.calendars import list_calendar_steps
from homeroom.engines.know.resolve.shared.tool_keys import list_tool_key_steps
from homeroom.evidence.query.steps import Stage, Step, run_stages
from homeroom.evidence.query.temp_tables import TempTables
from homeroom.evidence.tables import DERIVED_TABLES

PREFIX = "rz_"
INPUTS: Mapping[str, pa.Schema] = {
    "ledger": LEDGER_SCHEMA,
    "spent": SPENT_SCHEMA,
    "decisions": DECISIONS_SCHEMA,
    "named_lists": NAMED_LISTS_SCHEMA,
    "drill_outcomes": OUTCOMES_SCHEMA,
    "help_talks": HELP_TALKS_SCHEMA,
    **CHANGES_INPUTS,
}
"""Temporary tables that exist before the first step."""
TABLES = tuple(table for table in DERIVED_TABLES if table.engine == "resolve")
OUTPUTS = (*(table.name for table in TABLES), *CHANGES_INPUTS, *(f"{kind}_worthless" for kind in RECORD_TABLES))
"""Temporary tables that exist after the last step."""
_MATCHING_STEPS: Mapping[str, tuple[Step, ...]] = {
    "person": list_person_steps(),
    "device": (*list_device_matching_steps(), *list_sighting_steps()),
}
"""Steps that join records of a kind after the identity rules and the manual decisions."""


@dataclass(frozen=True, kw_only=True)
class ResolveResult:
    """The outcome of one resolution run.

    `tables`: every derived table in the schemas of `homeroom.evidence.tables`, ordered by their keys. `ledger_added`:
    (kind, connector, instance, key, subject) of records that are new or moved to another subject. `merged`: (kind,
    subject, into), subjects that turned out to be another. `worthless`: (kind, identifier, value masked, count), values
    that identify nobody.
    """

    tables: Mapping[str, pa.Table]
    ledger_added: pa.Table
    merged: pa.Table
    worthless: pa.Table


def resolve(
    session: duckdb.DuckDBPyConnection,
    *,
    ledger: pa.Table,
    today: date,
    spent: pa.Table | None = None,
    decisions: pa.Table | None = None,
    named_lists: pa.Table | None = None,
    drill_outcomes: pa.Table | None = None,
    help_talks: pa.Table | None = None,
    products: Sequence[Product] = (),
    finder: ToolFinder | None = None,
    progress: Progress | None = None,
) -> ResolveResult:
    """Resolve every record in the session's source views.

    `ledger` has LEDGER_SCHEMA, one row per record; `spent` (SPENT_SCHEMA) names subjects that were merged away, so that
    no new subject gets their number; `decisions` (DECISIONS_SCHEMA) are manual decisions; `named_lists`
    (NAMED_LISTS_SCHEMA) are sources that somebody named as the authority on a kind of person; `drill_outcomes`
    (OUTCOMES_SCHEMA) is what addresses did in drills; `help_talks` (HELP_TALKS_SCHEMA) are talks of the coach;
    `products` are those whose software gets a product and a kind; `finder` finds the tools by whose names contracts,
    apps, agreements and use meet, by default without known products. The result depends on the rows alone, never on
    their order. All temporary tables that this function creates in the session are dropped.
    """
    tables = TempTables(session, prefix=PREFIX)
    stages = list_resolve_stages(today=today, products=products, finder=finder)
    report = progress or ignore_progress
    try:
        inputs = {"ledger": ledger, "spent": spent, "decisions": decisions, "named_lists": named_lists}
        for name, table in {**inputs, "drill_outcomes": drill_outcomes, "help_talks": help_talks}.items():
            tables.register(name, INPUTS[name].empty_table() if table is None else table.cast(INPUTS[name]))
        for name, schema in CHANGES_INPUTS.items():
            tables.register(name, schema.empty_table())
        run_stages(tables, stages, outputs=OUTPUTS, report=report)
        result = _collect_result(tables)
    finally:
        tables.drop_all()
    report("done", len(stages), len(stages))
    return result


def list_resolve_stages(
    *, today: date, products: Sequence[Product] = (), finder: ToolFinder | None = None
) -> tuple[Stage, ...]:
    """Return every step of the resolution, from INPUTS to OUTPUTS."""
    return (
        Stage(name="people", steps=_list_kind_steps("person")),
        Stage(name="accounts", steps=_list_kind_steps("account")),
        Stage(name="devices", steps=_list_kind_steps("device")),
        Stage(name="resources", steps=list_numbering_steps()),
        Stage(name="standing", steps=_list_derived_steps(today, products, finder)),
        Stage(name="links", steps=(*list_link_steps(), *list_resource_link_steps(), *list_review_steps())),
    )


def _list_kind_steps(kind: str) -> tuple[Step, ...]:
    return (
        *list_staging_steps(kind),
        *list_identity_steps(kind),
        *list_decision_steps(kind),
        *_MATCHING_STEPS.get(kind, ()),
        *list_id_steps(kind),
    )


def _list_derived_steps(today: date, products: Sequence[Product], finder: ToolFinder | None) -> tuple[Step, ...]:
    return (
        *list_calendar_steps(today=today),
        *list_status_steps(today=today),
        *list_people_steps(),
        *list_ownership_steps(),
        *list_account_steps(today=today),
        *list_drill_steps(),
        *list_training_steps(today=today),
        *list_tool_key_steps(finder=finder or ToolFinder()),
        *list_access_steps(today=today),
        *list_device_steps(today=today),
        *list_coverage_steps(),
        *list_software_steps(products=products),
        *list_service_steps(),
        *list_description_steps(today=today),
    )


def _collect_result(tables: TempTables) -> ResolveResult:
    kinds = ", ".join(f"'{kind}'" for kind in (*RECORD_TABLES, *(resource.kind for resource in RESOURCES)))
    place = f"list_position([{kinds}], kind)"
    added = tables.fetch_arrow(f"SELECT * EXCLUDE (n) FROM rz_ledger_added ORDER BY {place}, n")
    merged = tables.fetch_arrow(f"SELECT * FROM rz_merged_subjects ORDER BY {place}, subject")
    return ResolveResult(
        tables=_collect_tables(tables),
        ledger_added=added.cast(LEDGER_SCHEMA),
        merged=merged.cast(CHANGES_INPUTS["merged_subjects"]),
        worthless=_collect_worthless_values(tables),
    )


def _collect_tables(tables: TempTables) -> dict[str, pa.Table]:
    collected = {}
    for table in TABLES:
        collected[table.name] = tables.fetch_declared(table)
        tables.drop([table.name])  # never two copies of all tables in memory
    return collected


def _collect_worthless_values(tables: TempTables) -> pa.Table:
    rows = " UNION ALL ".join(f"SELECT * FROM rz_{kind}_worthless" for kind in RECORD_TABLES)
    return tables.fetch_arrow(
        f"""SELECT kind, identifier, left(value, 2) || repeat('*', least(greatest(length(value) - 2, 0),
            12)::INTEGER) AS value, sum(count)::BIGINT AS count
        FROM ({rows}) GROUP BY ALL ORDER BY ALL"""
    )
