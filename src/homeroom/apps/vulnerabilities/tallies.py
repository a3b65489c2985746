"""What the published review says: how each thing stands, what changed, and how long remedies took by class of device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum

from homeroom.apps.vulnerabilities.models import Fixed, Gap, Review, Reviewed, Sighting, Tally
from homeroom.engines.vulnerabilities.lasting import Lasting, lasting
from homeroom.engines.vulnerabilities.lives import Sums

YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Tallied:
    """How one thing stands: devices open, excepted, overdue and not seen, and flaws; `points` is 0 where all is excepted."""

    devices: int
    excepted: int
    overdue: int
    missed: int
    stale: int
    due_on: date | None
    since: date | None
    closes: int
    without_fix: int
    excepted_flaws: int
    exploited: int
    worst: str | None
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The published review over the snapshot `derived`: gaps opened, of those returned, and fixed.

    `sums` are those of the whole district, each device and flaw once; None for a review that was made before they were kept.
    """

    number: int
    at: datetime
    today: date
    derived: str
    opened: int
    returned: int
    fixed: int
    sums: Sums | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """Since when one device lacks something of a thing, and since when nobody could see it; the first day of all its gaps."""

    since: date
    missed_since: date | None


def looked(*, district: Any) -> Looked | None:
    """The published review; None before the first."""
    number = Reviewed.objects.filter(district=district).values_list("review", flat=True).first()
    row = Review.objects.of(district).filter(number=number).first() if number else None
    if row is None:
        return None
    return Looked(
        number=row.number,
        at=row.at,
        today=row.today,
        derived=row.derived,
        opened=row.opened,
        returned=row.returned,
        fixed=row.fixed,
        sums=_sums(row),
    )


def _sums(row: Review) -> Sums | None:
    told = {name: getattr(row, name) for name in Sums.__dataclass_fields__}
    return None if None in told.values() else Sums(**told)


def tallies(*, district: Any, of: Looked) -> Mapping[str, Tallied]:
    """How each thing stands in that review, which has to be the published one."""
    names = list(Tallied.__dataclass_fields__)
    rows = Tally.objects.of(district).filter(review=of.number).values_list("thing", *names)
    return {thing: _tallied(dict(zip(names, row, strict=True))) for thing, *row in rows}


def times(*, district: Any, today: date) -> tuple[Lasting, ...]:
    """How long remedies took in the year before that day, by class of device."""
    number = Reviewed.objects.filter(district=district).values_list("review", flat=True).first() or 0
    rows = Fixed.objects.of(district).filter(review__lte=number, on__gt=today - YEAR, on__lte=today)
    return lasting(rows.values_list("kind", "took").annotate(count=Sum("many")).values_list("kind", "took", "count"))


def lives(*, district: Any, thing: str, devices: Iterable[int]) -> dict[int, Life]:
    """By device, since when it lacks something of that thing; those that lack nothing are missing."""
    number = Reviewed.objects.filter(district=district).values_list("review", flat=True).first() or 0
    # Which review and thing is decided here: asked for those, SQLite takes an index that reads every gap of the district.
    rows = (
        Gap.objects.of(district)
        .filter(device__in=list(devices))
        .values_list("device", "remedy__thing", "since", "missed_since", "opened", "closed")
    )
    found: dict[int, Life] = {}
    for device, of, since, missed, opened, closed in rows:
        if of == thing and opened <= number and (closed is None or closed > number):
            known = found.get(device)
            days = [day for day in (missed, known and known.missed_since) if day]
            found[device] = Life(
                since=min(since, known.since) if known else since, missed_since=min(days, default=None)
            )
    return found


def sightings(*, district: Any, cve: str) -> tuple[tuple[str, date, date | None], ...]:
    """When a flaw was here: (thing, since, until) of each time, the newest first; `until` is None while it is."""
    number = Reviewed.objects.filter(district=district).values_list("review", flat=True).first() or 0
    rows = Sighting.objects.of(district).filter(cve=cve, opened__lte=number).order_by("-opened", "thing")
    told = rows.values_list("thing", "since", "closed", "ended_on")
    return tuple((thing, since, ended if closed and closed <= number else None) for thing, since, closed, ended in told)


def _tallied(row: dict[str, Any]) -> Tallied:
    reasons = tuple(word for word in row["reasons"].split(",") if word)
    return Tallied(**{**row, "reasons": reasons, "worst": row["worst"] or None})
