"""The derived tables of what the portfolio finds: overlaps, needs, hollow tools, renewals, contracts and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from homeroom.domain.ids import hash_need_id, hash_renewal_id, hash_tool_id
from homeroom.domain.manage.tools.portfolio import Portfolio
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import Table
from homeroom.evidence.tables.tools import (
    TOOL_CONTRACTS,
    TOOL_HOLLOW,
    TOOL_LINKS,
    TOOL_NEEDS,
    TOOL_OVERLAPS,
    TOOL_RENEWALS,
)

type Row = Mapping[str, object]


def build_finding_tables(portfolio: Portfolio) -> dict[str, pa.Table]:
    """Return the derived tables of what was found, by name; `stored_portfolio` reads them."""
    rows: Sequence[tuple[Table, list[dict[str, object]]]] = (
        (TOOL_LINKS, _list_links(portfolio)),
        (TOOL_CONTRACTS, _list_contracts(portfolio)),
        (TOOL_OVERLAPS, _list_overlaps(portfolio)),
        (TOOL_NEEDS, _list_needs(portfolio)),
        (TOOL_HOLLOW, _list_hollow(portfolio)),
        (TOOL_RENEWALS, _list_renewals(portfolio)),
    )
    return {table.name: _build_table(table, entries) for table, entries in rows}


def _build_table(table: Table, rows: list[dict[str, object]]) -> pa.Table:
    """Return the rows as the table, by its key."""
    schema = build_arrow_schema(table)
    unordered = pa.Table.from_pylist(rows, schema=schema)
    return unordered.sort_by([(name, "ascending") for name in table.key])


def _list_links(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {"tool": hash_tool_id(tool.id), "record_table": record.table, "record_key": record.key}
        for tool in portfolio.tools
        for record in tool.records
    ]


def _list_contracts(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {"tool": hash_tool_id(tool.id), "contract": contract, "year_minor": year_minor}
        for tool in portfolio.tools
        for contract, year_minor in tool.contracts.items()
    ]


def _list_overlaps(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {
            "kind": str(overlap.kind),
            "first": hash_tool_id(overlap.tools[0]),
            "second": hash_tool_id(overlap.tools[1]),
            "capability": overlap.capability,
            "schools": list(overlap.schools) or None,
            "people": overlap.people,
            "dollars_minor": overlap.dollars_minor,
        }
        for overlap in portfolio.overlaps
    ]


def _list_needs(portfolio: Portfolio) -> list[dict[str, object]]:
    gaps = {gap.capability: gap for gap in portfolio.gaps}
    unknown = {entry.id: entry.why for entry in portfolio.cannot_tell if entry.about == "capability"}
    rows: list[dict[str, object]] = []
    for need in portfolio.needs:
        gap = gaps.get(need.capability)
        rows.append(
            {
                "id": hash_need_id(need.capability),
                "capability": need.capability,
                "audience": str(need.audience),
                "because": need.because,
                "covered": None if need.capability in unknown else gap is None,
                "gap": None if gap is None else str(gap.kind),
                "schools": None if gap is None or gap.schools is None else list(gap.schools),
                "cannot_tell": unknown.get(need.capability),
            }
        )
    return rows


def _list_hollow(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {
            "tool": hash_tool_id(entry.tool),
            "kind": str(entry.kind),
            "total": entry.of,
            "working": entry.working,
            "dollars_minor": entry.dollars_minor,
        }
        for entry in portfolio.hollow
    ]


def _list_renewals(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {
            "id": hash_renewal_id(renewal.contract, renewal.tool),
            "position": position,
            "contract": renewal.contract,
            "tool": hash_tool_id(renewal.tool),
            "suggestion": str(renewal.suggestion),
            "seats": renewal.seats,
            "notice_on": renewal.notice_on,
            "ends_on": renewal.ends_on,
            "dollars_minor": renewal.dollars_minor,
            "why": renewal.why,
        }
        for position, renewal in enumerate(portfolio.renewals)
    ]
