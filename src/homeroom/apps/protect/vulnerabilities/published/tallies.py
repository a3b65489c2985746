"""Queries over the published review: counts of each product, changes, and time to fix by class of device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum

from homeroom.apps.protect.vulnerabilities.models import Fixed, Gap, Review, Reviewed, Sighting, Tally
from homeroom.domain.platform.district import District
from homeroom.engines.protect.vulnerabilities.lifecycle import VulnerabilityTotals
from homeroom.engines.protect.vulnerabilities.time_to_fix import TimeToFix, compute_time_to_fix

YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class ProductTally:
    """Counts of one product: devices open, excepted, overdue and not observed, and vulnerabilities.

    `points` is 0 where all is suppressed.
    """

    devices: int
    excepted: int
    overdue: int
    missed: int
    stale: int
    due_on: date | None
    since: date | None
    closes: int
    without_fix: int
    excepted_vulnerabilities: int
    exploited: int
    worst: str | None
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PublishedReview:
    """The published review over the snapshot `derived`: gaps opened, of those returned, and fixed.

    `sums` are totals of the district, each device and vulnerability once; None for a review from before they were
    stored.
    """

    number: int
    at: datetime
    today: date
    derived: str
    opened: int
    returned: int
    fixed: int
    sums: VulnerabilityTotals | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceGap:
    """First day since which a device lacks a remedy of a product, and since which it was not observed."""

    since: date
    missed_since: date | None


def get_published_review(*, district: District) -> PublishedReview | None:
    """Return the published review; None before the first."""
    number = Reviewed.objects.filter(district_id=district.pk).values_list("review", flat=True).first()
    row = Review.objects.of(district).filter(number=number).first() if number else None
    if row is None:
        return None
    return PublishedReview(
        number=row.number,
        at=row.at,
        today=row.today,
        derived=row.derived,
        opened=row.opened,
        returned=row.returned,
        fixed=row.fixed,
        sums=_read_sums(row),
    )


def _read_sums(row: Review) -> VulnerabilityTotals | None:
    sums = {name: getattr(row, name) for name in VulnerabilityTotals.__dataclass_fields__}
    return None if None in sums.values() else VulnerabilityTotals(**sums)


def load_tallies(*, district: District, review: PublishedReview) -> Mapping[str, ProductTally]:
    """Return the counts of each product in a review, which has to be the published one."""
    names = list(ProductTally.__dataclass_fields__)
    rows = Tally.objects.of(district).filter(review=review.number).values_list("product_key", *names)
    return {product: _build_tally(dict(zip(names, row, strict=True))) for product, *row in rows}


def summarize_time_to_fix(*, district: District, today: date) -> tuple[TimeToFix, ...]:
    """Summarize how long remedies took in the year before a day, by class of device."""
    number = Reviewed.objects.filter(district_id=district.pk).values_list("review", flat=True).first() or 0
    rows = Fixed.objects.of(district).filter(review__lte=number, on__gt=today - YEAR, on__lte=today)
    return compute_time_to_fix(
        rows.values_list("kind", "took").annotate(count=Sum("many")).values_list("kind", "took", "count")
    )


def list_device_gaps(*, district: District, product: str, devices: Iterable[int]) -> dict[int, DeviceGap]:
    """Return by device since when it lacks a remedy of a product; devices that lack none are missing."""
    number = Reviewed.objects.filter(district_id=district.pk).values_list("review", flat=True).first() or 0
    # Review and product are filtered in Python: in SQL, SQLite would choose an index that reads every gap of the
    # district.
    rows = (
        Gap.objects.of(district)
        .filter(device__in=list(devices))
        .values_list("device", "remedy__product_key", "since", "missed_since", "opened", "closed")
    )
    gaps: dict[int, DeviceGap] = {}
    for device, gap_product, since, missed, opened, closed in rows:
        if gap_product == product and opened <= number and (closed is None or closed > number):
            previous = gaps.get(device)
            days = [day for day in (missed, previous and previous.missed_since) if day]
            gaps[device] = DeviceGap(
                since=min(since, previous.since) if previous else since, missed_since=min(days, default=None)
            )
    return gaps


def list_vulnerability_sightings(*, district: District, cve: str) -> tuple[tuple[str, date, date | None], ...]:
    """Return (product, since, until) of each time a vulnerability was here, newest first; `until` None while open."""
    number = Reviewed.objects.filter(district_id=district.pk).values_list("review", flat=True).first() or 0
    rows = Sighting.objects.of(district).filter(cve=cve, opened__lte=number).order_by("-opened", "product_key")
    values = rows.values_list("product_key", "since", "closed", "ended_on")
    return tuple(
        (product, since, ended if closed and closed <= number else None) for product, since, closed, ended in values
    )


def _build_tally(row: dict[str, Any]) -> ProductTally:
    reasons = tuple(word for word in row["reasons"].split(",") if word)
    return ProductTally(**{**row, "reasons": reasons, "worst": row["worst"] or None})
