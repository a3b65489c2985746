"""Renewals of the next 120 days: one sheet, as a page and on paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.tools.published_portfolio import load_published_portfolio
from homeroom.apps.manage.tools.renewal_sheet import RenewalLine, build_renewal_sheet, is_about_people
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.tools.portfolio import Suggestion
from homeroom.domain.platform.district import District
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.web.protect.alerts.list_paging import build_page_url
from homeroom.web.shared.access import district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.templatetags.homeroom import counted
from homeroom.web.templatetags.tools import format_people, full_day, hollow_word, money, suggestion_tag, suggestion_word

AREA_PAGE = NavItem(
    order=3, title=gettext_lazy("Renewals"), name="tool-renewals", findings_of=frozenset({"tool_renewals"})
)
MAX_FEW_SEATS = MIN_COUNT
"""Suggested seats up to here come from fewer users than are shown."""


@district_view(permission="tools.read")
def show_renewals(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show the contracts to decide in the next 120 days, the earliest first, with what is suggested and why."""
    sheet = build_renewal_sheet(load_published_portfolio(store=get_evidence_store(district=district)))
    context = {"sheet": sheet, "lines": [build_renewal_line(line) for line in sheet.lines]}
    return render(request, "tools/renewals.html", context)


def build_renewal_line(line: RenewalLine) -> dict[str, Any]:
    """Return the texts of a line of the sheet; a template that looks up each one takes most of the page's time."""
    renewal, tool = line.renewal, line.renewal.tool
    seats, word = _describe_seats(line), suggestion_word(renewal.suggestion)
    return {
        "name": tool.name,
        "url": build_page_url("tool", tool.public),
        "decide_by": full_day(line.decide_by),
        "day_word": gettext("notice") if line.is_notice else gettext("last day"),
        "contract": renewal.contract,
        "records": build_records_url(tool.public, "contract_records", renewal.contract),
        "year": money(renewal.dollars_minor, tool.currency),
        "users": format_people(tool.users),
        "seats": counted(tool.seats),
        "tag": suggestion_tag(renewal.suggestion),
        "suggestion": f"{word}: {seats}" if seats else word,
        "why": _explain(line),
    }


def build_records_url(public: str, table: str, key: str) -> str:
    """Return the address of the rows of a record of a tool."""
    return f"{build_page_url('tool', public)}/records/{table}?{urlencode({'key': key})}"


def _describe_seats(line: RenewalLine) -> str:
    seats = line.renewal.seats
    if seats is None:
        return ""
    return gettext("10 or fewer seats") if seats <= MAX_FEW_SEATS else gettext("%(n)s seats") % {"n": counted(seats)}


def _explain(line: RenewalLine) -> str:
    """Return why something is suggested; small counts of people are hidden."""
    renewal, tool = line.renewal, line.renewal.tool
    if renewal.suggestion == Suggestion.TOO_LATE:
        return gettext("Notice was due %(day)s, and it renews by itself.") % {"day": full_day(renewal.notice_on)}
    if renewal.suggestion == Suggestion.DROP and line.hollow:
        working = line.hollow.working
        return gettext("%(kind)s: %(working)s of %(total)s.") % {
            "kind": hollow_word(line.hollow.kind),
            "working": format_people(working) if is_about_people(line.hollow) else counted(working),
            "total": counted(line.hollow.total),
        }
    if renewal.suggestion == Suggestion.CHOOSE:
        return gettext("Does the same as %(tools)s.") % {"tools": ", ".join(other.name for other in line.others)}
    if renewal.suggestion == Suggestion.FEWER and (renewal.seats or 0) <= MAX_FEW_SEATS:
        return gettext("Fewer than 10 of %(seats)s seats were ever used.") % {"seats": counted(tool.seats)}
    if renewal.suggestion == Suggestion.KEEP:
        return gettext("Nothing found against it.")
    return f"{renewal.why[:1].upper()}{renewal.why[1:]}."


urlpatterns = [path("tools/renewals", show_renewals, name="tool-renewals")]
