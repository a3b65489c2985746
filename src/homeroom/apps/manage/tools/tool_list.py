"""The list of tools: searched, filtered, sorted and paged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeroom.apps.manage.tools.published_portfolio import PublishedPortfolio, PublishedTool

PAGE = 50
"""Tools on a page."""


class ToolView(StrEnum):
    """Which tools a list has."""

    RUNNING = "running"
    PAID = "paid"
    OVERLAP = "overlap"
    HOLLOW = "hollow"
    UNKNOWN = "unknown"
    ALL = "all"


class ToolOrder(StrEnum):
    """By what a list is sorted: the name, or the largest first."""

    NAME = "name"
    COST = "cost"
    SEATS = "seats"
    USERS = "users"


_VIEWS: Mapping[ToolView, Callable[[PublishedTool], Any]] = {
    ToolView.RUNNING: lambda tool: tool.runs,
    ToolView.PAID: lambda tool: tool.runs and tool.costs,
    ToolView.OVERLAP: lambda tool: tool.has_overlap,
    ToolView.HOLLOW: lambda tool: tool.hollow,
    ToolView.UNKNOWN: lambda tool: tool.cannot_tell,
    ToolView.ALL: lambda _: True,
}
_NUMBERS: Mapping[ToolOrder, Callable[[PublishedTool], int | None]] = {
    ToolOrder.COST: lambda tool: tool.year_minor,
    ToolOrder.SEATS: lambda tool: tool.seats,
    ToolOrder.USERS: lambda tool: tool.users,
}


@dataclass(frozen=True, kw_only=True)
class ToolListQuery:
    """What a list asks for; empty text filters nothing."""

    view: ToolView = ToolView.RUNNING
    search: str = ""
    capability: str = ""
    school: str = ""
    order: ToolOrder = ToolOrder.NAME
    after: int = 0


@dataclass(frozen=True, kw_only=True)
class ToolListPage:
    """A page of a list: its tools, how many there are in all pages, and how many each view would have."""

    tools: tuple[PublishedTool, ...]
    count: int
    counts: Mapping[ToolView, int]

    def has_more(self, after: int) -> bool:
        """Check whether more tools follow those of the page after so many."""
        return self.count > after + len(self.tools)


def list_tool_page(portfolio: PublishedPortfolio, query: ToolListQuery) -> ToolListPage:
    """Return a page of the tools that a query asks for."""
    words = query.search.casefold().split()
    matching = [tool for tool in portfolio.tools if _is_matching(tool, query, words)]
    chosen = [tool for tool in matching if _VIEWS[query.view](tool)]
    number = _NUMBERS.get(query.order)
    if number is not None:
        chosen.sort(key=lambda tool: -1 if (amount := number(tool)) is None else amount, reverse=True)
    return ToolListPage(
        tools=tuple(chosen[query.after : query.after + PAGE]),
        count=len(chosen),
        counts={view: sum(map(bool, map(check, matching))) for view, check in _VIEWS.items()},
    )


def _is_matching(tool: PublishedTool, query: ToolListQuery, words: list[str]) -> bool:
    return (
        (not query.school or query.school in tool.schools)
        and (not query.capability or query.capability in tool.does or query.capability in tool.also_does)
        and all(word in tool.search_text for word in words)
    )
