"""What the status words of asset lists say: a district makes up its own, so they are read by the words in them."""

from __future__ import annotations

import polars as pl

WORDS: tuple[tuple[str, str], ...] = (
    ("lost", r"(?i)\b(lost|stolen|missing|perdue?|volée?)\b"),
    (
        "retired",
        r"(?i)retired|dispos|surplus|recycl|\bsold\b|donated|decommission|archived|scrap|written off|e-?waste|auction"
        r"|end of life|rebut|réformée?\b|hors service",
    ),
    ("repair", r"(?i)\brepair|diagnos|\bbroken\b|damaged|\brma\b|réparation|en panne"),
    ("storage", r"(?i)\b(storage|stock|warehouse|storeroom|réserve)\b"),
    ("spare", r"(?i)\bspares?\b|de rechange"),
    ("active", r"(?i)deployed|in use|in service|checked out|\bactive\b|assigned|issued|available|loaner|en service"),
)
"""First that fits wins, in English and French."""


def status(column: pl.Expr) -> pl.Expr:
    """active, spare, storage, repair, lost or retired; null where the words say none of them."""
    return pl.coalesce(pl.when(column.str.contains(pattern)).then(pl.lit(name)) for name, pattern in WORDS)
