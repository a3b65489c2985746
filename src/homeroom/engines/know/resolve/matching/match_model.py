"""A match model: comparisons of two records, with the bits that each level adds."""

from __future__ import annotations

from dataclasses import dataclass

LEAD_BITS = 5
"""Bits by which a pair must lead every other pair of either side to be joined at `alone` bits."""
MIN_POPULATION = 4096
"""The minimum population for rarity and prior: in a list of ten every name is rare."""


@dataclass(frozen=True, kw_only=True)
class ComparisonLevel:
    """One degree of agreement.

    `condition` is SQL over the pair `p` and the profiles `a` and `b`; `bits` are added where it holds, at most those of
    the column or expression `rarity`.
    """

    reason: str
    condition: str
    bits: float
    rarity: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One attribute in which two records may agree or differ."""

    name: str
    levels: tuple[ComparisonLevel, ...]


@dataclass(frozen=True, kw_only=True)
class MatchModel:
    """How one kind is scored: its comparisons, and the bits from which a pair is joined, joined alone, or reviewed."""

    kind: str
    comparisons: tuple[Comparison, ...]
    join: float
    alone: float
    review: float
    margin: float
    prior: bool


def build_comparison(name: str, *levels: tuple[str, str, float] | tuple[str, str, float, str]) -> Comparison:
    """Build a comparison from its levels: (reason, SQL condition, bits), and SQL that caps the bits."""
    return Comparison(
        name=name,
        levels=tuple(
            ComparisonLevel(reason=row[0], condition=row[1], bits=row[2], rarity=row[3] if len(row) == 4 else "")
            for row in levels
        ),
    )
