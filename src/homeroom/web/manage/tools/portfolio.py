"""The portfolio: the list of tools, searched, filtered, sorted and paged."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.manage.tools.need_matrix import get_capability_titles
from homeroom.apps.manage.tools.published_portfolio import PublishedTool, load_published_portfolio
from homeroom.apps.manage.tools.tool_list import PAGE, ToolListQuery, ToolOrder, ToolView, list_tool_page
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.web.protect.alerts.list_paging import build_page_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.templatetags.tools import format_money, format_people, hollow_word

AREA_PAGE = NavItem(
    order=1, title=gettext_lazy("Portfolio"), name="tools", findings_of=frozenset({"tools", "tool_needs"})
)
VIEWS = {
    ToolView.RUNNING: gettext_lazy("In use"),
    ToolView.PAID: gettext_lazy("Paid for"),
    ToolView.OVERLAP: gettext_lazy("Overlapping"),
    ToolView.HOLLOW: gettext_lazy("Hollow"),
    ToolView.UNKNOWN: gettext_lazy("Unknown"),
    ToolView.ALL: gettext_lazy("All"),
}
ORDERS = {
    ToolOrder.NAME: gettext_lazy("Name"),
    ToolOrder.COST: gettext_lazy("Cost per year"),
    ToolOrder.SEATS: gettext_lazy("Seats"),
    ToolOrder.USERS: gettext_lazy("Users"),
}
_SHOWN_CAPABILITIES = 3


@district_view(permission="tools.read")
def show_portfolio(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a page of the tools that the address asks for."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    query = _parse_query(request)
    page = list_tool_page(portfolio, query)
    titles = get_capability_titles()
    context = {
        "portfolio": portfolio,
        "query": query,
        "lines": [_build_line(tool, titles) for tool in page.tools],
        "count": page.count,
        "views": [
            (title, page.counts[view], _build_url(query, view=view), view == query.view)
            for view, title in VIEWS.items()
        ],
        "orders": [(order, title, order == query.order) for order, title in ORDERS.items()],
        "capabilities": sorted((titles.get(name, name), name) for name in portfolio.capabilities),
        "capability_title": titles.get(query.capability, query.capability),
        "narrowed": bool(query.search or query.capability or query.school),
        **build_paging(
            lambda start: _build_url(query, after=start),
            after=query.after,
            lines=len(page.tools),
            size=PAGE,
            has_more=page.has_more(query.after),
        ),
    }
    return render(request, "tools/portfolio.html", context)


def build_tools_url(**parameters: str) -> str:
    """Return the address of the list with those parameters; empty ones are left out."""
    filled = {name: value for name, value in parameters.items() if value}
    return reverse("tools") + (f"?{urlencode(filled)}" if filled else "")


def _build_url(query: ToolListQuery, *, view: ToolView | None = None, after: int = 0) -> str:
    shown = query.view if view is None else view
    return build_tools_url(
        q=query.search,
        capability=query.capability,
        school=query.school,
        view="" if shown == ToolView.RUNNING else str(shown),
        sort="" if query.order == ToolOrder.NAME else str(query.order),
        after=str(after) if after else "",
    )


def _parse_query(request: DistrictRequest) -> ToolListQuery:
    return ToolListQuery(
        view=_parse_choice(ToolView, request.GET.get("view", ""), ToolView.RUNNING),
        search=request.GET.get("q", "").strip()[:100],
        capability=request.GET.get("capability", ""),
        school=request.GET.get("school", ""),
        order=_parse_choice(ToolOrder, request.GET.get("sort", ""), ToolOrder.NAME),
        after=parse_start(request),
    )


def _parse_choice[C: StrEnum](choices: type[C], text: str, default: C) -> C:
    return choices(text) if text in set(choices) else default


def _build_line(tool: PublishedTool, titles: dict[str, str]) -> dict[str, Any]:
    """Return the texts of a line; a template that looks up each one takes most of the page's time."""
    named = [titles.get(name, name) for name in tool.does[:_SHOWN_CAPABILITIES]]
    more = len(tool.does) - len(named)
    return {
        "url": build_page_url("tool", tool.public),
        "name": tool.name,
        "does": "; ".join(named) + (f" +{more}" if more > 0 else ""),
        "schools": len(tool.schools),
        "year": format_money(tool.year_minor, tool.currency) if tool.year_minor is not None else "",
        "is_cost_unknown": tool.year_minor is None and tool.costs is not False and tool.runs,
        "users": format_people(tool.users),
        "seats": tool.seats,
        "hollow": hollow_word(tool.hollow) if tool.hollow else "",
        "twice": bool(tool.paid_twice),
        "owned": bool(tool.owned_already),
        "unknown": bool(tool.cannot_tell),
        "runs": tool.runs,
    }


urlpatterns = [path("tools", show_portfolio, name="tools")]
