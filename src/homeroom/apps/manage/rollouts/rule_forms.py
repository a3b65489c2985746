"""Parse the forms of a rollout's rules into the spec's own keys: the team, deliveries of devices, and the limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.form_lines import MAX_LINES, convert_number, parse_lines
from homeroom.apps.manage.rollouts.school_rules import (
    format_school_lines,
    format_travel_lines,
    parse_school_lines,
    parse_travel_lines,
)
from homeroom.apps.manage.rollouts.spreadsheet_days import write_iso_days
from homeroom.domain.schooldays import WEEKDAYS
from homeroom.library.manage.rollouts import spec_fields
from homeroom.library.manage.rollouts.spec_fields import SpecField
from homeroom.library.manage.rollouts.spec_values import UnfitValue, parse_day, parse_days, parse_name, parse_time

PRESET_RULES: Mapping[str, str] = {
    "from": "",
    "until": "",
    "class_time": "never",
    "opens": "07:00",
    "closes": "17:00",
    "at_once": "3",
    "walk": "5",
    "travel": "20",
    "types": "*final*, *exam*, *test*, *sbac*, *caaspp*, *staar*, *wida*, *psat*",
    "no_visit_days": "",
    "quiet_days": "1",
    "edge_weeks": "1",
    "school_lines": "",
    "travel_lines": "",
    "one_a_week": "1",
    "soak_days": "",
    "visits_a_day_in_a_school": "",
    "visits_a_week": "",
}
"""Texts of the form's fields for a new rollout: not in class, and nothing while there are tests."""
TEAM_FITS = "Kim, mon-fri, 07:30-15:30"
STOCK_FITS = "2026-09-01, 400"
_ROLLOUT = {item.name: item for item in spec_fields.ROLLOUT}
_SCHOOL = {item.name: item for item in spec_fields.SCHOOL}
_LIMITS = {item.name: item for item in spec_fields.LIMITS}
_RING = {item.name: item for item in spec_fields.RING}
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_WEEKLY = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)\s*h(?:ours?|rs?)?(?:\s*(\d{1,2})\s*min(?:utes?)?)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ParsedForm:
    """Keys of the spec from a form, and for each field that does not fit what would."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def parse_rules(form: Mapping[str, str], *, today: date, schools: Mapping[str, str]) -> ParsedForm:
    """Parse the form of dates and limits. `schools` are the names of the district's schools by each name and id."""
    parser = _FormParser(form)
    values: dict[str, Any] = {
        "from": parser.parse("from", _ROLLOUT["from"].parse, required=True),
        "until": parser.parse("until", _ROLLOUT["until"].parse, required=True),
        "class_time": parser.parse("class_time", _ROLLOUT["class_time"].parse, required=True),
        "walk": parser.parse_number("walk", _ROLLOUT["walk"]),
        "travel": {"default": parser.parse("travel", _parse_minutes) or 0}
        | parse_travel_lines(form.get("travel_lines", ""), schools=schools, errors=parser.errors),
        "soak_days": parser.parse_number("soak_days", _RING["soak_days"]),
        "quiet_days": form.get("quiet_days") == "1" or None,
        "edge_weeks": form.get("edge_weeks") == "1" or None,
        "own_schools": parse_school_lines(form.get("school_lines", ""), schools=schools, errors=parser.errors),
        "one_a_week": form.get("one_a_week") == "1" or None,
        "limits": _drop_empty({name: parser.parse_number(name, item) for name, item in _LIMITS.items()}),
    }
    opens, closes = (parser.parse(name, parse_time, required=True) for name in ("opens", "closes"))
    school = {"opens": opens, "closes": closes, "at_once": parser.parse_number("at_once", _SCHOOL["at_once"])}
    no_visits = {"days": parser.parse("no_visit_days", _check_days), "types": _split_list(form.get("types", ""))}
    first, last = values["from"], values["until"]
    if first and last and last < first:
        parser.errors["until"] = gettext("The last day is before the first one; a later day would fit.")
    elif last and last < today:
        parser.errors["until"] = gettext("The last day is over; a later day would fit.")
    if opens is not None and closes is not None and closes <= opens:
        parser.errors["closes"] = gettext("It closes before it opens; a later time would fit.")
    for name in ("opens", "closes"):
        school[name] = form.get(name, "").strip()
    values |= {name: day.isoformat() for name, day in (("from", first), ("until", last)) if day}
    values["each_school"] = _drop_empty({**school, "no_visits": _drop_empty(no_visits)})
    return ParsedForm(values=_drop_empty(values), errors=parser.errors)


def parse_team(form: Mapping[str, str]) -> ParsedForm:
    """Parse the lines of the team and of deliveries."""
    errors: dict[str, str] = {}
    team = parse_lines(form.get("team", ""), _parse_person, "team", errors, fits=TEAM_FITS)
    stock = parse_lines(form.get("stock", ""), _parse_delivery, "stock", errors, fits=STOCK_FITS)
    names = [person["id"].casefold() for person in team]
    doubled = next((person["id"] for person in team if names.count(person["id"].casefold()) > 1), None)
    if doubled:
        errors["team"] = gettext("%(name)s is there twice; one line a person would fit.") % {"name": doubled}
    elif not team and "team" not in errors:
        errors["team"] = gettext("Nobody is in the team; a line such as “%(fits)s” would fit.") % {"fits": TEAM_FITS}
    return ParsedForm(values={"team": team, **({"stock": stock} if stock else {})}, errors=errors)


def format_rules(rules: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the form's fields from rules; presets for those that have none yet."""
    if "from" not in rules:
        return dict(PRESET_RULES)
    school = rules.get("each_school", {})
    no_visits, limits = school.get("no_visits", {}), rules.get("limits", {})
    values = {
        **{name: rules.get(name) for name in ("from", "until", "class_time", "walk", "soak_days")},
        **{name: school.get(name) for name in ("opens", "closes", "at_once")},
        **{name: limits.get(name) for name in _LIMITS},
        "travel": rules.get("travel", {}).get("default"),
        "quiet_days": "1" if rules.get("quiet_days") else "",
        "edge_weeks": "1" if rules.get("edge_weeks") else "",
        "school_lines": format_school_lines(rules.get("own_schools", {})),
        "travel_lines": format_travel_lines(rules.get("travel", {})),
        "one_a_week": "1" if rules.get("one_a_week") else "",
        "types": ", ".join(no_visits.get("types", ())),
        "no_visit_days": ", ".join(no_visits.get("days", ())),
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}


def format_team(rules: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the team's form from rules."""
    return {
        "team": "\n".join(_format_person(person) for person in rules.get("team", ())),
        "stock": "\n".join(f"{item['on']}, {item['devices']}" for item in rules.get("stock", ())),
    }


class _FormParser:
    """Parses single fields and collects what does not fit."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.errors: dict[str, str] = {}

    def parse(self, name: str, parse: Callable[[Any], Any], *, required: bool = False) -> Any:
        text = self._form.get(name, "").strip()
        if not text:
            if required:
                self.errors[name] = gettext("This is needed.")
            return None
        try:
            return parse(text)
        except UnfitValue as error:
            is_named = error.reason.startswith(tuple(_split_list(text)))
            reason = error.reason if is_named else f"{text[:60]} {error.reason}"
            self.errors[name] = gettext("%(reason)s; %(fits)s would fit.") % {"reason": reason, "fits": error.fits}
            return None

    def parse_number(self, name: str, item: SpecField) -> int | None:
        number: int | None = self.parse(name, lambda text: item.parse(convert_number(text)))
        return number


def _parse_minutes(text: str) -> int:
    return spec_fields.TRAVEL_MINUTES(convert_number(text))


def _drop_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _split_list(text: str) -> list[str]:
    return [item.strip() for item in re.split(r"[,;\n]", text) if item.strip()][:MAX_LINES]


def _check_days(text: str) -> list[str]:
    days = _split_list(write_iso_days(text))
    parse_days(days)
    return days


def _parse_person(line: str) -> dict[str, Any]:
    """Parse a name, weekdays and hours, and where they are there the hours a week and days away, in any order."""
    name, *parts = (part.strip() for part in line.split(","))
    weekdays: list[str] = []
    hours: list[list[str]] = []
    person: dict[str, Any] = {"id": parse_name(name)[:60]}
    away: list[str] = []
    for part in filter(None, parts):
        if match := _HOURS.fullmatch(part):
            hours.append(_check_hours(part, match[1], match[2]))
        elif match := _WEEKLY.fullmatch(part):
            person["minutes_a_week"] = round(float(match[1]) * 60) + int(match[2] or 0)
        elif part.casefold().startswith("away "):
            away.append(write_iso_days(part[5:].strip()))
        elif part[:1].isdigit():
            raise UnfitValue(f"{part} is neither hours of a day nor hours a week", fits="07:30-15:30, or 20 h")
        else:
            weekdays += _parse_weekdays(part)
    if not weekdays or not hours:
        raise UnfitValue("lacks weekdays or hours", fits=TEAM_FITS)
    works = {weekday: hours[0] if len(hours) == 1 else hours for weekday in weekdays}
    if away:
        parse_days(away)
        person["away"] = away
    return {**person, "works": works}


def _check_hours(text: str, begins: str, ends: str) -> list[str]:
    try:
        is_span = parse_time(begins) < parse_time(ends)
    except UnfitValue as error:
        raise UnfitValue(f"{text} {error.reason}", fits="07:30-15:30") from None
    if not is_span:
        raise UnfitValue(f"{text} ends before it begins", fits="07:30-15:30")
    return [begins, ends]


def _parse_weekdays(text: str) -> list[str]:
    start, dash, end = (part.strip()[:3].casefold() for part in text.replace("–", "-").partition("-"))
    if start not in WEEKDAYS or (dash and end not in WEEKDAYS):
        raise UnfitValue(f"{text} is no weekday", fits="mon-fri, or tue")
    first, last = WEEKDAYS.index(start), WEEKDAYS.index(end if dash else start)
    if last < first:
        raise UnfitValue(f"{text} ends before it begins", fits="mon-fri")
    return list(WEEKDAYS[first : last + 1])


def _format_person(person: Mapping[str, Any]) -> str:
    works = person["works"]
    hours = next(iter(works.values()))
    pairs = hours if isinstance(hours[0], list) else [hours]
    parts = [person["id"], *_format_weekdays(list(works)), *(f"{first}-{last}" for first, last in pairs)]
    if "minutes_a_week" in person:
        full_hours, minutes = divmod(person["minutes_a_week"], 60)
        parts.append(f"{full_hours} h {minutes} min" if minutes else f"{full_hours} h")
    return ", ".join([*parts, *(f"away {days}" for days in person.get("away", ()))])


def _format_weekdays(weekdays: list[str]) -> list[str]:
    numbers = [WEEKDAYS.index(weekday) for weekday in weekdays]
    is_run = numbers == list(range(numbers[0], numbers[-1] + 1))
    return [f"{weekdays[0]}-{weekdays[-1]}"] if is_run and len(weekdays) > 1 else weekdays


def _parse_delivery(line: str) -> dict[str, Any]:
    day, _, devices = (part.strip() for part in line.partition(","))
    number = next(item for item in spec_fields.STOCK if item.name == "devices").parse(convert_number(devices))
    return {"on": parse_day(write_iso_days(day)).isoformat(), "devices": number}
