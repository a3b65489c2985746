"""Breaches at vendors, each once: those of the list of agreements, and those that were recorded as incidents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.comply.laws.case_sources import list_law_cases
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.domain.comply.laws.duties import LawCase
from homeroom.domain.comply.laws.facts import PERCENT_OF_ENROLLMENT, add_percent_of_enrollment
from homeroom.domain.comply.laws.moments import InvalidCaseMoment, parse_moment
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key

SAME_BREACH = timedelta(days=31)
"""How far apart two sources may date one breach at the same vendor."""
_KNOWN_BY = ("discovered", "determined", "believed", "vendor_notified")
"""The moments from which a district knows of a breach."""
_AGREEMENTS_SQL = """SELECT vendor, coalesce(product, ''), breached_on, breach_percent FROM agreements
    WHERE breached_on IS NOT NULL OR breach_percent IS NOT NULL ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class VendorBreach:
    """A breach at a vendor: the day since when it is known, and its share of the enrollment in whole percent."""

    vendor: str
    product: str
    known_on: date | None
    percent: int | None

    def is_same(self, other: VendorBreach) -> bool:
        """Check whether another record is about the same breach: its vendor and product, and about the same day."""
        if build_vendor_key(self.vendor) != build_vendor_key(other.vendor):
            return False
        products = {build_vendor_key(breach.product) for breach in (self, other) if breach.product}
        if len(products) > 1:
            return False
        return not self.known_on or not other.known_on or abs(self.known_on - other.known_on) <= SAME_BREACH

    def join(self, other: VendorBreach) -> VendorBreach:
        """Return both records as one: the earlier day, and the larger share."""
        days = [breach.known_on for breach in (self, other) if breach.known_on]
        shares = [breach.percent for breach in (self, other) if breach.percent is not None]
        return VendorBreach(
            vendor=self.vendor,
            product=self.product or other.product,
            known_on=min(days, default=None),
            percent=max(shares, default=None),
        )


def list_vendor_breaches(data: ReportData) -> tuple[VendorBreach, ...]:
    """Return the breaches of student data at vendors, the newest first. Raise QueryTimeout."""
    listed = (
        VendorBreach(vendor=vendor, product=product, known_on=day, percent=percent)
        for vendor, product, day, percent in data.query_rows(_AGREEMENTS_SQL)
    )
    breaches = _join_same([*listed, *_iter_incidents(data)])
    by_name = sorted(breaches, key=lambda breach: (breach.vendor.casefold(), breach.product.casefold()))
    return tuple(sorted(by_name, key=lambda breach: breach.known_on or date.min, reverse=True))


def _join_same(breaches: Iterable[VendorBreach]) -> list[VendorBreach]:
    joined: list[VendorBreach] = []
    for breach in breaches:
        position = next((n for n, other in enumerate(joined) if other.is_same(breach)), None)
        if position is None:
            joined.append(breach)
        else:
            joined[position] = joined[position].join(breach)
    return joined


def _iter_incidents(data: ReportData) -> Iterator[VendorBreach]:
    """Yield the incidents at a vendor that are about students, or do not say about whom."""
    facts, zone = load_fact_values(district=data.district), ZoneInfo(data.district.timezone)
    for case in list_law_cases(district=data.district):
        affected = case.facts.get("incident.data")
        if not case.vendor or (affected is not None and "student" not in affected):
            continue
        percent = add_percent_of_enrollment({**facts, **case.facts}).get(PERCENT_OF_ENROLLMENT)
        yield VendorBreach(
            vendor=case.vendor,
            product=case.product,
            known_on=_find_known_day(case, zone),
            percent=percent if isinstance(percent, int) else None,
        )


def _find_known_day(case: LawCase, zone: ZoneInfo) -> date:
    """Return the earliest day on which the district knew of a case, or the day on which it was opened."""
    days: list[date] = []
    for name in _KNOWN_BY:
        try:
            days += [parse_moment(name, case.moments[name], zone=zone).day] if name in case.moments else []
        except InvalidCaseMoment:
            continue
    return min(days, default=case.opened_on)
