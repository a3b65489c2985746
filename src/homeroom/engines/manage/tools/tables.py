"""The derived tables of tools and of what they cover, from the portfolio."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pyarrow as pa

from homeroom.domain.ids import hash_tool_id
from homeroom.domain.manage.tools.capabilities import Capability
from homeroom.domain.manage.tools.portfolio import HollowKind, OverlapKind, Portfolio, Tool
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables.tools import TOOL_COVER, TOOLS

CHECK_COLUMNS: Mapping[HollowKind, str] = {
    HollowKind.NOT_WORKING: "works",
    HollowKind.NOT_DEPLOYED: "deployed",
    HollowKind.SILENT: "reports",
    HollowKind.NOT_USED: "used",
}
"""The column of each check."""


def build_tools_table(portfolio: Portfolio) -> pa.Table:
    """Return the derived table of tools, by id."""
    hollow = {entry.tool: str(entry.kind) for entry in portfolio.hollow}
    unknown = {entry.id: entry.why for entry in portfolio.cannot_tell if entry.about == "tool"}
    twice, owned = _list_others(portfolio)
    rows = [
        {
            **_convert_tool(tool),
            "hollow": hollow.get(tool.id),
            "cannot_tell": unknown.get(tool.id),
            "paid_twice": sorted(twice.get(tool.id, ())) or None,
            "owned_already": sorted(owned.get(tool.id, ())) or None,
        }
        for tool in portfolio.tools
    ]
    return pa.Table.from_pylist(sorted(rows, key=_get_id), schema=build_arrow_schema(TOOLS))


def build_cover_table(portfolio: Portfolio, *, capabilities: Mapping[str, Capability]) -> pa.Table:
    """Return the derived table of capabilities by school and tool, by its key."""
    rows = [row for tool in portfolio.tools for row in _iter_cover(tool, capabilities)]
    rows.sort(key=lambda row: (str(row["capability"]), str(row["school"]), _get_tool(row)))
    return pa.Table.from_pylist(rows, schema=build_arrow_schema(TOOL_COVER))


def _get_id(row: Mapping[str, object]) -> int:
    return int(str(row["id"]))


def _get_tool(row: Mapping[str, object]) -> int:
    return int(str(row["tool"]))


def _list_others(portfolio: Portfolio) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the other tools of overlaps by tool: those paid twice, and the owners of what is owned already."""
    twice: dict[str, set[str]] = defaultdict(set)
    owned: dict[str, set[str]] = defaultdict(set)
    for overlap in portfolio.overlaps:
        first, second = overlap.tools
        if overlap.kind is OverlapKind.PAID_TWICE:
            twice[first].add(second)
            twice[second].add(first)
        else:
            owned[first].add(second)
    return twice, owned


def _convert_tool(tool: Tool) -> dict[str, object]:
    return {
        "id": hash_tool_id(tool.id),
        "name": tool.name,
        "tool": tool.id,
        "known": str(tool.known),
        "does": list(tool.does) or None,
        "also_does": list(tool.also_does) or None,
        "runs": tool.runs,
        "schools": list(tool.schools) or None,
        "costs": tool.costs,
        "year_minor": tool.year_minor,
        "currency": tool.currency,
        "seats": tool.seats,
        "users": tool.users,
        "checked": sorted(CHECK_COLUMNS[kind] for kind in tool.checks) or None,
        **{column: tool.checks.get(kind) for kind, column in CHECK_COLUMNS.items()},
    }


def _iter_cover(tool: Tool, capabilities: Mapping[str, Capability]) -> Iterator[dict[str, object]]:
    for name in (*tool.does, *(name for name in tool.also_does if name not in tool.does)):
        if name in capabilities:
            for school in tool.schools:
                yield {
                    "capability": name,
                    "school": school,
                    "audience": str(capabilities[name].audience),
                    "tool": hash_tool_id(tool.id),
                    "main": name in tool.does,
                }
