"""The district's facts, parsed from YAML, into calendar days, sign-in rules and authorities.

homeroom: district
name: Maple Valley Unified
timezone: America/Chicago
sign_in: [{directory: google, unit: /Staff, provider: microsoft}]
authority: {staff: hr, student: oneroster}
calendar:
  first_day: 2025-08-18
  last_day: 2026-05-29
  weekdays: [mon, tue, wed, thu, fri]
  closed: [{from: 2025-12-22, to: 2026-01-02, kind: break, title: Winter break}, {on: 2025-09-01, title: Labor Day}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.problems import Refused, refused

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("break", "summer", "staff", "closed")
PEOPLE = ("staff", "student")
FIELDS = ("homeroom", "name", "timezone", "sign_in", "authority", "calendar")
RULE = ("directory", "unit", "domain", "provider")
CALENDAR = ("first_day", "last_day", "weekdays", "closed", "school")
CLOSED = ("on", "from", "to", "kind", "title", "school")
_LONGEST = 800  # days: two school years; more is a slip of the pen
_DAY_FITS = "a day such as 2026-05-29"
_DAYS_SCHEMA = {"date": pl.Date, "org_key": pl.String, "kind": pl.String, "title": pl.String, "_line": pl.Int64}


def facts(document: Mapping[str, Any]) -> Reading:
    """Every day from the first to the last school day, the rules, and the authorities.

    Raises Refused, naming the field and what would fit, at the first thing that does not. A day is `school` on the
    weekdays of school unless it is closed, else `closed`; the days of a closure have its kind. Days before the first and
    after the last are not listed, and days that are not listed are not school days.
    """
    _only(document, FIELDS, under="")
    _timezone(document)
    rules = [_rule(item, under=f"sign_in[{place}]") for place, item in enumerate(_list(document, "sign_in"))]
    deciders = _mapping(document, "authority")
    _only(deciders, PEOPLE, under="authority.")
    named = [(kind, _text(deciders, kind, under="authority.", fits="a connector, such as hr")) for kind in deciders]
    return Reading(
        tables={
            "calendar_days": _calendar(_mapping(document, "calendar")),
            "sign_in_rules": _frame(rules, ("directory", "org_unit", "domain", "provider")),
            "authorities": _frame(named, ("kind", "authority")),
        }
    )


def _frame(rows: Sequence[tuple[str, ...]], names: tuple[str, ...]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(pl.lit(1, dtype=pl.Int64).alias("_line"))


def _rule(item: Any, *, under: str) -> tuple[str, str, str, str]:
    if not isinstance(item, Mapping):
        raise _misfit(under, "is no rule", "{directory: google, unit: /Staff, provider: microsoft}")
    _only(item, RULE, under=f"{under}.")
    unit = _text(item, "unit", under=f"{under}.", fits="a unit such as /Staff", default="/")
    if not unit.startswith("/"):
        raise _misfit(f"{under}.unit", "does not begin with /", "a unit such as /Staff")
    return (
        _text(item, "directory", under=f"{under}.", fits="a connector, such as google"),
        f"/{unit.strip('/')}",
        _text(item, "domain", under=f"{under}.", fits="a mail domain", default="").lower().lstrip("@"),
        _text(item, "provider", under=f"{under}.", fits="a connector, such as microsoft, or other"),
    )


def _calendar(given: Mapping[str, Any]) -> pl.DataFrame:
    if not given:
        return pl.DataFrame(schema=_DAYS_SCHEMA)
    _only(given, CALENDAR, under="calendar.")
    first, last = _day(given, "first_day", under="calendar."), _day(given, "last_day", under="calendar.")
    if not first <= last or (last - first).days > _LONGEST:
        raise _misfit("calendar.last_day", "is before the first day, or years after it", "the last day of the year")
    school = _weekdays(given)
    where = _text(given, "school", under="calendar.", fits="a school's name", default="")
    closed = dict(_closures(given, first=first, last=last))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = [(day, where, *closed.get(day, _ordinary(day, school)), 1) for day in days]
    return pl.DataFrame(rows, schema=_DAYS_SCHEMA, orient="row")


def _ordinary(day: date, school: frozenset[int]) -> tuple[str, str | None]:
    return ("school" if day.weekday() in school else "closed"), None


def _weekdays(given: Mapping[str, Any]) -> frozenset[int]:
    named = given.get("weekdays", WEEKDAYS[:5])
    if not isinstance(named, list | tuple) or not named or any(day not in WEEKDAYS for day in named):
        raise _misfit("calendar.weekdays", "has something that is no weekday", ", ".join(WEEKDAYS))
    return frozenset(WEEKDAYS.index(day) for day in named)


def _closures(given: Mapping[str, Any], *, first: date, last: date) -> Iterator[tuple[date, tuple[str, str | None]]]:
    for place, item in enumerate(_list(given, "closed", under="calendar.")):
        under = f"calendar.closed[{place}]"
        if not isinstance(item, Mapping):
            raise _misfit(under, "is no closure", "{on: 2025-09-01, title: Labor Day}")
        _only(item, CLOSED, under=f"{under}.")
        start, end = _span(item, under=f"{under}.")
        if start > last or end < first:
            raise _misfit(under, "is outside the school year", f"days from {first} to {last}")
        kind = _text(item, "kind", under=f"{under}.", fits=", ".join(KINDS), default="closed")
        if kind not in KINDS:
            raise _misfit(f"{under}.kind", f"{kind!r} is no kind of day", ", ".join(KINDS))
        title = _text(item, "title", under=f"{under}.", fits="what the day is called", default="") or None
        for number in range((end - start).days + 1):
            yield start + timedelta(days=number), (kind, title)


def _span(item: Mapping[str, Any], *, under: str) -> tuple[date, date]:
    if "on" in item:
        if "from" in item or "to" in item:
            raise _misfit(f"{under}on", "stands beside from or to", "either on, or from and to")
        day = _day(item, "on", under=under)
        return day, day
    start, end = _day(item, "from", under=under), _day(item, "to", under=under)
    if not start <= end or (end - start).days > _LONGEST:
        raise _misfit(f"{under}to", "is before from, or years after it", "the last day of the closure")
    return start, end


def _day(given: Mapping[str, Any], name: str, *, under: str) -> date:
    value = given.get(name)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _misfit(f"{under}{name}", "is no day", _DAY_FITS) from None
    if type(value) is not date:
        raise _misfit(f"{under}{name}", "is missing" if value is None else "is no day", _DAY_FITS)
    return value


def _text(given: Mapping[str, Any], name: str, *, under: str, fits: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise _misfit(f"{under}{name}", "is missing" if value is None else "is no text", fits)
    return value.strip()


def _timezone(document: Mapping[str, Any]) -> None:
    name = document.get("timezone")
    try:
        if name is not None:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise _misfit("timezone", "is no time zone", "a name such as America/Chicago") from None


def _list(given: Mapping[str, Any], name: str, *, under: str = "") -> list[Any]:
    value = given.get(name) or []
    if not isinstance(value, list):
        raise _misfit(f"{under}{name}", "is no list", "a list, one entry a line, each beginning with a dash")
    return value


def _mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name) or {}
    if not isinstance(value, Mapping):
        raise _misfit(name, "has no fields of its own", "fields, one a line, below it")
    return value


def _only(given: Mapping[str, Any], known: tuple[str, ...], *, under: str) -> None:
    for name in given:
        if name not in known:
            raise _misfit(f"{under}{name}", "is no known field", ", ".join(known))


def _misfit(field: str, reason: str, fits: str) -> Refused:
    return refused("the district's facts", reason, field=field, fits=fits)
