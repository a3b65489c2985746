"""Masking of private values in messages: their shape, never their letters or digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MAX_SHOWN = 24
"""Maximum number of characters shown."""


def build_mask(column: pl.Expr) -> pl.Expr:
    """Show capitals as X, other letters as x, digits as 9, control characters as ?.

    The rest as it is, at most 24 characters.
    """
    shape = column.str.head(MAX_SHOWN).str.replace_all(r"\p{N}", "9").str.replace_all(r"[\p{Lu}\p{Lt}]", "X")
    return shape.str.replace_all(r"[[\p{L}\p{M}]&&[^X]]", "x").str.replace_all(r"\p{C}", "?")


def mask_value(value: str | None) -> str:
    """Return the same shape for one value; empty text for null."""
    import polars as pl  # here, since pages import this module and rarely mask a value

    return pl.select(build_mask(pl.lit(value or "", dtype=pl.String))).item() or ""
