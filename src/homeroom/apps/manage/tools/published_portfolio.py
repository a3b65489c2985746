"""The portfolio as pages read it: the derived tables of tools of the newest snapshot, read once for each snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any

from homeroom.domain.ids import format_public_id
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.row_store import read_derived_table
from homeroom.evidence.tables import Table
from homeroom.evidence.tables.tools import (
    TOOL_COVER,
    TOOL_HOLLOW,
    TOOL_NEEDS,
    TOOL_OVERLAPS,
    TOOL_RENEWALS,
    TOOLS,
)

MAX_PORTFOLIOS = 12
"""Portfolios that a process has in memory: one of 3,000 tools takes some 6 MB."""
_LISTS = ("does", "also_does", "schools", "paid_twice", "owned_already")


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedTool:
    """A row of the derived table `tools`, with its public id and the text that a search looks in."""

    id: int
    public: str
    tool: str
    name: str
    known: str
    does: tuple[str, ...]
    also_does: tuple[str, ...]
    runs: bool
    schools: tuple[str, ...]
    costs: bool | None
    year_minor: int | None
    currency: str | None
    seats: int | None
    users: int | None
    hollow: str | None
    cannot_tell: str | None
    paid_twice: tuple[str, ...]
    owned_already: tuple[str, ...]
    search_text: str

    @property
    def has_overlap(self) -> bool:
        """True if another tool does the same where it runs."""
        return bool(self.paid_twice or self.owned_already)


@dataclass(frozen=True, kw_only=True)
class PublishedOverlap:
    """Two tools that do the same where they meet, and a year of the cheaper one there."""

    kind: str
    first: PublishedTool
    second: PublishedTool
    capability: str
    schools: tuple[str, ...]
    people: int
    dollars_minor: int | None


@dataclass(frozen=True, kw_only=True)
class PublishedNeed:
    """A need, and where it is met: `gap` is none, part or None; `schools` are those without it."""

    id: int
    capability: str
    audience: str
    because: str
    covered: bool | None
    gap: str | None
    schools: tuple[str, ...]
    cannot_tell: str | None


@dataclass(frozen=True, kw_only=True)
class PublishedHollow:
    """A tool that is paid for and does little: how many work, of how many."""

    tool: PublishedTool
    kind: str
    total: int
    working: int
    dollars_minor: int | None


@dataclass(frozen=True, kw_only=True)
class PublishedRenewal:
    """A contract to decide soon, and what is suggested."""

    id: int
    contract: str
    tool: PublishedTool
    suggestion: str
    seats: int | None
    notice_on: date | None
    ends_on: date | None
    dollars_minor: int | None
    why: str


@dataclass(frozen=True, kw_only=True, eq=False)
class PublishedPortfolio:
    """What was found as of `today`; None before anything was resolved. `tools` are in the order of their names.

    `cover` has how many tools have a capability in a school, by capability and school.
    """

    derived: str = ""
    today: date | None = None
    tools: tuple[PublishedTool, ...] = ()
    overlaps: tuple[PublishedOverlap, ...] = ()
    needs: tuple[PublishedNeed, ...] = ()
    hollow: tuple[PublishedHollow, ...] = ()
    renewals: tuple[PublishedRenewal, ...] = ()
    cover: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @cached_property
    def by_public(self) -> Mapping[str, PublishedTool]:
        """Return the tools by public id."""
        return {tool.public: tool for tool in self.tools}

    @cached_property
    def gaps(self) -> tuple[PublishedNeed, ...]:
        """Return the needs that are not met, or not in all schools."""
        return tuple(need for need in self.needs if need.gap)

    @cached_property
    def schools(self) -> tuple[str, ...]:
        """Return the schools in which a tool runs or a need is not met, by name."""
        named = {school for _, school in self.cover} | {school for need in self.needs for school in need.schools}
        return tuple(sorted(named, key=str.casefold))

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Return the capabilities that a running tool has or that are needed, by id."""
        return tuple(sorted({name for name, _ in self.cover} | {need.capability for need in self.needs}))


_portfolios: SingleFlightCache[PublishedPortfolio] = SingleFlightCache(max_entries=MAX_PORTFOLIOS)


def load_published_portfolio(*, store: EvidenceStore) -> PublishedPortfolio:
    """Return the portfolio of the newest resolved snapshot, empty before there is any. Raise QueryTimeout."""
    newest = store.get_latest_derived()
    if newest is None:
        return PublishedPortfolio()
    key = (str(store.folder), newest.id)
    return _portfolios.get(key, lambda: _read_portfolio(store, newest.id, newest.today))


def _read_portfolio(store: EvidenceStore, derived: str, today: date) -> PublishedPortfolio:
    def read(table: Table, model: type, *, order: str = "") -> list[dict[str, Any]]:
        """Return the rows in that order, with the columns that the model has; a table may have more."""
        rows = read_derived_table(store, derived=derived, table=table.name)
        names = {item.name for item in fields(model)}
        ordered = rows.sort_by(order) if order else rows
        columns: list[dict[str, Any]] = ordered.select(
            [name for name in rows.column_names if name in names]
        ).to_pylist()
        return columns

    rows = read(TOOLS, PublishedTool)
    tools = sorted((_build_tool(row) for row in rows), key=lambda tool: (tool.name.casefold(), tool.id))
    by_id = {tool.id: tool for tool in tools}
    return PublishedPortfolio(
        derived=derived,
        today=today,
        tools=tuple(tools),
        overlaps=tuple(_build_overlap(row, by_id) for row in read(TOOL_OVERLAPS, PublishedOverlap)),
        needs=tuple(_build_need(row) for row in read(TOOL_NEEDS, PublishedNeed)),
        hollow=tuple(
            PublishedHollow(**row | {"tool": by_id[row["tool"]]}) for row in read(TOOL_HOLLOW, PublishedHollow)
        ),
        renewals=tuple(
            PublishedRenewal(**row | {"tool": by_id[row["tool"]]})
            for row in read(TOOL_RENEWALS, PublishedRenewal, order="position")
        ),
        cover=_count_cover(store, derived),
    )


def _count_cover(store: EvidenceStore, derived: str) -> Mapping[tuple[str, str], int]:
    rows = read_derived_table(store, derived=derived, table=TOOL_COVER.name).select(["capability", "school", "tool"])
    counted = rows.group_by(["capability", "school"]).aggregate([("tool", "count_distinct")]).to_pylist()
    return Counter({(row["capability"], row["school"]): row["tool_count_distinct"] for row in counted})


def _build_tool(row: Mapping[str, Any]) -> PublishedTool:
    values: dict[str, Any] = {name: tuple(row[name] or ()) if name in _LISTS else row[name] for name in row}
    text = f"{row['name']} {row['tool']}".casefold()
    return PublishedTool(**values, public=format_public_id("tool", row["id"]), search_text=text)


def _build_overlap(row: Mapping[str, Any], by_id: Mapping[int, PublishedTool]) -> PublishedOverlap:
    values = dict(row) | {"first": by_id[row["first"]], "second": by_id[row["second"]]}
    return PublishedOverlap(**values | {"schools": tuple(row["schools"] or ())})


def _build_need(row: Mapping[str, Any]) -> PublishedNeed:
    return PublishedNeed(**dict(row) | {"schools": tuple(row["schools"] or ())})
