"""Free text about the location of a device: carts, spares, storage and repair."""

from __future__ import annotations

import polars as pl

_CART = r"(?i)\bcart\b"
_SLOT = r"(?i)[\s,;:/-]*\b(slot|bay|position|pos|shelf|unit)\b\.?\s*#?\s*\w+\s*$|[\s,;:-]*#\s*\d+\s*$"
_STATES: tuple[tuple[str, str], ...] = (
    ("repair", r"(?i)\b(repair|repairs|rma|repair center|diagnostics)\b"),
    ("storage", r"(?i)\b(storage|storeroom|warehouse|stockroom|supply closet)\b"),
    ("spare", r"(?i)\bspares?\b"),
)
_PAST = r"(?i)\b(returned|done|complete|completed|fixed|back|closed|repaired|was|former)\b"
"""Notes record history: a note with one of these words means that the repair or storage is over."""


def extract_cart(*, location: pl.Expr, org_unit: pl.Expr) -> pl.Expr:
    """Return the cart's name: the location without a slot, else the part of the unit path that names a cart.

    `Lincoln Cart 12, slot 4` gives `Lincoln Cart 12`; `/Students/Lincoln/Media Cart B` gives `Media Cart B`; null else.
    Carts of two schools may have the same name: group by school or unit as well.
    """
    cart_location = pl.when(location.str.contains(_CART)).then(location.str.replace(_SLOT, "").str.strip_chars(" ,;:-"))
    return pl.coalesce(cart_location, org_unit.str.extract(r"(?i)([^/]*\bcart\b[^/]*)").str.strip_chars())


def classify_storage(*, location: pl.Expr, org_unit: pl.Expr, notes: pl.Expr) -> pl.Expr:
    """Return repair, storage or spare by the words of the location, the notes or the unit; null else."""
    current = pl.when(~notes.str.contains(_PAST)).then(notes)
    combined = pl.concat_str(location, org_unit, current, separator=" | ", ignore_nulls=True)
    return pl.coalesce(pl.when(combined.str.contains(pattern)).then(pl.lit(state)) for state, pattern in _STATES)
