"""The lines of the inventory's tables: a subject's name with its address, and its cells as the page holds them.

A page has four hundred cells, and a template that asks for each one's text, class and label spends half of the page's time on
that. So a cell is made once for each value of its column, here, and a line is its cells one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from homeroom.apps.inventory.listings import Listing, Shown
from homeroom.apps.inventory.queries import Row
from homeroom.apps.posture.words import product_word
from homeroom.web.inventory_words import value_word
from homeroom.web.templatetags.homeroom import shown

_Head = tuple[str, str, dict[Any, SafeString]]  # a column, its label, and the cells of the values met so far


def usual(shelf: Listing) -> tuple[Shown, ...]:
    """The columns that are shown until somebody chooses others."""
    return tuple(column for column in shelf.shown if column.usual)


def lines_of(shelf: Listing, rows: Iterable[Row], columns: tuple[Shown, ...]) -> list[dict[str, Any]]:
    """Rows as `inventory/_lines.html` shows them: `name` with its `url`, the `heads` of the other columns, and their `cells`."""
    heads: list[_Head] = [(one.name, str(one.label), {}) for one in columns if one.name != "name"]
    labels = [label for _, label, _ in heads]
    return [{**_line(shelf, row, heads), "heads": labels} for row in rows]


def subject_address(kind: str, public: str) -> str:
    """The address of a subject's page; `public` is its opaque id, which needs no quoting."""
    return _before(kind, get_script_prefix()) + public


def shown_value(name: str, value: Any) -> Any:
    """A value for a person: sources as a list, blank as nothing."""
    if name == "sources":
        return value.split()
    return None if value == "" else value


@lru_cache(maxsize=64)
def _before(kind: str, prefix: str) -> str:
    """What stands before the id in a subject's address, under a district's own prefix."""
    del prefix  # which `reverse` puts before the address itself
    return reverse(kind, kwargs={"public": "-"}).removesuffix("-")


def _line(shelf: Listing, row: Row, heads: list[_Head]) -> dict[str, Any]:
    values = row.values
    names = ("name", "serial", "asset_tag") if shelf.kind == "device" else ("name", "email")
    called = next((values[name] for name in names if values.get(name)), row.public)
    cells = []
    for name, label, met in heads:
        value = values[name]
        cell = met.get(value)
        if cell is None:
            cell = met[value] = _cell(name, label, value)
        cells.append(cell)
    return {"name": called, "url": subject_address(shelf.kind, row.public), "cells": mark_safe("".join(cells))}  # noqa: S308  (each is escaped)


def _cell(name: str, label: str, value: Any) -> SafeString:
    said = value_word(name, shown_value(name, value))
    text = ", ".join(map(product_word, said)) if name == "sources" else shown(said)
    css = f"c-{name}{'' if text else ' none'}"
    return format_html('<td data-label="{}" class="{}"><span>{}</span></td>', label, css, text or "–")
