"""Parse the lines of a rollout's rules that name schools: own hours, visits at once, and the drive between two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.form_lines import convert_number, parse_lines
from homeroom.library.manage.rollouts import spec_fields
from homeroom.library.manage.rollouts.spec_values import UnfitValue, parse_time

SCHOOL_FITS = "Oak Elementary, 06:30-18:00, 2 at once"
TRAVEL_FITS = "Oak Elementary, Maple High, 12"
MAX_NAMED = 6
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_AT_ONCE = re.compile(r"(\d{1,7})\s+at\s+once", re.IGNORECASE)
_COUNT = next(item for item in spec_fields.SCHOOL if item.name == "at_once")


def parse_school_lines(text: str, *, schools: Mapping[str, str], errors: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return opens, closes and at_once of each school that a line names; a line that does not fit goes into `errors`.

    `schools` are the names of the district's schools by each name and id, folded. A school has one line.
    """
    own: dict[str, dict[str, Any]] = {}

    def parse(line: str) -> None:
        name, rest = _split_school(line, schools)
        values = _parse_school_values(rest)
        if name in own:
            raise UnfitValue(gettext("%(name)s is there twice") % {"name": name}, fits=gettext("one line a school"))
        own[name] = values

    parse_lines(text, parse, "school_lines", errors, fits=SCHOOL_FITS)
    return own


def parse_travel_lines(text: str, *, schools: Mapping[str, str], errors: dict[str, str]) -> dict[str, dict[str, int]]:
    """Return the minutes between schools that lines name, as the spec's travel has them, each pair once.

    A line that does not fit goes into `errors`.
    """
    travel: dict[str, dict[str, int]] = {}

    def parse(line: str) -> None:
        start, rest = _split_school(line, schools)
        end, rest = _split_school(rest, schools)
        if start == end:
            raise UnfitValue(gettext("the two schools are the same"), fits=TRAVEL_FITS)
        digits = re.sub(r"\s*min(ute)?s?\.?$", "", rest.strip(), flags=re.IGNORECASE)
        minutes = spec_fields.TRAVEL_MINUTES(convert_number(digits))
        if end in travel.get(start, {}) or start in travel.get(end, {}):
            raise UnfitValue(gettext("these two schools are there twice"), fits=gettext("one line for two schools"))
        travel.setdefault(start, {})[end] = minutes

    parse_lines(text, parse, "travel_lines", errors, fits=TRAVEL_FITS)
    return travel


def format_school_lines(own: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the lines of schools with own hours or an own number of visits at once."""
    lines = []
    for name, values in own.items():
        hours = f"{values['opens']}-{values['closes']}" if "opens" in values else ""
        at_once = f"{values['at_once']} at once" if "at_once" in values else ""
        lines.append(", ".join(filter(None, (name, hours, at_once))))
    return "\n".join(lines)


def format_travel_lines(travel: Mapping[str, Any]) -> str:
    """Return the lines of the minutes between two schools."""
    pairs = [
        (start, end, minutes) for start, ends in travel.items() if start != "default" for end, minutes in ends.items()
    ]
    return "\n".join(f"{start}, {end}, {minutes}" for start, end, minutes in pairs)


def select_travel(travel: Mapping[str, Any], schools: frozenset[str]) -> dict[str, Any]:
    """Return the default and the minutes between these schools; the spec names no others."""
    selected: dict[str, Any] = {}
    for start, ends in travel.items():
        if start == "default":
            selected[start] = ends
        elif start in schools and (inside := {end: minutes for end, minutes in ends.items() if end in schools}):
            selected[start] = inside
    return selected


def _split_school(line: str, schools: Mapping[str, str]) -> tuple[str, str]:
    """Return the school that a line begins with, and the rest; a name may have commas, the longest one counts."""
    parts = line.split(",")
    for number in range(len(parts), 0, -1):
        name = schools.get(" ".join(",".join(parts[:number]).casefold().split()))
        if name is not None:
            return name, ",".join(parts[number:])
    named = sorted(set(schools.values()))
    more = gettext(" and %(many)d more") % {"many": len(named) - MAX_NAMED} if len(named) > MAX_NAMED else ""
    reason = gettext("%(name)s is no school of the district") % {
        "name": parts[0].strip()[:60] or gettext("an empty name")
    }
    raise UnfitValue(reason, fits=", ".join(named[:MAX_NAMED]) + more)


def _parse_school_values(rest: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        if match := _HOURS.fullmatch(part):
            if parse_time(match[2]) <= parse_time(match[1]):
                raise UnfitValue(gettext("%(hours)s ends before it begins") % {"hours": part}, fits="06:30-18:00")
            values |= {"opens": match[1], "closes": match[2]}
        elif match := _AT_ONCE.fullmatch(part):
            values["at_once"] = _COUNT.parse(int(match[1]))
        else:
            reason = gettext("%(part)s is neither hours nor a number at once") % {"part": part[:60]}
            raise UnfitValue(reason, fits="06:30-18:00, or 2 at once")
    if not values:
        raise UnfitValue(gettext("names a school and nothing else"), fits=SCHOOL_FITS)
    return values
