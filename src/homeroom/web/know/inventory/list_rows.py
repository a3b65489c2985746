"""Lines of the inventory's tables: a subject's name with its address, and its rendered cells.

A page has four hundred cells, and a template that looks up the text, class and label of each one takes half of the
page's time. So a cell is rendered once for each value of its column, here, and a line is the concatenation of its
cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from homeroom.apps.know.inventory.list_definitions import ListColumn, ListDefinition
from homeroom.apps.know.inventory.masked_lists import list_named_devices
from homeroom.apps.know.inventory.queries import InventoryRow
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.platform.district import District
from homeroom.evidence.tables import Privacy
from homeroom.web.shared.inventory_labels import format_field_value
from homeroom.web.templatetags.homeroom import shown

_ColumnHead = tuple[str, str, dict[Any, SafeString]]  # a column, its label, and the cells of the values met so far


def select_default_columns(listing: ListDefinition) -> tuple[ListColumn, ...]:
    """Return the columns that are shown until the user chooses others."""
    return tuple(column for column in listing.columns if column.usual)


def build_lines(
    listing: ListDefinition, rows: Iterable[InventoryRow], columns: tuple[ListColumn, ...]
) -> list[dict[str, Any]]:
    """Return rows as `inventory/_lines.html` expects them.

    Each has `name` with its `url`, the `heads` of the other columns, and their `cells`.
    """
    heads: list[_ColumnHead] = [(column.name, str(column.label), {}) for column in columns if column.name != "name"]
    labels = [label for _, label, _ in heads]
    return [{**_build_line(listing, row, heads), "heads": labels} for row in rows]


def mask_rows(listing: ListDefinition, rows: Iterable[InventoryRow], *, district: District) -> tuple[InventoryRow, ...]:
    """Return rows with columns about students masked, as in the file of the same list; names are the public ids.

    A device has its name where nobody has it, or staff do, and no name otherwise: it may be a student's.
    """
    rows = tuple(rows)
    named = list_named_devices([row.public for row in rows], district=district) if listing.kind == "device" else ()
    return tuple(
        replace(row, values=mask_values(listing, row.values, public=row.public, is_named=row.public in named))
        for row in rows
    )


def mask_values(
    listing: ListDefinition, values: Mapping[str, Any], *, public: str, is_named: bool = False
) -> dict[str, Any]:
    """Return values of a row with those about students masked; a masked name is the public id, of a device empty."""
    if listing.kind == "device" and not is_named and "name" in values:
        values = {**values, "name": ""}
    private = {column.name for column in listing.columns if column.privacy is Privacy.STUDENT}
    masked = {
        name: gettext("masked") if name in private and value not in (None, "") else value
        for name, value in values.items()
    }
    return masked | ({"name": public} if "name" in private & values.keys() else {})


def build_subject_url(kind: str, public: str) -> str:
    """Return the address of a subject's page; `public` is its opaque id, which needs no quoting."""
    return _build_url_prefix(kind, get_script_prefix()) + public


def convert_for_display(name: str, value: Any) -> Any:
    """Convert a value for display: sources to a list, a blank to None."""
    if name == "sources":
        return value.split()
    return None if value == "" else value


@lru_cache(maxsize=64)
def _build_url_prefix(kind: str, prefix: str) -> str:
    """Return the part before the id in a subject's address, under a district's own prefix."""
    del prefix  # which `reverse` puts before the address itself
    return reverse(kind, kwargs={"public": "-"}).removesuffix("-")


def _build_line(listing: ListDefinition, row: InventoryRow, heads: list[_ColumnHead]) -> dict[str, Any]:
    values = row.values
    names = ("name", "serial", "asset_tag") if listing.kind == "device" else ("name", "email")
    display_name = next((values[name] for name in names if values.get(name)), row.public)
    cells = []
    for name, label, cells_by_value in heads:
        value = values[name]
        cell = cells_by_value.get(value)
        if cell is None:
            cell = cells_by_value[value] = _render_cell(name, label, value)
        cells.append(cell)
    return {
        "name": display_name,
        "public": row.public,
        "url": build_subject_url(listing.kind, row.public),
        "cells": mark_safe("".join(cells)),  # noqa: S308
    }


def _render_cell(name: str, label: str, value: Any) -> SafeString:
    display_value = format_field_value(name, convert_for_display(name, value))
    text = ", ".join(map(product_word, display_value)) if name == "sources" else shown(display_value)
    css = f"c-{name}{'' if text else ' none'}"
    return format_html('<td data-label="{}" class="{}"><span>{}</span></td>', label, css, text or "–")
