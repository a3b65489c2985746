"""How a page of a list is read: along which index, what is checked on the way, and when to stop.

Three rules keep a page cheap in a district of any size:

1. *Walk.* Where an index already has the wanted order, read along it. Facets, schools and units make several short walks
   (one a combination), whose heads are merged.
2. *Collect.* Where a filter meets few rows (`Bounds.collect`, known from the counts of the generation), read them all and sort.
3. *Stop.* Otherwise walk along the sort's index and check each row, but at most a stride of rows: the page then says how far
   it looked and offers to go on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from homeroom.apps.inventory.facets import Facts
from homeroom.apps.inventory.listings import Filter, How, Listing, Sort
from homeroom.domain.ids import subject_of

_TRUTHS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_CLOSE = ("cart", "holder", "person")  # columns of which one value has few rows: a cart, a person's things


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much a page may read: rows to collect and sort, rows to meet in one stride, walks whose heads are merged."""

    collect: int = 5_000
    stride: int = 20_000
    arms: int = 64


USUAL = Bounds()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One condition on a row as SQL with its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One way to read: the union of `arms` along `index`, each a list of conditions of equality, less what `checks` refuse.

    `ordered` is true where every arm is read in the sort's order; `stride` limits how many rows one arm may meet;
    `exact` is the number of rows where it is known without reading them.
    """

    index: str
    arms: tuple[tuple[Check, ...], ...]
    checks: tuple[Check, ...] = ()
    ordered: bool = True
    stride: int | None = None
    exact: int | None = None

    def walking(self, *, bounds: Bounds) -> Plan:
        """The same plan in the sort's order; one that checks rows on a single walk stops after a stride."""
        return replace(self, ordered=True, stride=bounds.stride if self.checks and len(self.arms) == 1 else None)


def plan_of(
    *,
    listing: Listing,
    sort: Sort,
    filters: Mapping[str, str],
    facts: Facts,
    subjects: Sequence[str] | None,
    bounds: Bounds = USUAL,
) -> Plan:
    """The plan for filters (name to chosen value), a sort, and what a search found (public ids, or None without one)."""
    chosen = [(one, filters[one.name]) for one in listing.filters if one.name in filters]
    checks = {one.name: check_of(one, value, facts=facts) for one, value in chosen}
    if subjects is not None:
        arms = ((_among("public", subjects),),) if subjects else ()
        return Plan(index=f"{listing.kind}_public", arms=arms, checks=tuple(checks.values()), ordered=False)
    close = next((one for one, _ in chosen if one.column in _CLOSE), None)
    if close is not None:
        rest = tuple(check for name, check in checks.items() if name != close.name)
        return Plan(index=f"{listing.kind}_{close.column}", arms=((checks[close.name],),), checks=rest, ordered=False)
    ways = [*_by_value(listing, chosen, checks, facts), *_by_facets(listing, chosen, checks, facts)]
    best = min(ways, key=lambda plan: plan.exact or 0, default=None)
    return _settled(best, sort=sort, checks=tuple(checks.values()), facts=facts, bounds=bounds)


def _settled(best: Plan | None, *, sort: Sort, checks: tuple[Check, ...], facts: Facts, bounds: Bounds) -> Plan:
    if best is None:
        whole = facts.total if not checks else None
        return Plan(index=sort.index, arms=((),), checks=checks, exact=whole).walking(bounds=bounds)
    meets = best.exact or 0
    exact = None if best.checks else meets
    many = len(best.arms) > bounds.arms or (len(best.arms) > 1 and best.checks and meets > bounds.stride)
    if sort.name == "name" and not many:
        return Plan(index=best.index, arms=best.arms, checks=best.checks, exact=exact).walking(bounds=bounds)
    if meets <= bounds.collect and len(best.arms) <= 10 * bounds.arms:
        return Plan(index=best.index, arms=best.arms, checks=best.checks, exact=exact, ordered=False)
    return Plan(index=sort.index, arms=((),), checks=checks, exact=exact).walking(bounds=bounds)


def _by_value(
    listing: Listing, chosen: Sequence[tuple[Filter, str]], checks: Mapping[str, Check], facts: Facts
) -> list[Plan]:
    plans = []
    for one, value in chosen:
        if one.column in ("school", "org_unit"):
            accepts = accepts_of(one, value)
            met = {text: count for text, count in facts.values.get(one.column, {}).items() if accepts(text)}
            short = "unit" if one.column == "org_unit" else one.column
            rest = tuple(check for name, check in checks.items() if name != one.name)
            arms = tuple((_equal(one.column, text),) for text in met)
            plans.append(Plan(index=f"{listing.kind}_{short}", arms=arms, checks=rest, exact=sum(met.values())))
    return plans


def _by_facets(
    listing: Listing, chosen: Sequence[tuple[Filter, str]], checks: Mapping[str, Check], facts: Facts
) -> list[Plan]:
    asked = [(one, value) for one, value in chosen if one.column in listing.facet_columns]
    if not asked:
        return []
    tests = [(listing.facet_columns.index(one.column), accepts_of(one, value)) for one, value in asked]
    met = [(values, n) for values, n in facts.combinations if all(accepts(values[at]) for at, accepts in tests)]
    names = {one.name for one, _ in asked}
    arms = tuple(
        tuple(_equal(column, value) for column, value in zip(listing.facet_columns, values, strict=True))
        for values, _ in met
    )
    rest = tuple(check for name, check in checks.items() if name not in names)
    return [Plan(index=f"{listing.kind}_facets", arms=arms, checks=rest, exact=sum(n for _, n in met))]


def accepts_of(one: Filter, value: str) -> Callable[[Any], bool]:
    """Whether a value of the filter's column is wanted; for counting over facets."""
    match one.how:
        case How.TRUTH:
            return lambda held: held is _TRUTHS.get(value, True)
        case How.BELOW:
            unit = value.rstrip("/")
            return lambda held: held == (unit or "/") or held.startswith(f"{unit}/")
        case How.LACKS:
            return lambda held: value not in held.split()
        case How.CARRIES:
            return lambda held: value in held.split()
        case _:
            return lambda held: held == value


def check_of(one: Filter, value: str, *, facts: Facts) -> Check:
    """The filter as a condition on a row."""
    match one.how:
        case How.TRUTH:
            return _equal(one.column, _TRUTHS.get(value, True))
        case How.BELOW:
            return _below(one.column, value.rstrip("/"))
        case How.LACKS | How.CARRIES:
            accepts = accepts_of(one, value)
            return _among(one.column, sorted({row[0] for row, _ in facts.combinations if accepts(row[0])}))
        case How.SUBJECT:
            return _equal(one.column, _subject(value))
        case _:
            return _equal(one.column, value)


def _subject(public: str) -> int:
    try:
        return subject_of(public)[1]
    except ValueError:
        return -1  # no subject has it: an id that is not one finds nothing


def _equal(column: str, value: Any) -> Check:
    return Check(sql=f'"{column}" IS NULL') if value is None else Check(sql=f'"{column}" = %s', params=(value,))


def _below(column: str, unit: str) -> Check:
    if not unit:
        return Check(sql=f"\"{column}\" LIKE '/%%'")
    escaped = unit.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Check(sql=f'("{column}" = %s OR "{column}" LIKE %s ESCAPE \'\\\')', params=(unit, f"{escaped}/%"))


def _among(column: str, values: Sequence[str]) -> Check:
    if not values:
        return Check(sql="1 = 0")
    return Check(sql=f'"{column}" IN ({", ".join(["%s"] * len(values))})', params=tuple(values))
