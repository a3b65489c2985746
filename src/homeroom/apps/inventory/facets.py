"""What occurs in one generation of the inventory: schools, units, carts and combinations of facets, each with its count.

Counted once a generation, when it is published (`keep_counts`), and never for a page view. The counts also tell the plan of
a page how many rows each way of reading would meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from homeroom.apps.inventory.listings import LISTINGS, Listing
from homeroom.apps.inventory.models import Counts, Projection

_VALUED = ("school", "org_unit", "cart")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Counts of one list in one generation. `combinations` has one value for each of the listing's facet columns."""

    total: int = 0
    combinations: tuple[tuple[tuple[Any, ...], int], ...] = ()
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    _sorted: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def choices(self, listing: Listing, column: str) -> tuple[str, ...]:
        """The values that occur in a column of text, in order, blank left out."""
        if column not in self._sorted:
            found = self.values.get(column) or self._of_facet(listing, column)
            self._sorted[column] = tuple(sorted(value for value in found if value))
        return self._sorted[column]

    def instances(self) -> tuple[str, ...]:
        """The source instances that carry anything (`sources` comes first in every combination)."""
        if "" not in self._sorted:
            self._sorted[""] = tuple(sorted({name for values, _ in self.combinations for name in values[0].split()}))
        return self._sorted[""]

    def _of_facet(self, listing: Listing, column: str) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        if column in listing.facet_columns:
            at = listing.facet_columns.index(column)
            for values, count in self.combinations:
                counts[values[at]] += count
        return counts


_MOST_KNOWN = 32
_KNOWN: dict[tuple[int | None, int, str, str], Facts] = {}
"""Counts by projection, generation, snapshot and list. They never change, so that nothing is copied for a page; the oldest go."""


def facts_of(*, district: Any, kind: str, projection: Projection, generation: int | None = None) -> Facts:
    """The counts of one list in a generation: as kept, else counted now and remembered by this process.

    `generation` is the published one, or the one before it for a page that is still read in that.
    """
    asked = projection.generation if generation is None else generation
    key = (projection.pk, asked, projection.derived, kind)
    known = _KNOWN.get(key)
    if known is None:
        kept = Counts.objects.of(district).filter(kind=kind, generation=asked).first()
        known = _read(kept.facts) if kept else _counted(district, LISTINGS[kind], asked)
        while len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.pop(next(iter(_KNOWN)), None)
        _KNOWN[key] = known
    return known


def keep_counts(*, district: Any) -> None:
    """Counts the published generation of every list; that and the one before are kept. Call it after publishing."""
    projection = Projection.objects.filter(district=district).first()
    if projection is None:
        return
    for kind, listing in LISTINGS.items():
        facts = _counted(district, listing, projection.generation)
        kept = {"combinations": facts.combinations, "values": facts.values}
        with transaction.atomic():
            kept_before = Counts.objects.of(district).filter(kind=kind, generation=projection.generation - 1)
            Counts.objects.of(district).filter(kind=kind).exclude(pk__in=kept_before).delete()
            Counts.objects.create(district=district, kind=kind, generation=projection.generation, facts=kept)


def _read(kept: Mapping[str, Any]) -> Facts:
    combinations = tuple((tuple(values), count) for values, count in kept["combinations"])
    return Facts(total=sum(count for _, count in combinations), combinations=combinations, values=kept["values"])


def _counted(district: Any, listing: Listing, generation: int) -> Facts:
    """One pass over the list's rows; what is counted apart is added up from it."""
    valued = [column for column in _VALUED if listing.has(column)]
    columns = (*listing.facet_columns, *valued)
    rows = listing.model.objects.of(district).filter(in_generation(generation)).order_by()
    combinations: Counter[tuple[Any, ...]] = Counter()
    values: dict[str, Counter[str]] = {column: Counter() for column in valued}
    for *found, count in rows.values_list(*columns).annotate(many=Count("pk")).iterator(chunk_size=5_000):
        combinations[tuple(found[: len(listing.facet_columns)])] += count
        for column, value in zip(valued, found[len(listing.facet_columns) :], strict=True):
            values[column][value] += count
    pairs = tuple(combinations.items())
    return Facts(total=combinations.total(), combinations=pairs, values={name: dict(of) for name, of in values.items()})


def in_generation(generation: int) -> Q:
    """The rows that stand in a generation: opened by then, and not closed by then."""
    return Q(opened__lte=generation) & (Q(closed=None) | Q(closed__gt=generation))
