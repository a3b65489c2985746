"""Prices of a refresh problem: from lists of prices, else what a device of the kind cost last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark, count_devices
from homeroom.apps.manage.budget.evidence_rows import DOLLARS, PriceRow, RefreshEvidence
from homeroom.domain.know.devices.kinds import DEVICE_KINDS, normalize_kind
from homeroom.domain.manage.refresh.lifetimes import find_age_rule
from homeroom.domain.manage.refresh.problem import DevicePrice
from homeroom.domain.suggestions import suggest_names
from homeroom.library.manage.refresh.lifetimes import list_lifetime_rules


@dataclass(frozen=True, kw_only=True)
class KnownPrices:
    """Prices by kind, kinds without one, how many devices a school needs for 100 students by kind, and remarks."""

    prices: Mapping[str, DevicePrice]
    unpriced: tuple[str, ...]
    per_100_students: Mapping[str, int]
    remarks: tuple[EvidenceRemark, ...]


def build_prices(evidence: RefreshEvidence) -> KnownPrices:
    """Build the price of each kind of the devices and of the lists."""
    remarks: list[EvidenceRemark] = []
    listed = _index_rows(evidence.prices, remarks)
    kinds = {devices.kind for devices in evidence.devices}
    for kind in sorted(set(listed) - kinds - set(DEVICE_KINDS)):
        fits = suggest_names(kind, DEVICE_KINDS)
        remarks.append(EvidenceRemark(about="price", name=kind, reason=f"is no kind of a device; {fits} would fit"))
    prices: dict[str, DevicePrice] = {}
    for kind in sorted(kinds | set(listed)):
        minor = _find_price(kind, listed.get(kind), evidence, remarks)
        if minor is not None:
            prices[kind] = _build_price(kind, minor, listed.get(kind))
    unpriced = tuple(sorted(kinds - set(prices)))
    counts = _count_by_kind(evidence, unpriced)
    for kind in unpriced:
        reason = f"no list and no purchase has a price: {count_devices(counts[kind])} left out of the plan"
        remarks.append(EvidenceRemark(about="price", name=kind, reason=reason))
    return KnownPrices(
        prices=prices,
        unpriced=unpriced,
        per_100_students={
            kind: row.per_100_students
            for kind, row in listed.items()
            if row.per_100_students is not None and kind in prices
        },
        remarks=tuple(remarks),
    )


def find_life(kind: str) -> int:
    """Return the years that a device of a kind lasts by the age rule."""
    rule = find_age_rule(kind, list_lifetime_rules())
    return rule.years if rule is not None and rule.years is not None else 1


def find_minutes(kind: str) -> int:
    """Return the minutes of work for a device of a kind by the age rule."""
    rule = find_age_rule(kind, list_lifetime_rules())
    return rule.minutes if rule is not None and rule.minutes is not None else 0


def _index_rows(rows: Collection[PriceRow], remarks: list[EvidenceRemark]) -> dict[str, PriceRow]:
    """Return the rows by kind; kinds that are in the list under several names have none."""
    listed: dict[str, PriceRow] = {}
    twice: set[str] = set()
    for row in rows:
        kind = normalize_kind(row.kind)
        if kind in listed:
            twice.add(kind)
        listed[kind] = row
    for kind in sorted(twice):
        del listed[kind]
        reason = "the list has it under several names; each kind once would fit"
        remarks.append(EvidenceRemark(about="price", name=kind, reason=reason))
    return listed


def _find_price(
    kind: str, row: PriceRow | None, evidence: RefreshEvidence, remarks: list[EvidenceRemark]
) -> int | None:
    if row is not None and row.price_minor is not None:
        if row.currency != DOLLARS:
            reason = f"its price is in {row.currency}; currencies are never added, US dollars would fit"
            remarks.append(EvidenceRemark(about="price", name=kind, reason=reason))
        elif row.price_minor < 0:
            reason = "its price is negative; 0 or more would fit"
            remarks.append(EvidenceRemark(about="price", name=kind, reason=reason))
        else:
            return row.price_minor
    if kind in evidence.costs:
        minor, day = evidence.costs[kind]
        reason = f"no list has it: what one cost on {day} counts, ${minor / 100:,.2f}"
        remarks.append(EvidenceRemark(about="price", name=kind, reason=reason))
        return minor
    return None


def _build_price(kind: str, minor: int, row: PriceRow | None) -> DevicePrice:
    life = row.life_years if row is not None and row.life_years else find_life(kind)
    minutes = row.visit_minutes if row is not None and row.visit_minutes is not None else find_minutes(kind)
    weight = row.weight if row is not None and row.weight is not None else 1
    return DevicePrice(
        kind=kind, price=Fraction(minor, 100), life=Fraction(life), minutes=Fraction(minutes), weight=Fraction(weight)
    )


def _count_by_kind(evidence: RefreshEvidence, kinds: Collection[str]) -> dict[str, int]:
    counts = dict.fromkeys(kinds, 0)
    for devices in evidence.devices:
        if devices.kind in counts:
            counts[devices.kind] += devices.count
    return counts
