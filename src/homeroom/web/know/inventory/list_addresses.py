"""Addresses of inventory lists: the query of an address, and the address of a query."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from homeroom.apps.know.inventory.list_definitions import LISTINGS, ListDefinition
from homeroom.apps.know.inventory.masked_lists import may_filter_masked, may_sort_masked
from homeroom.apps.know.inventory.queries import ListQuery
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL, SchoolScope
from homeroom.web.shared.access import DistrictRequest

PLURAL = {"device": "devices", "person": "people", "account": "accounts"}
KIND = {plural: kind for kind, plural in PLURAL.items()}
TITLE = {
    "device": gettext_lazy("Devices"),
    "person": gettext_lazy("People"),
    "account": gettext_lazy("Accounts"),
}


def parse_list_query(request: DistrictRequest, listing: ListDefinition, *, schools: SchoolScope) -> ListQuery:
    """Parse the list query of an address; unknown parameters are ignored, and what the visitor may not read by."""
    return narrow_for_visitor(request, listing, parse_query_parameters(request.GET, listing, schools=schools))


def narrow_for_visitor(request: DistrictRequest, listing: ListDefinition, query: ListQuery) -> ListQuery:
    """Return a list query without what the visitor may not read by."""
    if request.visit.may_read_private:
        return query
    filters = {name: value for name, value in query.filters.items() if may_filter_masked(listing, name)}
    sort = query.sort if may_sort_masked(listing, query.sort) else ""
    return replace(query, filters=filters, sort=listing.get_sort(sort).name, masked=True)


def list_unused(parameters: QueryDict, listing: ListDefinition) -> list[Any]:
    """Return the labels of filters and of the order in an address that a masked list leaves out."""
    query = parse_query_parameters(parameters, listing, schools=EVERY_SCHOOL)
    unused = [
        item.label
        for item in listing.filters
        if item.name in query.filters and not may_filter_masked(listing, item.name)
    ]
    sort = listing.get_sort(query.sort)
    return unused if may_sort_masked(listing, sort.name) else [*unused, sort.label]


def parse_query_parameters(parameters: QueryDict, listing: ListDefinition, *, schools: SchoolScope) -> ListQuery:
    """Parse the list query of the parameters of an address; unknown ones are ignored."""
    values = {list_filter.name: parameters.get(list_filter.name, "").strip() for list_filter in listing.filters}
    sort = parameters.get("sort", "")
    return ListQuery(
        kind=listing.kind,
        schools=schools,
        filters={name: value for name, value in values.items() if value},
        search=parameters.get("q", "").strip(),
        sort=listing.get_sort(sort).name,
        down=parameters.get("down", "") == "1",
        cursor=parameters.get("at", ""),
        picked=tuple(dict.fromkeys(filter(None, parameters.getlist("pick")))),
    )


def build_query_string(query: ListQuery, **changed: str) -> str:
    """Return the query string of a list query with some parameters changed; empty ones are left out.

    A change starts at the first page.
    """
    parameters = {"q": query.search, **query.filters, "sort": query.sort, "down": "1" if query.down else ""}
    first = LISTINGS[query.kind].sorts[0].name
    pairs = [
        (name, value) for name, value in (parameters | changed).items() if value and (name, value) != ("sort", first)
    ]
    return urlencode([*pairs, *(("pick", public) for public in query.picked)])


def describe_query(query: ListQuery) -> dict[str, Any]:
    """Return a list query as the audit trail stores it.

    A search may be a student's name, so only its length is stored.
    """
    detail: dict[str, Any] = dict(query.filters)
    if query.search:
        detail["q"] = mask_search(query.search)
    if query.picked:
        detail["picked"] = len(query.picked)
    return detail


def mask_search(text: str) -> str:
    """Return what the audit trail stores of a typed search."""
    return f"{len(text)} characters"
