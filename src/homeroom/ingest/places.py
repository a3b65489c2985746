"""What people write about where a device is: carts, spares, storage and repair, read from free text."""

from __future__ import annotations

import polars as pl

_CART = r"(?i)\bcart\b"
_SLOT = r"(?i)[\s,;:/-]*\b(slot|bay|position|pos|shelf|unit)\b\.?\s*#?\s*\w+\s*$|[\s,;:-]*#\s*\d+\s*$"
_STATES: tuple[tuple[str, str], ...] = (
    ("repair", r"(?i)\b(repair|repairs|rma|repair center|diagnostics)\b"),
    ("storage", r"(?i)\b(storage|storeroom|warehouse|stockroom|supply closet)\b"),
    ("spare", r"(?i)\bspares?\b"),
)
_OVER = r"(?i)\b(returned|done|complete|completed|fixed|back|closed|repaired|was|former)\b"
"""Notes tell history: a note with one of these words says that the repair or storage is over."""


def cart(*, location: pl.Expr, org_unit: pl.Expr) -> pl.Expr:
    """The cart's name: the location without a slot where it speaks of a cart, else the unit path's part that does.

    `Lincoln Cart 12, slot 4` gives `Lincoln Cart 12`; `/Students/Lincoln/Media Cart B` gives `Media Cart B`; null else.
    Carts of two schools may have the same name: group by school or unit as well.
    """
    place = pl.when(location.str.contains(_CART)).then(location.str.replace(_SLOT, "").str.strip_chars(" ,;:-"))
    return pl.coalesce(place, org_unit.str.extract(r"(?i)([^/]*\bcart\b[^/]*)").str.strip_chars())


def resting(*, location: pl.Expr, org_unit: pl.Expr, notes: pl.Expr) -> pl.Expr:
    """repair, storage or spare where the location, the notes or the unit say so; null else."""
    current = pl.when(~notes.str.contains(_OVER)).then(notes)
    said = pl.concat_str(location, org_unit, current, separator=" | ", ignore_nulls=True)
    return pl.coalesce(pl.when(said.str.contains(pattern)).then(pl.lit(state)) for state, pattern in _STATES)
