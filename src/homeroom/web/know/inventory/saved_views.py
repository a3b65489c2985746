"""Saved views of inventory lists: opening, saving and deleting them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.know.inventory.list_definitions import LISTINGS, FilterOperator, ListDefinition
from homeroom.apps.know.inventory.queries import ListQuery
from homeroom.apps.platform.saved_views.commands import SavedViewRefused, ViewDraft, delete_view, save_view
from homeroom.apps.platform.saved_views.queries import ListView, find_view, list_views
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.web.know.inventory.list_addresses import KIND, build_query_string, parse_query_parameters
from homeroom.web.know.inventory.list_columns import choose_columns, select_columns
from homeroom.web.shared.access import DistrictRequest, Visit, district_view


def list_view_links(visit: Visit, listing: ListDefinition) -> list[dict[str, Any]]:
    """Return the views of a list that the visitor opens, with the addresses that open and delete each."""
    if not visit.holds("inventory.save_views"):
        return []
    shared = _has_shared_views(visit)
    views = list_views(district=visit.district, kind=listing.kind, actor=visit.actor, with_shared=shared)
    return [
        {
            "name": view.name,
            "shared": view.shared,
            "url": reverse("list-view", kwargs={"number": view.id}),
            "delete_url": reverse("list-view-delete", kwargs={"number": view.id}) if _may_delete(visit, view) else "",
        }
        for view in views
    ]


@district_view(permission="inventory.save_views")
def open_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Open a view: its list with its columns, filters and order."""
    saved = _get_view_or_404(request, district, number)
    choose_columns(request, LISTINGS[saved.kind], saved.columns)
    return redirect(_build_view_url(saved))


@district_view(permission="inventory.save_views", methods=("POST",))
def save_view_view(request: DistrictRequest, *, district: District, plural: str) -> HttpResponse:
    """Save the list of the posted address under a name, and open the list again."""
    listing, visit = LISTINGS[KIND[plural]], request.visit
    query = parse_query_parameters(QueryDict(request.POST.get("asked", "")), listing, schools=EVERY_SCHOOL)
    query_string = build_query_string(query)
    draft = ViewDraft(
        kind=listing.kind,
        name=request.POST.get("name", ""),
        query=parse_qsl(query_string),
        columns=[column.name for column in select_columns(request, listing)],
        shared=request.POST.get("shared") == "1" and visit.holds("inventory.share_views"),
        is_personal=_may_name_person(listing, query),
    )
    try:
        name = save_view(district=district, draft=draft, actor=visit.actor, at=visit.now)
    except SavedViewRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("View saved: %(name)s") % {"name": name})
    return redirect(f"{reverse(plural)}?{query_string}")


@district_view(permission="inventory.save_views", methods=("POST",))
def delete_view_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Delete a view of the visitor's own, or a shared one with the permission to share."""
    saved = _get_view_or_404(request, district, number)
    if not _may_delete(request.visit, saved):
        raise Http404
    address = _build_view_url(saved)
    delete_view(district=district, view=saved.id, actor=request.visit.actor, at=request.visit.now)
    messages.success(request, gettext("View deleted: %(name)s") % {"name": saved.name})
    return redirect(address)


def _get_view_or_404(request: DistrictRequest, district: District, number: int) -> ListView:
    visit = request.visit
    saved = find_view(district=district, view=number, actor=visit.actor, with_shared=_has_shared_views(visit))
    if saved is None:
        raise Http404
    return saved


def _has_shared_views(visit: Visit) -> bool:
    """Check whether the visitor sees shared views, which may name schools: members of some schools do not."""
    return not visit.schools


def _may_delete(visit: Visit, view: ListView) -> bool:
    return view.owner == visit.actor or visit.holds("inventory.share_views")


def _may_name_person(listing: ListDefinition, query: ListQuery) -> bool:
    """Check whether a query may name a person: by what is typed, by selected rows, or as the person of a row."""
    by_subject = {item.name for item in listing.filters if item.operator is FilterOperator.SUBJECT}
    return bool(query.search or query.picked or by_subject & query.filters.keys())


def _build_view_url(view: ListView) -> str:
    plural = next(plural for plural, kind in KIND.items() if kind == view.kind)
    return f"{reverse(plural)}?{urlencode(view.query)}"


urlpatterns = [
    *(path(f"{plural}/views", save_view_view, {"plural": plural}, name=f"{plural}-view-save") for plural in KIND),
    path("inventory/views/<int:number>", open_view, name="list-view"),
    path("inventory/views/<int:number>/delete", delete_view_view, name="list-view-delete"),
]
