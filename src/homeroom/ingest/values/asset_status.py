"""Status words of asset lists: each district has its own, so they are recognized by the words in them."""

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
"""The first that matches wins, in English and French."""


def classify_status(column: pl.Expr) -> pl.Expr:
    """Return active, spare, storage, repair, lost or retired; null if no word matches."""
    return pl.coalesce(pl.when(column.str.contains(pattern)).then(pl.lit(name)) for name, pattern in WORDS)
