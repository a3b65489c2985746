"""What pages ask of one subject of the inventory: itself, what belongs to it, and where an old id leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.apps.inventory.listings import LISTINGS
from homeroom.apps.inventory.models import LedgerMerge, in_generation
from homeroom.apps.inventory.queries import Row, projection_of, row_of
from homeroom.domain.ids import public_id, subject_of


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One subject as the inventory holds it: its number inside, its public id and every column of its list."""

    kind: str
    id: int
    public: str
    values: Mapping[str, Any]
    derived: str


def subject(*, district: Any, public: str) -> Subject | None:
    """The subject of a public id in the published generation, or None."""
    projection = projection_of(district)
    try:
        kind, number = subject_of(public)
        listing = LISTINGS[kind]
    except (ValueError, KeyError):
        return None
    rows = listing.model.objects.of(district).filter(in_generation(projection.generation), public=public)
    row = rows.values().first()
    if row is None:
        return None
    return Subject(kind=kind, id=number, public=public, values=row, derived=projection.derived)


def merged_into(*, district: Any, public: str) -> str | None:
    """Where an id leads that turned out to be another's: the public id that stands now, or None."""
    generation = projection_of(district).generation
    try:
        kind, number = subject_of(public)
    except ValueError:
        return None
    into: int | None = None
    for _ in range(100):  # merges of merges; a chain of a hundred would be a fault in the ledger
        rows = LedgerMerge.objects.of(district).filter(in_generation(generation), kind=kind, subject=into or number)
        found = rows.values_list("into", flat=True).first()
        if found is None:
            break
        into = found
    return None if into is None else public_id(kind, into)


def belonging_to(*, district: Any, person: int, most: int = 100) -> dict[str, tuple[Row, ...]]:
    """The accounts of a person, and the devices that the person holds."""
    generation = projection_of(district).generation
    accounts, devices = LISTINGS["account"], LISTINGS["device"]
    asked = {"account": (accounts, {"person": person}), "device": (devices, {"holder": person})}
    found = {}
    for kind, (listing, by) in asked.items():
        usual = [column.name for column in listing.shown if column.usual]
        rows = listing.model.objects.of(district).filter(in_generation(generation), **by).order_by("sort", "subject")
        found[kind] = tuple(row_of(row, usual) for row in rows.values("public", *usual)[:most])
    return found


def names_of(*, district: Any, kind: str, subject: int) -> Row | None:
    """One subject by its number inside, with the usual columns of its list; None where it is not in the generation."""
    listing = LISTINGS[kind]
    usual = [column.name for column in listing.shown if column.usual]
    rows = listing.model.objects.of(district).filter(in_generation(projection_of(district).generation))
    row = rows.filter(public=public_id(kind, subject)).values("public", *usual).first()
    return None if row is None else row_of(row, usual)
