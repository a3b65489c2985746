"""The resolution pipeline: turn the records of all sources into persons, accounts and devices, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.software import Product
from homeroom.engines.resolve.derived.account_access import derive_access
from homeroom.engines.resolve.derived.accounts import derive_accounts
from homeroom.engines.resolve.derived.coverage import derive_coverage
from homeroom.engines.resolve.derived.devices import derive_devices
from homeroom.engines.resolve.derived.links import build_links
from homeroom.engines.resolve.derived.match_reviews import build_reviews
from homeroom.engines.resolve.derived.membership_status import derive_status
from homeroom.engines.resolve.derived.people import derive_people
from homeroom.engines.resolve.derived.services import derive_services
from homeroom.engines.resolve.derived.software import derive_software
from homeroom.engines.resolve.derived.training import derive_training
from homeroom.engines.resolve.matching.account_ownership import assign_accounts
from homeroom.engines.resolve.matching.device_comparison import match_devices
from homeroom.engines.resolve.matching.identity import identify
from homeroom.engines.resolve.matching.person_comparison import match_people
from homeroom.engines.resolve.records.manual_decisions import DECISIONS_SCHEMA, apply_decisions
from homeroom.engines.resolve.records.scan_sightings import place_sightings
from homeroom.engines.resolve.records.staging import RECORD_TABLES, stage_records
from homeroom.engines.resolve.records.subject_ids import LEDGER_SCHEMA, SPENT_SCHEMA, assign_subject_ids
from homeroom.engines.resolve.resources.build import describe_resources, link_resources, register_resources
from homeroom.engines.resolve.shared.calendars import count_school_days
from homeroom.engines.resolve.shared.components import IntArray
from homeroom.engines.resolve.shared.sql import drop_temp_tables, fetch_arrow, register_temp_table
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import DERIVED_TABLES

_STEPS = ("people", "accounts", "devices", "standing", "links")
_REMAINING_TEMP_TABLES = (
    "ledger",
    "spent",
    "authority",
    "addresses",
    "numbers",
    "belongs",
    "people",
    "accounts",
    "devices",
    "links",
    "since",
    "school_days",
    "consoles",
    "namespaces",
    "loads",
    "software",
    "services",
    "flaws",
    "sighted",
    "decisions",
    "doubts",
    "forbidden",
    "apart",
    "named",
    "settled",
    "crowd",
    *(f"{kind}_{part}" for kind in RECORD_TABLES for part in ("nodes", "rows", "keys", "worthless", "weighed", "hand")),
)
# Linking and the result no longer read these tables: at a district's full size they are a third of the memory.
_UNUSED_AFTER_DERIVING = ("addresses", "numbers", "since", "consoles", *(f"{kind}_rows" for kind in RECORD_TABLES))
_UNUSED_AFTER_LINKING = ("belongs", *(f"{kind}_{part}" for kind in RECORD_TABLES for part in ("nodes", "keys")))

_MATCHERS: Mapping[str, Sequence[Callable[..., IntArray]]] = {
    "person": (match_people,),
    "device": (match_devices, place_sightings),
}
"""Functions that join records of a kind after the identity rules and the manual decisions, in order."""


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
    products: Sequence[Product] = (),
    progress: Progress | None = None,
) -> ResolveResult:
    """Resolve every record in the session's source views.

    `ledger` has LEDGER_SCHEMA, one row per record; `spent` (SPENT_SCHEMA) names subjects that were merged away, so that
    no new subject gets their number; `decisions` (DECISIONS_SCHEMA) are manual decisions; `products` are those whose
    software gets a product and a kind. The result depends on the rows alone, never on their order. All temporary tables
    that this function creates in the session are dropped.
    """
    report = progress or ignore_progress
    register_temp_table(session, "ledger", ledger.cast(LEDGER_SCHEMA))
    register_temp_table(
        session, "spent", (spent if spent is not None else SPENT_SCHEMA.empty_table()).cast(SPENT_SCHEMA)
    )
    register_temp_table(
        session,
        "decisions",
        (decisions if decisions is not None else DECISIONS_SCHEMA.empty_table()).cast(DECISIONS_SCHEMA),
    )
    added, merged = [], []
    for step, kind in enumerate(RECORD_TABLES):
        report(_STEPS[step], step, len(_STEPS))
        label = apply_decisions(session, kind, label=identify(session, kind, count=stage_records(session, kind)))
        for matcher in _MATCHERS.get(kind, ()):
            label = matcher(session, label=label)
        new_entries, merged_away = assign_subject_ids(session, kind, label=label)
        added.append(new_entries)
        merged.append(merged_away)
    for new_entries, merged_away in register_resources(session):
        added.append(new_entries)
        merged.append(merged_away)
    report("standing", 3, len(_STEPS))
    _derive_tables(session, today, products)
    drop_temp_tables(session, *_UNUSED_AFTER_DERIVING)
    report("links", 4, len(_STEPS))
    build_links(session)
    link_resources(session)
    build_reviews(session)
    drop_temp_tables(session, *_UNUSED_AFTER_LINKING)
    result = ResolveResult(
        tables=_collect_tables(session),
        ledger_added=pa.concat_tables(added),
        merged=pa.concat_tables(merged),
        worthless=_collect_worthless_values(session),
    )
    drop_temp_tables(session, *_REMAINING_TEMP_TABLES)
    report("done", len(_STEPS), len(_STEPS))
    return result


def _derive_tables(session: duckdb.DuckDBPyConnection, today: date, products: Sequence[Product]) -> None:
    count_school_days(session, today=today)
    derive_status(session, today=today)
    derive_people(session)
    assign_accounts(session)
    derive_accounts(session, today=today)
    derive_training(session, today=today)
    derive_access(session, today=today)
    derive_devices(session, today=today)
    derive_coverage(session)
    derive_software(session, products=products)
    derive_services(session)
    describe_resources(session, today=today)


def _collect_tables(session: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    tables = {}
    for table in (derived for derived in DERIVED_TABLES if derived.engine == "resolve"):
        columns = ", ".join(f'"{name}"' for name in table.names)
        order = ", ".join(f'"{name}"' for name in table.key)
        tables[table.name] = fetch_arrow(session, f"SELECT {columns} FROM rz_{table.name} ORDER BY {order}").cast(
            build_arrow_schema(table)
        )
        drop_temp_tables(session, table.name)
    return tables


def _collect_worthless_values(session: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = " UNION ALL ".join(f"SELECT * FROM rz_{kind}_worthless" for kind in RECORD_TABLES)
    return fetch_arrow(
        session,
        f"""SELECT kind, identifier, left(value, 2) || repeat('*', least(greatest(length(value) - 2, 0),
            12)::INTEGER) AS value, sum(count)::BIGINT AS count
        FROM ({rows}) GROUP BY ALL ORDER BY ALL""",
    )
