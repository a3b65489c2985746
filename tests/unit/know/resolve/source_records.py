"""A small invented district for the resolver's tests: records by source, with all other columns empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from homeroom.domain.know.software.products import Product
from homeroom.domain.manage.tools.tool_finder import ToolFinder
from homeroom.engines.know.resolve import DECISIONS_SCHEMA, LEDGER_SCHEMA, NAMED_LISTS_SCHEMA, resolve
from homeroom.engines.know.resolve.pipeline import INPUTS, list_resolve_stages
from homeroom.evidence.query.session import SOURCES_SCHEMA, build_view_schema, open_session_over
from homeroom.evidence.query.steps import list_steps
from tests.unit.know.resolve.partial_resolution import PartialResult

TODAY = date(2026, 1, 15)
LOADED_AT = datetime(2026, 1, 15, 5, 10, tzinfo=UTC)


def build_record(connector: str, key: str, **values: Any) -> dict[str, Any]:
    """Build one record of a source."""
    return {"connector": connector, "instance": connector, "load_id": "1", "seen_at": LOADED_AT, "key": key, **values}


def build_role_record(connector: str, person: str, name: str, **values: Any) -> dict[str, Any]:
    record = build_record(connector, person, role=name, status="active", **values)
    return {**{k: v for k, v in record.items() if k != "key"}, "person_key": person}


def build_tables(**rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    return {
        name: pa.Table.from_pylist(list(table_rows), schema=build_view_schema(name))
        for name, table_rows in rows.items()
    }


def resolve_records(
    *,
    ledger: pa.Table | None = None,
    today: date = TODAY,
    sources: tuple[tuple[str, str], ...] = (),
    decisions: list[dict[str, Any]] | None = None,
    decides: Mapping[str, list[str]] = MappingProxyType({}),
    named: Mapping[str, str] = MappingProxyType({}),
    finder: ToolFinder | None = None,
    products: Sequence[Product] = (),
    is_optimized: bool = False,
    **rows: Any,
) -> PartialResult:
    """Return the resolution of a district with those rows, by table; each table is computed when it is first read.

    DuckDB does not optimize the queries, unlike in the program: for a few rows that is a fifth of the processor's time.
    """
    source_rows = [
        {
            "connector": connector,
            "instance": connector,
            "stream": stream,
            "scope": "/",
            "load_id": "1",
            "loaded_at": LOADED_AT,
            "complete": True,
            "decides": decides.get(connector, []),
        }
        for connector, stream in sources
    ]
    session = open_session_over(build_tables(**rows), sources=pa.Table.from_pylist(source_rows, schema=SOURCES_SCHEMA))
    if not is_optimized:
        session.execute("PRAGMA disable_optimizer")
    inputs = {
        **{name: schema.empty_table() for name, schema in INPUTS.items()},
        "ledger": LEDGER_SCHEMA.empty_table() if ledger is None else ledger,
        "decisions": pa.Table.from_pylist(decisions or [], schema=DECISIONS_SCHEMA),
        "named_lists": pa.Table.from_pylist(
            [{"kind": kind, "connector": name, "instance": name} for kind, name in named.items()],
            schema=NAMED_LISTS_SCHEMA,
        ),
    }
    options: dict[str, Any] = {"today": today, "products": products, "finder": finder}
    own_inputs = {name: inputs[name] for name in ("ledger", "decisions", "named_lists")}
    return PartialResult(
        session=session,
        steps=list_steps(list_resolve_stages(**options)),
        inputs=inputs,
        resolve_all=lambda: resolve(session, **own_inputs, **options),
    )


def build_decision(kind: str, first: tuple[str, str], second: tuple[str, str], *, same: bool) -> dict[str, Any]:
    """Build a manual decision about two records, each (connector, key)."""
    sides = zip(("one", "other"), (first, second), strict=True)
    columns = {
        f"{side}_{name}": value
        for side, (connector, key) in sides
        for name, value in (("connector", connector), ("instance", connector), ("key", key))
    }
    return {"kind": kind, "same": same, **columns}


def get_only_row(result: PartialResult, table: str, **values: Any) -> dict[str, Any]:
    """Return the one row of a derived table with those values."""
    matches = [
        candidate for candidate in result.tables[table].to_pylist() if all(candidate[k] == v for k, v in values.items())
    ]
    assert len(matches) == 1, f"{len(matches)} rows of {table} with {values}"
    return matches[0]


def group_record_keys(result: PartialResult, kind: str) -> set[frozenset[str]]:
    """Return the sets of keys of the records of each subject."""
    keys_by_subject: dict[int, set[str]] = {}
    for record in result[f"{kind}_nodes"].to_pylist():
        keys_by_subject.setdefault(record["id"], set()).add(f"{record['connector']}:{record['key']}")
    return {frozenset(keys) for keys in keys_by_subject.values()}


def build_school_days(count: int) -> list[dict[str, Any]]:
    """Build `count` consecutive school days that end with TODAY."""
    days = [TODAY - timedelta(days=n) for n in range(count)]
    records = [build_record("district", "", date=day, org_key="", kind="school") for day in days]
    return [{name: value for name, value in record.items() if name != "key"} for record in records]
