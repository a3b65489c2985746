"""Inventory lists of devices, people and accounts, searched, filtered, sorted and paged; and a search over all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import pgettext_lazy as worded

from homeroom.apps.know.inventory.list_definitions import LISTINGS, FilterOperator, ListColumn, ListDefinition
from homeroom.apps.know.inventory.masked_lists import may_filter_masked
from homeroom.apps.know.inventory.queries import (
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
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.tables import Privacy
from homeroom.web.know.inventory.device_ages import build_age_picture
from homeroom.web.know.inventory.list_addresses import (
    KIND,
    PLURAL,
    TITLE,
    build_query_string,
    describe_query,
    list_unused,
    mask_search,
    parse_list_query,
)
from homeroom.web.know.inventory.list_columns import build_headings, list_read_columns, select_columns, store_columns
from homeroom.web.know.inventory.list_rows import build_lines, build_subject_url, mask_rows, select_default_columns
from homeroom.web.know.inventory.saved_views import list_view_links
from homeroom.web.know.inventory.search_sections import match_findings, match_pages
from homeroom.web.know.inventory.selection_acts import list_selection_acts
from homeroom.web.know.inventory.update_ends import build_update_picture
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.inventory_labels import format_field_value

TRUTH_LABELS = {
    "yes": worded("filter", "Yes"),
    "no": worded("filter", "No"),
    "unknown": worded("filter", "Unknown"),
}
ALWAYS_OPEN_FILTERS = ("school", "kind", "missing", "withdrawn", "role")  # the others open on demand
MAX_CHOICES = 300  # values beyond which a filter is typed instead of chosen


@district_view(permission="inventory.read")
def show_inventory(request: DistrictRequest, *, district: District, schools: SchoolScope) -> HttpResponse:
    """Show one search box over all three lists, findings and pages.

    An identifier of exactly one subject redirects to its page, as does the only match of any kind.
    """
    text = request.GET.get("q", "").strip()
    masked = not request.visit.may_read_private
    results = search_all(district=district, text=text, schools=schools, masked=masked) if text else {}
    findings, pages = match_findings(request.visit, district=district, text=text), match_pages(request.visit, text=text)
    only_match = _find_only_match(text, results, has_others=bool(findings.findings or pages))
    if only_match is not None:
        return redirect(build_subject_url(*only_match))
    rows = [row for matches in results.values() for row in matches.rows]
    log_list(request, action="search inventory", kind="", query={"q": mask_search(text)}, rows=rows)
    context = {
        "q": text,
        "update_picture": {}
        if text or schools.is_limited
        else build_update_picture(district=district, today=request.visit.today),
        "age_picture": {}
        if text or schools.is_limited
        else build_age_picture(district=district, today=request.visit.today),
        "masked": masked,
        "findings": findings,
        "pages": pages,
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


def _find_only_match(text: str, results: Mapping[str, SearchMatches], *, has_others: bool) -> tuple[str, str] | None:
    """Return the kind and public id of the only match, or of the only one with a typed number or address; or None.

    The only subject is not the only match if there are others: findings or pages.
    """
    is_identifier = "@" in text or any(character.isdigit() for character in text)
    exact = [(kind, row.public) for kind, matches in results.items() for row in matches.rows[: matches.exact]]
    if is_identifier and len(exact) == 1:
        return exact[0]
    subjects = [(kind, row.public) for kind, matches in results.items() for row in matches.rows]
    return subjects[0] if len(subjects) == 1 and not has_others else None


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
        store_columns(request, listing)
        return redirect(f"{reverse(plural)}?{request.POST.get('asked', '')}")
    query, columns = parse_list_query(request, listing, schools=schools), select_columns(request, listing)
    names = list_read_columns(listing, columns)
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
    context["acts"] = list_selection_acts(listing.kind, holds=request.visit.holds)
    context["views"] = list_view_links(request.visit, listing)
    context["view_save"] = reverse(f"{plural}-view-save") if request.visit.holds("inventory.save_views") else ""
    context["unused"] = list_unused(request.GET, listing) if masked else []
    return render(request, "inventory/list.html", context)


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
        "narrowed": bool(query.filters or query.search or query.picked),
        "always": [field for field in visible_fields if field["name"] in ALWAYS_OPEN_FILTERS],
        "more": [field for field in visible_fields if field["name"] not in ALWAYS_OPEN_FILTERS],
        "more_open": any(field["value"] for field in visible_fields if field["name"] not in ALWAYS_OPEN_FILTERS),
        "hidden": [field for field in fields if field["how"] == FilterOperator.SUBJECT and field["value"]],
        "chips": [_build_chip(list_url, field, query) for field in fields if field["value"]],
        "columns": columns,
        "all_columns": [{"column": column, "on": column in columns} for column in listing.columns],
        "headings": build_headings(list_url, listing, columns, query),
        "lines": build_lines(listing, page.rows, columns),
        "picked": len(query.picked),
        "unpicked": f"{list_url}?{build_query_string(replace(query, picked=()))}",
        "selected": reverse(f"{PLURAL[listing.kind]}-selected"),
        "masked": query.masked,
        "page": page,
        "later": page.after and f"{list_url}?{build_query_string(query, at=page.after)}",
        "earlier": page.before and f"{list_url}?{build_query_string(query, at=page.before)}",
        "csv": f"{reverse(f'{PLURAL[listing.kind]}-csv')}?{build_query_string(query)}",
        "address": build_query_string(query),
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


urlpatterns = [
    path("inventory", show_inventory, name="inventory"),
    *(path(plural, show_list, {"plural": plural}, name=plural) for plural in KIND),
]
