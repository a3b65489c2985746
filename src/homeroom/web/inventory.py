"""The inventory's lists: devices, people and accounts, searched, filtered, sorted and paged; and one search over all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import pgettext_lazy as worded

from homeroom.apps.audit.commands import record
from homeroom.apps.inventory.listings import LISTINGS, How, Listing, Shown
from homeroom.apps.inventory.queries import Ask, Choice, Page, choices_of, everywhere, page_of, projection_of, totals
from homeroom.apps.posture.words import product_word
from homeroom.evidence.tables import Privacy
from homeroom.web.access import district_view
from homeroom.web.areas import Place
from homeroom.web.inventory_lines import lines_of, subject_address, usual
from homeroom.web.inventory_words import value_word

PLACE = Place(order=3, title=gettext_lazy("Inventory"), name="inventory")
PLURAL = {"device": "devices", "person": "people", "account": "accounts"}
KIND = {plural: kind for kind, plural in PLURAL.items()}
TITLE = {
    "device": gettext_lazy("Devices"),
    "person": gettext_lazy("People"),
    "account": gettext_lazy("Accounts"),
}
TRUTH = {
    "yes": worded("filter", "Yes"),
    "no": worded("filter", "No"),
    "unknown": worded("filter", "Cannot tell"),
}
ALWAYS = ("school", "kind", "missing", "withdrawn", "role")  # the others open on demand
MANY = 300  # values beyond which a filter is typed instead of chosen
_COLUMNS = "inventory-columns"


@district_view()
def inventory(request: HttpRequest, *, district: Any) -> HttpResponse:
    """One search box over all three; an identifier of exactly one subject leads straight to its page."""
    text = request.GET.get("q", "").strip()
    found = everywhere(district=district, text=text) if text else {}
    met = [(kind, row) for kind, rows in found.items() for row in rows]
    if len(met) == 1:
        return redirect(subject_address(met[0][0], met[0][1].public))
    log_list(request, action="search inventory", kind="", asked={"q": _masked(text)}, rows=[row for _, row in met])
    given = {
        "q": text,
        "found": [
            {"title": TITLE[kind], "lines": lines_of(LISTINGS[kind], rows, usual(LISTINGS[kind]))}
            for kind, rows in found.items()
            if rows
        ],
        "totals": [
            {"title": TITLE[kind], "count": count, "url": reverse(PLURAL[kind])}
            for kind, count in totals(district=district).items()
        ],
        "any": bool(met),
    }
    return render(request, "inventory/inventory.html", given)


@district_view(changers=frozenset({"director", "technician", "auditor"}), methods=("GET", "POST"))
def listing(request: HttpRequest, *, district: Any, plural: str) -> HttpResponse:
    """One list. A POST keeps which columns to show in the session; it changes nothing else."""
    shelf = LISTINGS[KIND[plural]]
    if request.method == "POST":
        _keep_columns(request, shelf)
        return redirect(f"{reverse(plural)}?{request.POST.get('asked', '')}")
    asked, columns = asked_of(request, shelf), chosen_columns(request, shelf)
    names = list(dict.fromkeys([*(column.name for column in columns), *_needed(shelf)]))
    stands = projection_of(district)
    page = page_of(district=district, ask=asked, columns=names, projection=stands)
    log_list(request, action=f"list {plural}", kind=shelf.kind, asked=told(asked), rows=page.rows, count=page.count)
    choices = choices_of(district=district, kind=shelf.kind, projection=stands)
    return render(request, "inventory/list.html", _given(shelf, asked, columns, page, choices))


def asked_of(request: HttpRequest, shelf: Listing) -> Ask:
    """The question that an address asks; what it does not know is left out."""
    known = {one.name: request.GET.get(one.name, "").strip() for one in shelf.filters}
    sort = request.GET.get("sort", "")
    return Ask(
        kind=shelf.kind,
        filters={name: value for name, value in known.items() if value},
        search=request.GET.get("q", "").strip(),
        sort=shelf.sort(sort).name,
        down=request.GET.get("down", "") == "1",
        cursor=request.GET.get("at", ""),
    )


def address_of(asked: Ask, **changed: str) -> str:
    """The query string of a question, with some of it changed; what is empty is left out. A change starts at the top."""
    given = {"q": asked.search, **asked.filters, "sort": asked.sort, "down": "1" if asked.down else ""}
    first = LISTINGS[asked.kind].sorts[0].name
    kept = {name: value for name, value in (given | changed).items() if value and (name, value) != ("sort", first)}
    return urlencode(kept)


def chosen_columns(request: HttpRequest, shelf: Listing) -> tuple[Shown, ...]:
    """The columns that this person chose for this list in this session."""
    names = request.session.get(_COLUMNS, {}).get(shelf.kind)
    return tuple(column for column in shelf.shown if column.name in (*names, "name")) if names else usual(shelf)


def _keep_columns(request: HttpRequest, shelf: Listing) -> None:
    names = [column.name for column in shelf.shown if column.name in request.POST.getlist("column")]
    request.session[_COLUMNS] = request.session.get(_COLUMNS, {}) | {shelf.kind: names}


def _needed(shelf: Listing) -> tuple[str, ...]:
    """What a line needs beside its columns: something to be called by, and whether it is a pupil's."""
    return ("name", "serial", "asset_tag", "holder_name") if shelf.kind == "device" else ("name", "email", "kind")


def told(asked: Ask) -> dict[str, Any]:
    """A question as the audit trail keeps it: a search may be a pupil's name, so that only its length is kept."""
    kept: dict[str, Any] = dict(asked.filters)
    if asked.search:
        kept["q"] = _masked(asked.search)
    return kept


def _masked(text: str) -> str:
    return f"{len(text)} characters"


def log_list(
    request: HttpRequest, *, action: str, kind: str, asked: Mapping[str, Any], rows: Any, count: int | None = None
) -> None:
    """A list that shows pupils is logged as its question and how many it showed."""
    pupils = sum(1 for row in rows if row.values.get("kind") == "student" or row.values.get("holder_name"))
    if pupils:
        visit: Any = request.visit  # type: ignore[attr-defined]
        detail = {"asked": dict(asked), "shown": len(list(rows))} | ({"count": count} if count is not None else {})
        record(
            district=visit.district, at=visit.now, actor=visit.actor, action=action, subject_kind=kind, detail=detail
        )


def _given(
    shelf: Listing, asked: Ask, columns: tuple[Shown, ...], page: Page, choices: tuple[Choice, ...]
) -> dict[str, Any]:
    here = reverse(PLURAL[shelf.kind])
    fields = [_field(choice, asked) for choice in choices]
    shown_fields = [field for field in fields if field["how"] != How.SUBJECT]
    return {
        "shelf": shelf,
        "title": TITLE[shelf.kind],
        "tabs": [
            {"title": TITLE[kind], "url": reverse(plural), "here": kind == shelf.kind}
            for kind, plural in PLURAL.items()
        ],
        "here": here,
        "asked": asked,
        "narrowed": bool(asked.filters or asked.search),
        "always": [field for field in shown_fields if field["name"] in ALWAYS],
        "more": [field for field in shown_fields if field["name"] not in ALWAYS],
        "more_open": any(field["value"] for field in shown_fields if field["name"] not in ALWAYS),
        "hidden": [field for field in fields if field["how"] == How.SUBJECT and field["value"]],
        "chips": [_chip(here, field, asked) for field in fields if field["value"]],
        "columns": columns,
        "all_columns": [{"column": column, "on": column in columns} for column in shelf.shown],
        "sorts": [_sort(here, one.name, one.label, asked) for one in shelf.sorts],
        "lines": lines_of(shelf, page.rows, columns),
        "page": page,
        "later": page.after and f"{here}?{address_of(asked, at=page.after)}",
        "earlier": page.before and f"{here}?{address_of(asked, at=page.before)}",
        "csv": f"{reverse(f'{PLURAL[shelf.kind]}-csv')}?{address_of(asked)}",
        "address": address_of(asked),
        "elsewhere": f"{reverse('inventory')}?{urlencode({'q': asked.search})}" if asked.search else "",
        "student_columns": any(column.privacy is Privacy.STUDENT for column in columns),
    }


def _field(choice: Choice, asked: Ask) -> dict[str, Any]:
    typed = choice.how == How.BELOW or len(choice.values) > MANY
    options = _options(choice.name, choice.how, choice.values[:MANY], get_language())
    return {
        "name": choice.name,
        "label": choice.label,
        "how": choice.how,
        "value": asked.filters.get(choice.name, ""),
        "typed": typed,
        "options": options,
        "listed": _listed(options) if typed else _chosen(options, asked.filters.get(choice.name, "")),
    }


@lru_cache(maxsize=256)
def _options(name: str, how: str, values: tuple[str, ...], language: str | None) -> tuple[tuple[str, str], ...]:
    """The values of a filter with their words in a language. They are the same until the next load, page after page."""
    del language
    if how in (How.LACKS, How.CARRIES):
        return tuple((one, product_word(one)) for one in values)
    return tuple((one, str(TRUTH[one]) if how == How.TRUTH else value_word(name, one)) for one in values)


@lru_cache(maxsize=64)
def _listed(options: tuple[tuple[str, str], ...]) -> SafeString:
    return format_html_join("", '<option value="{}"></option>', ((one,) for one, _ in options))


@lru_cache(maxsize=512)
def _chosen(options: tuple[tuple[str, str], ...], value: str) -> SafeString:
    """The choices of a filter, the one in use marked."""
    rows = ((one, mark_safe(" selected") if one == value else "", word) for one, word in options)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def _chip(here: str, field: Mapping[str, Any], asked: Ask) -> dict[str, Any]:
    """A chosen filter, and the address without it."""
    word = dict(field["options"]).get(field["value"], field["value"])
    return {**field, "word": word, "without": f"{here}?{address_of(asked, **{field['name']: ''})}"}


def _sort(here: str, name: str, label: Any, asked: Ask) -> dict[str, Any]:
    """A sort link; the one in use turns the order."""
    now = name == asked.sort
    turned = "1" if now and not asked.down else ""
    said = gettext("falling") if asked.down else gettext("rising")
    return {
        "label": label,
        "now": now,
        "said": said if now else "",
        "url": f"{here}?{address_of(asked, sort=name, down=turned)}",
    }


urlpatterns = [
    path("inventory", inventory, name="inventory"),
    *(path(plural, listing, {"plural": plural}, name=plural) for plural in KIND),
]
