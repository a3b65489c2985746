"""Queries for one subject of the inventory: its values, its accounts and devices, and where an old id leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.models import LedgerMerge, build_generation_condition
from homeroom.apps.know.inventory.queries import InventoryRow, build_inventory_row, get_projection, list_rows_of
from homeroom.apps.know.inventory.school_rows import hide_other_holders
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope


@dataclass(frozen=True, kw_only=True)
class InventorySubject:
    """One subject of the inventory: its internal number, its public id and every column of its list.

    `is_holder_hidden` if it is a device that somebody has whom the reader does not see.
    """

    kind: str
    id: int
    public: str
    values: Mapping[str, Any]
    derived: str
    is_holder_hidden: bool = False


def find_subject(*, district: District, public: str, schools: SchoolScope) -> InventorySubject | None:
    """Return the subject of a public id in the published generation, or None; None if it is of another school."""
    projection = get_projection(district)
    try:
        kind, number = parse_public_id(public)
        definition = LISTINGS[kind]
    except (ValueError, KeyError):
        return None
    rows = definition.model.objects.of(district).filter(
        build_generation_condition(projection.generation), public=public
    )
    row = cast("dict[str, Any] | None", rows.values().first())
    if row is None or not schools.includes(row["school"]):
        return None
    is_holder_hidden = False
    if kind == "device":
        (seen,) = hide_other_holders([row], district=district, generation=projection.generation, schools=schools)
        is_holder_hidden = (seen["holder"], seen["holder_name"]) != (row["holder"], row["holder_name"])
        row = seen
    return InventorySubject(
        kind=kind,
        id=number,
        public=public,
        values=row,
        derived=projection.derived,
        is_holder_hidden=is_holder_hidden,
    )


def find_merge_target(*, district: District, public: str) -> str | None:
    """Return the current public id that a merged id leads to, or None; it may be of any school."""
    generation = get_projection(district).generation
    try:
        kind, number = parse_public_id(public)
    except ValueError:
        return None
    target: int | None = None
    for _ in range(100):  # merges of merges; a chain of a hundred would be a fault in the ledger
        rows = LedgerMerge.objects.of(district).filter(
            build_generation_condition(generation), kind=kind, subject=target or number
        )
        next_target = rows.values_list("into", flat=True).first()
        if next_target is None:
            break
        target = next_target
    return None if target is None else format_public_id(kind, target)


def list_belongings(
    *, district: District, person: int, schools: SchoolScope, limit: int = 100
) -> dict[str, tuple[InventoryRow, ...]]:
    """Return the accounts of a person, and the devices that the person holds, as far as they are of the schools."""
    generation = get_projection(district).generation
    accounts, devices = LISTINGS["account"], LISTINGS["device"]
    lists = {"account": (accounts, {"person": person}), "device": (devices, {"holder": person})}
    result = {}
    for kind, (definition, condition) in lists.items():
        column_names = [column.name for column in definition.columns if column.usual]
        rows = (
            definition.model.objects.of(district)
            .filter(build_generation_condition(generation), **condition)
            .order_by("sort", "subject")
        )
        seen = (row for row in rows.values("public", *column_names) if schools.includes(row["school"]))
        result[kind] = tuple(build_inventory_row(row, column_names) for row in islice(seen, limit))
    return result


def find_subject_row(*, district: District, kind: str, subject: int, schools: SchoolScope) -> InventoryRow | None:
    """Return one subject by its internal number with the usual columns of its list.

    None if it is not current or of another school.
    """
    column_names = [column.name for column in LISTINGS[kind].columns if column.usual]
    rows = list_rows_of(district=district, kind=kind, subjects=[subject], columns=column_names, schools=schools)
    return next(iter(rows), None)
