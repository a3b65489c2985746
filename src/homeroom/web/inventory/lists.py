"""Inventory lists of devices, people and accounts, searched, filtered, sorted and paged; and a search over all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import pgettext_lazy as worded

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.inventory.list_definitions import LISTINGS, FilterOperator, ListColumn, ListDefinition
from homeroom.apps.inventory.masked_lists import mask_sorts, may_filter_masked, may_sort_masked
from homeroom.apps.inventory.queries import (
    FilterChoices,
    InventoryPage,
    ListQuery,
    SearchMatches,
    count_subjects,
    filter_choices,
    get_page,
    get_projection,
    search_all,
)
from homeroom.apps.posture.catalog.labels import product_word
from homeroom.domain.district import District
from homeroom.domain.permissions.school_scope import EVERY_SCHOOL, SchoolScope
from homeroom.evidence.tables import Privacy
from homeroom.web.inventory.list_rows import build_lines, build_subject_url, mask_rows, select_default_columns
from homeroom.web.inventory.update_ends import build_update_picture
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.inventory_labels import format_field_value

PLURAL = {"device": "devices", "person": "people", "account": "accounts"}
KIND = {plural: kind for kind, plural in PLURAL.items()}
TITLE = {
    "device": gettext_lazy("Devices"),
    "person": gettext_lazy("People"),
    "account": gettext_lazy("Accounts"),
}
TRUTH_LABELS = {
    "yes": worded("filter", "Yes"),
    "no": worded("filter", "No"),
    "unknown": worded("filter", "Cannot tell"),
}
ALWAYS_OPEN_FILTERS = ("school", "kind", "missing", "withdrawn", "role")  # the others open on demand
MAX_CHOICES = 300  # values beyond which a filter is typed instead of chosen
_COLUMNS = "inventory-columns"


@district_view(permission="inventory.read")
def show_inventory(request: DistrictRequest, *, district: District, schools: SchoolScope) -> HttpResponse:
    """Show one search box over all three lists; an identifier of exactly one subject redirects to its page."""
    text = request.GET.get("q", "").strip()
    masked = not request.visit.may_read_private
    results = search_all(district=district, text=text, schools=schools, masked=masked) if text else {}
    only_match = _find_only_match(text, results)
    if only_match is not None:
        return redirect(build_subject_url(*only_match))
    rows = [row for matches in results.values() for row in matches.rows]
    log_list(request, action="search inventory", kind="", query={"q": _mask_search(text)}, rows=rows)
    context = {
        "q": text,
        "update_picture": {}
        if text or schools.is_limited
        else build_update_picture(district=district, this_year=request.visit.today.year),
        "masked": masked,
        "found": [
            _build_matches(district, kind, matches, text, masked=masked)
            for kind, matches in results.items()
            if matches.rows
        ],
        "totals": [
            {"title": TITLE[kind], "count": count, "url": reverse(PLURAL[kind])}
            for kind, count in count_subjects(district=district, schools=schools).items()
        ],
    }
    return render(request, "inventory/inventory.html", context)


def _find_only_match(text: str, results: Mapping[str, SearchMatches]) -> tuple[str, str] | None:
    """Return the kind and public id of the only match, or of the only one with a typed number or address; or None."""
    is_identifier = "@" in text or any(character.isdigit() for character in text)
    exact = [(kind, row.public) for kind, matches in results.items() for row in matches.rows[: matches.exact]]
    if is_identifier and len(exact) == 1:
        return exact[0]
    subjects = [(kind, row.public) for kind, matches in results.items() for row in matches.rows]
    return subjects[0] if len(subjects) == 1 else None


def _build_matches(district: District, kind: str, matches: SearchMatches, text: str, *, masked: bool) -> dict[str, Any]:
    """Return what the page shows of the best matches in one list, with the address of all of them if there are more."""
    listing = LISTINGS[kind]
    rows = mask_rows(listing, matches.rows, district=district) if masked else matches.rows
    lines = build_lines(listing, rows, select_default_columns(listing))
    all_url = f"{reverse(PLURAL[kind])}?{urlencode({'q': text})}" if matches.count > len(matches.rows) else ""
    return {"title": TITLE[kind], "count": matches.count, "lines": lines, "all_url": all_url}


@district_view(permission="inventory.read", methods=("GET", "POST"))
def show_list(request: DistrictRequest, *, district: District, schools: SchoolScope, plural: str) -> HttpResponse:
    """Show one list; a POST stores the columns to show in the session and changes nothing else."""
    listing = LISTINGS[KIND[plural]]
    if request.method == "POST":
        _store_columns(request, listing)
        return redirect(f"{reverse(plural)}?{request.POST.get('asked', '')}")
    query, columns = parse_list_query(request, listing, schools=schools), select_columns(request, listing)
    names = list(dict.fromkeys([*(column.name for column in columns), *_list_required_columns(listing)]))
    projection = get_projection(district)
    page = get_page(district=district, query=query, columns=names, projection=projection)
    masked = query.masked
    log_list(
        request,
        action=f"list {plural}",
        kind=listing.kind,
        query=describe_query(query),
        rows=page.rows,
        count=page.count,
    )
    choices = filter_choices(district=district, kind=listing.kind, schools=schools, projection=projection)
    if masked:
        page = replace(page, rows=mask_rows(listing, page.rows, district=district))
        choices = tuple(choice for choice in choices if may_filter_masked(listing, choice.name))
    context = _build_list_context(listing, query, columns, page, choices)
    context["unused"] = _list_unused(request.GET, listing) if masked else []
    return render(request, "inventory/list.html", context)


def parse_list_query(request: DistrictRequest, listing: ListDefinition, *, schools: SchoolScope) -> ListQuery:
    """Parse the list query of an address; unknown parameters are ignored, and what the visitor may not read by."""
    query = parse_query_parameters(request.GET, listing, schools=schools)
    if request.visit.may_read_private:
        return query
    filters = {name: value for name, value in query.filters.items() if may_filter_masked(listing, name)}
    sort = query.sort if may_sort_masked(listing, query.sort) else ""
    return replace(query, filters=filters, sort=listing.get_sort(sort).name, masked=True)


def _list_unused(parameters: QueryDict, listing: ListDefinition) -> list[Any]:
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
    )


def build_query_string(query: ListQuery, **changed: str) -> str:
    """Return the query string of a list query with some parameters changed; empty ones are left out.

    A change starts at the first page.
    """
    parameters = {"q": query.search, **query.filters, "sort": query.sort, "down": "1" if query.down else ""}
    first = LISTINGS[query.kind].sorts[0].name
    query_parameters = {
        name: value for name, value in (parameters | changed).items() if value and (name, value) != ("sort", first)
    }
    return urlencode(query_parameters)


def select_columns(request: DistrictRequest, listing: ListDefinition) -> tuple[ListColumn, ...]:
    """Return the columns that this person chose for this list in this session."""
    names = request.session.get(_COLUMNS, {}).get(listing.kind)
    return (
        tuple(column for column in listing.columns if column.name in (*names, "name"))
        if names
        else select_default_columns(listing)
    )


def _store_columns(request: DistrictRequest, listing: ListDefinition) -> None:
    names = [column.name for column in listing.columns if column.name in request.POST.getlist("column")]
    request.session[_COLUMNS] = request.session.get(_COLUMNS, {}) | {listing.kind: names}


def _list_required_columns(listing: ListDefinition) -> tuple[str, ...]:
    """Return the columns that a line needs besides the visible ones: its name, and whether it is a student's."""
    return ("name", "serial", "asset_tag", "holder_name") if listing.kind == "device" else ("name", "email", "kind")


def describe_query(query: ListQuery) -> dict[str, Any]:
    """Return a list query as the audit trail stores it.

    A search may be a student's name, so only its length is stored.
    """
    detail: dict[str, Any] = dict(query.filters)
    if query.search:
        detail["q"] = _mask_search(query.search)
    return detail


def _mask_search(text: str) -> str:
    return f"{len(text)} characters"


def log_list(
    request: DistrictRequest, *, action: str, kind: str, query: Mapping[str, Any], rows: Any, count: int | None = None
) -> None:
    """Log a list that shows students with its query and how many subjects it showed."""
    students = sum(1 for row in rows if row.values.get("kind") == "student" or row.values.get("holder_name"))
    if students:
        visit = request.visit
        detail = {"asked": dict(query), "shown": len(list(rows))} | ({"count": count} if count is not None else {})
        record_audit_entry(
            district=visit.district, at=visit.now, actor=visit.actor, action=action, subject_kind=kind, detail=detail
        )


def _build_list_context(
    listing: ListDefinition,
    query: ListQuery,
    columns: tuple[ListColumn, ...],
    page: InventoryPage,
    choices: tuple[FilterChoices, ...],
) -> dict[str, Any]:
    list_url = reverse(PLURAL[listing.kind])
    fields = [_build_filter_field(choice, query) for choice in choices]
    visible_fields = [field for field in fields if field["how"] != FilterOperator.SUBJECT]
    return {
        "shelf": listing,
        "title": TITLE[listing.kind],
        "tabs": [
            {"title": TITLE[kind], "url": reverse(plural), "here": kind == listing.kind}
            for kind, plural in PLURAL.items()
        ],
        "here": list_url,
        "asked": query,
        "narrowed": bool(query.filters or query.search),
        "always": [field for field in visible_fields if field["name"] in ALWAYS_OPEN_FILTERS],
        "more": [field for field in visible_fields if field["name"] not in ALWAYS_OPEN_FILTERS],
        "more_open": any(field["value"] for field in visible_fields if field["name"] not in ALWAYS_OPEN_FILTERS),
        "hidden": [field for field in fields if field["how"] == FilterOperator.SUBJECT and field["value"]],
        "chips": [_build_chip(list_url, field, query) for field in fields if field["value"]],
        "columns": columns,
        "all_columns": [{"column": column, "on": column in columns} for column in listing.columns],
        "sorts": [
            _build_sort_link(list_url, sort.name, sort.label, query)
            for sort in (mask_sorts(listing) if query.masked else listing.sorts)
        ],
        "lines": build_lines(listing, page.rows, columns),
        "masked": query.masked,
        "page": page,
        "later": page.after and f"{list_url}?{build_query_string(query, at=page.after)}",
        "earlier": page.before and f"{list_url}?{build_query_string(query, at=page.before)}",
        "csv": f"{reverse(f'{PLURAL[listing.kind]}-csv')}?{build_query_string(query)}",
        "address": build_query_string(query),
        "rollout": f"{reverse('rollout-new')}?{urlencode({'devices': build_query_string(query) or 'all=1'})}"
        if listing.kind == "device"
        else "",
        "elsewhere": f"{reverse('inventory')}?{urlencode({'q': query.search})}" if query.search else "",
        "student_columns": any(column.privacy is Privacy.STUDENT for column in columns),
    }


def _build_filter_field(choice: FilterChoices, query: ListQuery) -> dict[str, Any]:
    is_typed = choice.operator == FilterOperator.BELOW or len(choice.values) > MAX_CHOICES
    options = _build_options(choice.name, choice.operator, choice.values[:MAX_CHOICES], get_language())
    return {
        "name": choice.name,
        "label": choice.label,
        "how": choice.operator,
        "value": query.filters.get(choice.name, ""),
        "typed": is_typed,
        "options": options,
        "listed": _render_datalist(options)
        if is_typed
        else _render_select_options(options, query.filters.get(choice.name, "")),
    }


@lru_cache(maxsize=256)
def _build_options(
    name: str, filter_kind: str, values: tuple[str, ...], language: str | None
) -> tuple[tuple[str, str], ...]:
    """Return the values of a filter with their labels in a language.

    They are the same until the next load, page after page.
    """
    del language
    if filter_kind in (FilterOperator.LACKS, FilterOperator.CARRIES):
        return tuple((value, product_word(value)) for value in values)
    return tuple(
        (value, str(TRUTH_LABELS[value]) if filter_kind == FilterOperator.TRUTH else format_field_value(name, value))
        for value in values
    )


@lru_cache(maxsize=64)
def _render_datalist(options: tuple[tuple[str, str], ...]) -> SafeString:
    return format_html_join("", '<option value="{}"></option>', ((value,) for value, _ in options))


@lru_cache(maxsize=512)
def _render_select_options(options: tuple[tuple[str, str], ...], value: str) -> SafeString:
    """Render the choices of a filter, with the selected one marked."""
    rows = (
        (option_value, mark_safe(" selected") if option_value == value else "", label)
        for option_value, label in options
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def _build_chip(list_url: str, field: Mapping[str, Any], query: ListQuery) -> dict[str, Any]:
    """Return an active filter and the address without it."""
    label = dict(field["options"]).get(field["value"], field["value"])
    return {**field, "word": label, "without": f"{list_url}?{build_query_string(query, **{field['name']: ''})}"}


def _build_sort_link(list_url: str, name: str, label: Any, query: ListQuery) -> dict[str, Any]:
    """Return a sort link; the active one reverses the order."""
    is_active = name == query.sort
    down_value = "1" if is_active and not query.down else ""
    direction = gettext("falling") if query.down else gettext("rising")
    return {
        "label": label,
        "now": is_active,
        "said": direction if is_active else "",
        "url": f"{list_url}?{build_query_string(query, sort=name, down=down_value)}",
    }


urlpatterns = [
    path("inventory", show_inventory, name="inventory"),
    *(path(plural, show_list, {"plural": plural}, name=plural) for plural in KIND),
]
