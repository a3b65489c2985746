"""How a private value is shown where it must be pointed at but not told: its shape, never its letters or digits."""

from __future__ import annotations

import polars as pl

LONGEST = 24
"""Signs that are shown at most."""


def mask(column: pl.Expr) -> pl.Expr:
    """Capitals as X, other letters as x, digits as 9, control signs as ?; the rest as it is, at most 24 signs."""
    shape = column.str.head(LONGEST).str.replace_all(r"\p{N}", "9").str.replace_all(r"[\p{Lu}\p{Lt}]", "X")
    return shape.str.replace_all(r"[[\p{L}\p{M}]&&[^X]]", "x").str.replace_all(r"\p{C}", "?")


def masked(value: str | None) -> str:
    """The same shape of one value; empty text of null."""
    return pl.select(mask(pl.lit(value or "", dtype=pl.String))).item() or ""
