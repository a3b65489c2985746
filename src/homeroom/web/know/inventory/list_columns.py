"""The columns that a person chose for an inventory list, and the headings that sort it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from homeroom.apps.know.inventory.list_definitions import ListColumn, ListDefinition
from homeroom.apps.know.inventory.masked_lists import mask_sorts
from homeroom.apps.know.inventory.queries import ListQuery
from homeroom.web.know.inventory.list_addresses import build_query_string
from homeroom.web.know.inventory.list_rows import select_default_columns
from homeroom.web.shared.access import DistrictRequest

_COLUMNS = "inventory-columns"


@dataclass(frozen=True, kw_only=True)
class SortHeading:
    """The heading of a column; `url` sorts the list by it, or reverses that order, and is empty if nothing does.

    `direction` is the value of `aria-sort` if the list is in the order of the column, else empty.
    """

    name: str
    label: Any
    url: str = ""
    direction: str = ""


def select_columns(request: DistrictRequest, listing: ListDefinition) -> tuple[ListColumn, ...]:
    """Return the columns that this person chose for this list in this session."""
    names = request.session.get(_COLUMNS, {}).get(listing.kind)
    return (
        tuple(column for column in listing.columns if column.name in (*names, "name"))
        if names
        else select_default_columns(listing)
    )


def store_columns(request: DistrictRequest, listing: ListDefinition) -> None:
    """Store the posted columns for this session."""
    choose_columns(request, listing, request.POST.getlist("column"))


def choose_columns(request: DistrictRequest, listing: ListDefinition, chosen: Collection[str]) -> None:
    """Show these columns of a list in this session; names that the list does not have are ignored."""
    names = [column.name for column in listing.columns if column.name in chosen]
    request.session[_COLUMNS] = request.session.get(_COLUMNS, {}) | {listing.kind: names}


def list_read_columns(listing: ListDefinition, columns: Iterable[ListColumn]) -> list[str]:
    """Return the columns to read for visible ones: a line needs its name too, and whether it is about a student."""
    required = ("name", "serial", "asset_tag", "holder_name") if listing.kind == "device" else ("name", "email", "kind")
    return list(dict.fromkeys([*(column.name for column in columns), *required]))


def build_headings(
    list_url: str, listing: ListDefinition, columns: tuple[ListColumn, ...], query: ListQuery
) -> list[SortHeading]:
    """Return the headings of a list: that of names, then those of the other columns."""
    sorts = {sort.name: sort.label for sort in (mask_sorts(listing) if query.masked else listing.sorts)}
    labels = {"name": sorts["name"], **{column.name: column.label for column in columns if column.name != "name"}}
    return [
        _build_heading(list_url, query, name, label) if name in sorts else SortHeading(name=name, label=label)
        for name, label in labels.items()
    ]


def _build_heading(list_url: str, query: ListQuery, name: str, label: Any) -> SortHeading:
    is_active = name == query.sort
    down = "1" if is_active and not query.down else ""
    active_direction = "descending" if query.down else "ascending"
    return SortHeading(
        name=name,
        label=label,
        url=f"{list_url}?{build_query_string(query, sort=name, down=down)}",
        direction=active_direction if is_active else "",
    )
