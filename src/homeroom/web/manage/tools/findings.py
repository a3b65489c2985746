"""What was found of tools, as lists with money and rows: overlaps, gaps, hollow tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.manage.tools.published_portfolio import PublishedHollow, load_published_portfolio
from homeroom.apps.manage.tools.renewal_sheet import is_about_people
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.web.manage.tools.portfolio import build_tools_url
from homeroom.web.protect.alerts.list_paging import build_list_url, build_page_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.templatetags.homeroom import counted
from homeroom.web.templatetags.tools import capability_title, format_people, hollow_word, money

AREA_PAGE_OF = "portfolio"
PAGE = 50
"""Findings on a page."""


@district_view(permission="tools.read")
def show_overlaps(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List pairs of tools that do the same where they meet, with a year of the cheaper one there."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    entries = sorted(portfolio.overlaps, key=lambda entry: (entry.first.name.casefold(), entry.second.name.casefold()))
    shown, paging = _slice_page(request, "tool-overlaps", entries)
    lines = [
        {
            "kind": entry.kind,
            "first": (entry.first.name, build_page_url("tool", entry.first.public)),
            "second": (entry.second.name, build_page_url("tool", entry.second.public)),
            "capability": (capability_title(entry.capability), build_tools_url(capability=entry.capability)),
            "schools": entry.schools,
            "people": format_people(entry.people),
            "money": money(entry.dollars_minor, entry.first.currency),
        }
        for entry in shown
    ]
    return render(request, "tools/overlaps.html", {"portfolio": portfolio, "lines": lines, **paging})


@district_view(permission="tools.read")
def show_gaps(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the needs that no tool meets, or none in some schools, and those that are unknown."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    needs = sorted(portfolio.needs, key=lambda need: capability_title(need.capability).casefold())
    context = {
        "portfolio": portfolio,
        "gaps": [need for need in needs if need.gap],
        "unknown": [need for need in needs if need.cannot_tell],
        "covered": [need for need in needs if need.covered],
    }
    return render(request, "tools/gaps.html", context)


@district_view(permission="tools.read")
def show_hollow(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List tools that are paid for and do little, and those that cannot be judged, with why."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    entries = sorted(portfolio.hollow, key=lambda entry: entry.tool.name.casefold())
    unknown = [tool for tool in portfolio.tools if tool.cannot_tell]
    shown, paging = _slice_page(request, "tool-hollow", [*entries, *unknown])
    context = {
        "portfolio": portfolio,
        "lines": [_build_hollow_line(entry) for entry in shown if isinstance(entry, PublishedHollow)],
        "unknown": [
            {"name": tool.name, "url": build_page_url("tool", tool.public), "why": tool.cannot_tell}
            for tool in shown
            if not isinstance(tool, PublishedHollow)
        ],
        **paging,
    }
    return render(request, "tools/hollow.html", context)


def _build_hollow_line(entry: PublishedHollow) -> dict[str, Any]:
    return {
        "name": entry.tool.name,
        "url": build_page_url("tool", entry.tool.public),
        "kind": hollow_word(entry.kind),
        "working": format_people(entry.working) if is_about_people(entry) else counted(entry.working),
        "total": counted(entry.total),
        "money": money(entry.dollars_minor, entry.tool.currency),
    }


def _slice_page(request: DistrictRequest, name: str, entries: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """Return the entries of the asked page, and what `parts/_pages.html` needs."""
    after = parse_start(request)
    shown = entries[after : after + PAGE]
    paging = build_paging(
        lambda start: build_list_url(name, after=start),
        after=after,
        lines=len(shown),
        size=PAGE,
        has_more=len(entries) > after + PAGE,
    )
    return shown, paging


urlpatterns = [
    path("tools/overlaps", show_overlaps, name="tool-overlaps"),
    path("tools/gaps", show_gaps, name="tool-gaps"),
    path("tools/hollow", show_hollow, name="tool-hollow"),
]
