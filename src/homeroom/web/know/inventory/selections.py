"""Rows that were selected in an inventory list: what an act on them will do, before it is done."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.know.inventory.list_definitions import LISTINGS, ListDefinition
from homeroom.apps.know.inventory.queries import InventoryPage, ListQuery, get_page
from homeroom.apps.protect.posture.published.subject_findings import list_shared_findings
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.web.know.inventory.list_addresses import (
    KIND,
    TITLE,
    build_query_string,
    describe_query,
    narrow_for_visitor,
    parse_query_parameters,
)
from homeroom.web.know.inventory.list_columns import list_read_columns, select_columns
from homeroom.web.know.inventory.list_rows import build_lines, mask_rows
from homeroom.web.know.inventory.lists import log_list
from homeroom.web.know.inventory.selection_acts import SelectionAct, list_selection_acts
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view(permission="inventory.read")
def show_selection(request: DistrictRequest, *, district: District, schools: SchoolScope, plural: str) -> HttpResponse:
    """Show what an act will do with the selected rows, and the rows; `all=1` selects every row of the list."""
    listing = LISTINGS[KIND[plural]]
    act = _get_act_or_404(request, listing)
    query, columns = _parse_selection(request, listing, schools), select_columns(request, listing)
    context = {
        "act": act,
        "list_title": TITLE[listing.kind],
        "list_url": f"{reverse(plural)}?{request.GET.get('asked', '')}",
        "selected": len(query.picked),
    }
    if query.picked or request.GET.get("all") == "1":
        page = get_page(district=district, query=query, columns=list_read_columns(listing, columns))
        log_list(
            request,
            action=f"select {plural}",
            kind=listing.kind,
            query=describe_query(query),
            rows=page.rows,
            count=page.count,
        )
        rows = mask_rows(listing, page.rows, district=district) if query.masked else page.rows
        context |= _describe_selection(listing, act, query, page)
        context["lines"] = build_lines(listing, rows, columns)
        if act.lists_findings:
            context["findings"] = list_shared_findings(
                district=district,
                subject_kind=listing.kind,
                subjects=[parse_public_id(row.public)[1] for row in page.rows],
            )
    return render(request, "inventory/selection.html", context)


def _get_act_or_404(request: DistrictRequest, listing: ListDefinition) -> SelectionAct:
    name = request.GET.get("act", "")
    acts = list_selection_acts(listing.kind, holds=request.visit.holds)
    act = next((act for act in acts if act.name == name), None)
    if act is None:
        raise Http404
    return act


def _parse_selection(request: DistrictRequest, listing: ListDefinition, schools: SchoolScope) -> ListQuery:
    """Parse the list query of a selection: the list's own with all rows, else the picked rows in its order."""
    listed = parse_query_parameters(QueryDict(request.GET.get("asked", "")), listing, schools=schools)
    if request.GET.get("all") != "1":
        listed = replace(listed, filters={}, search="", picked=tuple(dict.fromkeys(request.GET.getlist("pick"))))
    return narrow_for_visitor(request, listing, replace(listed, cursor=""))


def _describe_selection(
    listing: ListDefinition, act: SelectionAct, query: ListQuery, page: InventoryPage
) -> dict[str, object]:
    """Return the number of selected rows, of those that are gone, and of those that the page does not show."""
    return {
        "count": page.count,
        "gone": max(0, len(query.picked) - page.count) if query.picked else 0,
        "hidden": page.count - len(page.rows),
        "url": act.build_url(listing.kind, build_query_string(query)),
    }


urlpatterns = [
    path(f"{plural}/selected", show_selection, {"plural": plural}, name=f"{plural}-selected") for plural in KIND
]
