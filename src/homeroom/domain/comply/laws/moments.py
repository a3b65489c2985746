"""Moments of a case, read strictly: a local time that does not exist is refused, the earlier counts of two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEARS = (1900, 2200)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?\Z")
FITS = "a day such as 2026-03-06, or a time such as 2026-03-06T22:30:00-05:00"


class InvalidCaseMoment(ValueError):
    """A moment cannot be read; `field` is `timezone` where that is missing, else empty."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class CaseMoment:
    """A moment of a case: its local date, and its time in UTC.

    A moment that is known to the day has the time of its midnight; without a time zone it has none.
    """

    name: str
    day: date
    at: datetime | None


def parse_moment(name: str, text: object, *, zone: ZoneInfo | None) -> CaseMoment:
    """Parse a day, or a time with or without an offset; one without is local in `zone`. Raise InvalidCaseMoment."""
    if not isinstance(text, str) or not (_DAY.match(text) or _TIME.match(text)):
        raise InvalidCaseMoment(f"{text!r} is not a moment; {FITS} would fit")
    try:
        if _DAY.match(text):
            day = _check_year(date.fromisoformat(text), text)
            return CaseMoment(name=name, day=day, at=_find_midnight(day, text, zone) if zone else None)
        moment = datetime.fromisoformat(text)
        _check_year(moment.date(), text)
    except InvalidCaseMoment:
        raise
    except ValueError as error:
        raise InvalidCaseMoment(f"{text!r} is not a moment ({error}); {FITS} would fit") from None
    if zone is None:
        raise InvalidCaseMoment("is missing; a zone such as America/New_York would fit", field="timezone")
    at = moment.astimezone(UTC) if moment.tzinfo else _locate_local_time(moment, text, zone)
    return CaseMoment(name=name, day=at.astimezone(zone).date(), at=at)


def _check_year(day: date, text: str) -> date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise InvalidCaseMoment(f"{text!r} is too far away; a year from {YEARS[0]} to {YEARS[1]} would fit")
    return day


def _find_midnight(day: date, text: str, zone: ZoneInfo) -> datetime:
    """Return when a day begins; where clocks skip its midnight, that is the moment of the change."""
    midnight = datetime.combine(day, time())
    at = midnight.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == midnight:
        return at
    change = _find_change(midnight.replace(tzinfo=zone, fold=1).astimezone(UTC), at, zone)
    if change.astimezone(zone).date() != day:
        raise InvalidCaseMoment(f"{text!r} does not exist in {zone.key}: clocks skip it; the day after would fit")
    return change


def _find_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second at which clocks of the zone change, between a moment before it and a later."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after


def _locate_local_time(moment: datetime, text: str, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC, the earlier if it comes twice; raise InvalidCaseMoment if clocks skip it."""
    at = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != moment:
        raise InvalidCaseMoment(
            f"{text!r} does not exist in {zone.key}: clocks skip it; a time with an offset would fit"
        )
    return at
