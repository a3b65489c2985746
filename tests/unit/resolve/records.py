"""A small invented district for the resolver's tests: records by source, with the rest left empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from homeroom.engines.resolve import DECISIONS_SCHEMA, LEDGER_SCHEMA, Resolved, resolve
from homeroom.evidence.session import SOURCES_SCHEMA, session_over, view_schema

TODAY = date(2026, 1, 15)
SEEN = datetime(2026, 1, 15, 5, 10, tzinfo=UTC)


def row(connector: str, key: str, **values: Any) -> dict[str, Any]:
    """One record of a source."""
    return {"connector": connector, "instance": connector, "load_id": "1", "seen_at": SEEN, "key": key, **values}


def role(connector: str, person: str, name: str, **values: Any) -> dict[str, Any]:
    made = row(connector, person, role=name, status="active", **values)
    return {**{k: v for k, v in made.items() if k != "key"}, "person_key": person}


def tables(**rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    return {name: pa.Table.from_pylist(list(given), schema=view_schema(name)) for name, given in rows.items()}


def resolved(
    *,
    ledger: pa.Table | None = None,
    today: date = TODAY,
    sources: tuple[tuple[str, str], ...] = (),
    decisions: list[dict[str, Any]] | None = None,
    decides: Mapping[str, list[str]] = MappingProxyType({}),
    **rows: Any,
) -> Resolved:
    listed = [
        {
            "connector": c,
            "instance": c,
            "stream": s,
            "scope": "/",
            "load_id": "1",
            "loaded_at": SEEN,
            "complete": True,
            "decides": decides.get(c, []),
        }
        for c, s in sources
    ]
    session = session_over(tables(**rows), sources=pa.Table.from_pylist(listed, schema=SOURCES_SCHEMA))
    said = pa.Table.from_pylist(decisions or [], schema=DECISIONS_SCHEMA)
    known = ledger if ledger is not None else LEDGER_SCHEMA.empty_table()
    return resolve(session, ledger=known, today=today, decisions=said)


def said(kind: str, one: tuple[str, str], other: tuple[str, str], *, same: bool) -> dict[str, Any]:
    """A decision made by hand about two records, each (connector, key)."""
    sides = zip(("one", "other"), (one, other), strict=True)
    named = {
        f"{side}_{name}": value
        for side, (connector, key) in sides
        for name, value in (("connector", connector), ("instance", connector), ("key", key))
    }
    return {"kind": kind, "same": same, **named}


def only(made: Resolved, table: str, **values: Any) -> dict[str, Any]:
    """The one row of a derived table with those values."""
    found = [one for one in made.tables[table].to_pylist() if all(one[k] == v for k, v in values.items())]
    assert len(found) == 1, f"{len(found)} rows of {table} with {values}"
    return found[0]


def groups(made: Resolved, kind: str) -> set[frozenset[str]]:
    """The keys of each subject's own records."""
    table = {"person": "person_records", "account": "account_records", "device": "device_records"}[kind]
    by: dict[int, set[str]] = {}
    for link in made.tables["links"].to_pylist():
        if link["subject_kind"] == kind and link["table_name"] == table:
            by.setdefault(link["id"], set()).add(f"{link['connector']}:{link['key']}")
    return {frozenset(keys) for keys in by.values()}


def school_days(count: int) -> list[dict[str, Any]]:
    """Every day before and including TODAY, `count` of them, is a school day."""
    days = [TODAY - timedelta(days=n) for n in range(count)]
    made = [row("district", "", date=day, org_key="", kind="school") for day in days]
    return [{name: value for name, value in one.items() if name != "key"} for one in made]
