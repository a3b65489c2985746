"""The district's facts, parsed from YAML: its name and time zone, calendar, sign-in rules, authorities, networks.

homeroom: district
name: Maple Valley Unified
timezone: America/Chicago
sign_in: [{directory: google, unit: /Staff, provider: microsoft}]
authority: {staff: hr, student: oneroster}
networks: [203.0.113.0/24]
facts: {state: IL, kind: district, e_rate: true, fiscal_year_starts: 07-01}
own: {domains: [maple.example], phones: ["555-0100"], addresses: [12 Elm Street]}
calendar:
  first_day: 2025-08-18
  last_day: 2026-05-29
  weekdays: [mon, tue, wed, thu, fri]
  closed: [{from: 2025-12-22, to: 2026-01-02, kind: break, title: Winter break}, {on: 2025-09-01, title: Labor Day}]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from homeroom.connectors.district.announcements import EntryRejected, parse_network, read_canaries, read_expected
from homeroom.connectors.district.stated_facts import InvalidStatement, parse_own_values, parse_stated_facts
from homeroom.connectors.district.stated_tools import read_tools
from homeroom.domain.schooldays import WEEKDAYS
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal

__all__ = ["read_canaries", "read_district", "read_expected", "read_tools"]
KINDS = ("break", "summer", "staff", "closed")
PEOPLE = ("staff", "student")
FIELDS = ("homeroom", "name", "timezone", "sign_in", "authority", "networks", "facts", "own", "calendar")
RULE = ("directory", "unit", "domain", "provider")
CALENDAR = ("first_day", "last_day", "weekdays", "closed", "school")
CLOSED = ("on", "from", "to", "kind", "title", "school")
MAX_NAME_LENGTH = 200
_LONGEST = 800  # days: two school years; more is a slip of the pen
_DAY_FITS = "a day such as 2026-05-29"
_DAYS_SCHEMA = {"date": pl.Date, "org_key": pl.String, "kind": pl.String, "title": pl.String, "_line": pl.Int64}


def read_district(document: Mapping[str, Any]) -> Reading:
    """Read the name, time zone and facts, every day from the first to the last school day, sign-in rules, authorities.

    Raise FileRefused, naming the field and what would fit, at the first field that is wrong. A day is `school` on the
    weekdays of school unless it is closed, else `closed`; the days of a closure have its kind. Days before the first
    and after the last are not listed, and days that are not listed are not school days.
    """
    _reject_unknown_fields(document, FIELDS, under="")
    facts = [*_iter_facts(document), *_parse_statements(parse_stated_facts, document, "facts")]
    own = _parse_statements(parse_own_values, document, "own")
    rules = [_parse_rule(item, under=f"sign_in[{index}]") for index, item in enumerate(_get_list(document, "sign_in"))]
    deciders = _get_mapping(document, "authority")
    _reject_unknown_fields(deciders, PEOPLE, under="authority.")
    authorities = [
        (kind, _get_text(deciders, kind, under="authority.", fits="a connector, such as hr")) for kind in deciders
    ]
    return Reading(
        tables={
            "calendar_days": _build_calendar(_get_mapping(document, "calendar")),
            "sign_in_rules": _build_frame(rules, ("directory", "org_unit", "domain", "provider")),
            "authorities": _build_frame(authorities, ("kind", "authority")),
            "district_facts": _build_frame(facts, ("fact", "value")),
            "own_networks": _build_frame(_parse_networks(document), ("network",)),
            "own_identifiers": _build_frame(own, ("kind", "value")),
        }
    )


def _parse_statements(
    parse: Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]], document: Mapping[str, Any], name: str
) -> list[tuple[str, str]]:
    try:
        return list(dict.fromkeys(parse(_get_mapping(document, name))))
    except InvalidStatement as error:
        raise _build_error(error.field, error.reason, error.fits) from None


def _parse_networks(document: Mapping[str, Any]) -> list[tuple[str]]:
    networks = []
    for index, value in enumerate(_get_list(document, "networks")):
        try:
            networks.append(parse_network(value, field="networks"))
        except EntryRejected:
            raise _build_error(f"networks[{index}]", "is no network", "a network such as 203.0.113.0/24") from None
    return [(network,) for network in dict.fromkeys(networks)]


def _iter_facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the time zone, each only if the document has it."""
    _validate_timezone(document)
    name = _get_text(document, "name", under="", fits="the district's name", default="")
    if len(name) > MAX_NAME_LENGTH:
        raise _build_error("name", "is too long", f"a name of at most {MAX_NAME_LENGTH} characters")
    for fact, value in (("name", name), ("timezone", document.get("timezone") or "")):
        if value:
            yield fact, value


def _build_frame(rows: Sequence[tuple[str, ...]], names: tuple[str, ...]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(pl.lit(1, dtype=pl.Int64).alias("_line"))


def _parse_rule(item: Any, *, under: str) -> tuple[str, str, str, str]:
    if not isinstance(item, Mapping):
        raise _build_error(under, "is no rule", "{directory: google, unit: /Staff, provider: microsoft}")
    _reject_unknown_fields(item, RULE, under=f"{under}.")
    unit = _get_text(item, "unit", under=f"{under}.", fits="a unit such as /Staff", default="/")
    if not unit.startswith("/"):
        raise _build_error(f"{under}.unit", "does not begin with /", "a unit such as /Staff")
    return (
        _get_text(item, "directory", under=f"{under}.", fits="a connector, such as google"),
        f"/{unit.strip('/')}",
        _get_text(item, "domain", under=f"{under}.", fits="a mail domain", default="").lower().lstrip("@"),
        _get_text(item, "provider", under=f"{under}.", fits="a connector, such as microsoft, or other"),
    )


def _build_calendar(calendar: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list_calendar_days(calendar), schema=_DAYS_SCHEMA, orient="row")


def list_calendar_days(calendar: Mapping[str, Any]) -> list[tuple[date, str, str, str | None, int]]:
    """List the days of a calendar in order: date, school, kind, title and line; raise FileRefused with the field."""
    if not calendar:
        return []
    _reject_unknown_fields(calendar, CALENDAR, under="calendar.")
    first, last = (
        _parse_day(calendar, "first_day", under="calendar."),
        _parse_day(calendar, "last_day", under="calendar."),
    )
    if not first <= last or (last - first).days > _LONGEST:
        raise _build_error(
            "calendar.last_day", "is before the first day, or years after it", "the last day of the year"
        )
    school_weekdays = _parse_weekdays(calendar)
    school_name = _get_text(calendar, "school", under="calendar.", fits="a school's name", default="")
    closed = dict(_iter_closures(calendar, first=first, last=last))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, school_name, *closed.get(day, _classify_ordinary_day(day, school_weekdays)), 1) for day in days]


def _classify_ordinary_day(day: date, school_weekdays: frozenset[int]) -> tuple[str, str | None]:
    return ("school" if day.weekday() in school_weekdays else "closed"), None


def _parse_weekdays(calendar: Mapping[str, Any]) -> frozenset[int]:
    weekdays = calendar.get("weekdays", WEEKDAYS[:5])
    if not isinstance(weekdays, list | tuple) or not weekdays or any(day not in WEEKDAYS for day in weekdays):
        raise _build_error("calendar.weekdays", "has something that is no weekday", ", ".join(WEEKDAYS))
    return frozenset(WEEKDAYS.index(day) for day in weekdays)


def _iter_closures(
    calendar: Mapping[str, Any], *, first: date, last: date
) -> Iterator[tuple[date, tuple[str, str | None]]]:
    for index, item in enumerate(_get_list(calendar, "closed", under="calendar.")):
        under = f"calendar.closed[{index}]"
        if not isinstance(item, Mapping):
            raise _build_error(under, "is no closure", "{on: 2025-09-01, title: Labor Day}")
        _reject_unknown_fields(item, CLOSED, under=f"{under}.")
        start, end = _parse_span(item, under=f"{under}.")
        if start > last or end < first:
            raise _build_error(under, "is outside the school year", f"days from {first} to {last}")
        kind = _get_text(item, "kind", under=f"{under}.", fits=", ".join(KINDS), default="closed")
        if kind not in KINDS:
            raise _build_error(f"{under}.kind", f"{kind!r} is no kind of day", ", ".join(KINDS))
        title = _get_text(item, "title", under=f"{under}.", fits="what the day is called", default="") or None
        for number in range((end - start).days + 1):
            yield start + timedelta(days=number), (kind, title)


def _parse_span(item: Mapping[str, Any], *, under: str) -> tuple[date, date]:
    if "on" in item:
        if "from" in item or "to" in item:
            raise _build_error(f"{under}on", "stands beside from or to", "either on, or from and to")
        day = _parse_day(item, "on", under=under)
        return day, day
    start, end = _parse_day(item, "from", under=under), _parse_day(item, "to", under=under)
    if not start <= end or (end - start).days > _LONGEST:
        raise _build_error(f"{under}to", "is before from, or years after it", "the last day of the closure")
    return start, end


def _parse_day(fields: Mapping[str, Any], name: str, *, under: str) -> date:
    value = fields.get(name)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _build_error(f"{under}{name}", "is no day", _DAY_FITS) from None
    if type(value) is not date:
        raise _build_error(f"{under}{name}", "is missing" if value is None else "is no day", _DAY_FITS)
    return value


def _get_text(fields: Mapping[str, Any], name: str, *, under: str, fits: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise _build_error(f"{under}{name}", "is missing" if value is None else "is no text", fits)
    return value.strip()


def _validate_timezone(document: Mapping[str, Any]) -> None:
    name = document.get("timezone")
    try:
        if name is not None:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise _build_error("timezone", "is no time zone", "a name such as America/Chicago") from None


def _get_list(fields: Mapping[str, Any], name: str, *, under: str = "") -> list[Any]:
    value = fields.get(name) or []
    if not isinstance(value, list):
        raise _build_error(f"{under}{name}", "is no list", "a list, one entry a line, each beginning with a dash")
    return value


def _get_mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name) or {}
    if not isinstance(value, Mapping):
        raise _build_error(name, "has no fields of its own", "fields, one a line, below it")
    return value


def _reject_unknown_fields(fields: Mapping[str, Any], allowed: tuple[str, ...], *, under: str) -> None:
    for name in fields:
        if name not in allowed:
            raise _build_error(f"{under}{name}", "is no known field", ", ".join(allowed))


def _build_error(field: str, reason: str, fits: str) -> FileRefused:
    return build_refusal("the district's facts", reason, field=field, fits=fits)
