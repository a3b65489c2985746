"""The fields of a rollout spec: for each part its keys, how each is parsed, and whether it must be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeroom.library.manage.rollouts.spec_values import (
    UnfitValue,
    build_choice_parser,
    build_number_parser,
    parse_day,
    parse_days,
    parse_name,
    parse_text,
    parse_time,
    parse_words,
    parse_works,
    parse_zone,
)

MAX_MINUTES = 24 * 60
MAX_COUNT = 10_000_000


@dataclass(frozen=True, kw_only=True)
class SpecField:
    """A key of a part of the spec: what it means, how it is parsed, and whether it is required."""

    name: str
    parse: Callable[[Any], Any]
    means: str
    required: bool = False


def _parse_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise UnfitValue("is no list", fits="a list of mappings, such as [{id: a}]")
    return value


def _parse_filled_list(value: Any) -> list[Any]:
    if not _parse_list(value):
        raise UnfitValue("is empty", fits="at least one entry")
    return list(value)


def _parse_mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise UnfitValue("is no mapping", fits="keys with values, such as {default: 30}")
    return value


_COUNT = build_number_parser(0, MAX_COUNT)
_POSITIVE = build_number_parser(1, MAX_COUNT)
_MINUTES = build_number_parser(0, MAX_MINUTES)
_LENGTH = build_number_parser(1, MAX_MINUTES)


def _declare(name: str, parse: Callable[[Any], Any], means: str, *, required: bool = False) -> SpecField:
    return SpecField(name=name, parse=parse, means=means, required=required)


ROLLOUT = (
    _declare("rollout", parse_text, "The title."),
    _declare("zone", parse_zone, "The time zone of all times, such as America/Los_Angeles.", required=True),
    _declare("from", parse_day, "The first day that may be planned.", required=True),
    _declare("until", parse_day, "The last day that may be planned.", required=True),
    _declare("grid", _LENGTH, "A visit starts at a multiple of so many minutes after midnight; 5 if not set."),
    _declare("walk", _MINUTES, "Minutes between two visits of one person in one school; 0 if not set."),
    _declare(
        "class_time",
        build_choice_parser("never", "costs"),
        "never: no class is disturbed (the default); costs: it may be, and each minute counts.",
    ),
    _declare("between", parse_words, "Words that begin the name of a stretch that is not class."),
    _declare("schools", _parse_filled_list, "The schools.", required=True),
    _declare("rooms", _parse_filled_list, "The rooms to visit, each once.", required=True),
    _declare("team", _parse_filled_list, "The people who visit.", required=True),
    _declare("travel", _parse_mapping, "Minutes between schools: default, and by school."),
    _declare("rings", _parse_filled_list, "Who goes first, in order."),
    _declare("stock", _parse_list, "Deliveries of devices; no limit if not set."),
    _declare("limits", _parse_mapping, "Limits of visits."),
)
SCHOOL = (
    _declare("id", parse_name, "The school's id.", required=True),
    _declare("bells", parse_name, "The folder with calendar.bell and schedules.bell.", required=True),
    _declare("opens", parse_time, "When the building opens.", required=True),
    _declare("closes", parse_time, "When it closes.", required=True),
    _declare("at_once", _COUNT, "The most visits at the same time."),
    _declare("closed", parse_days, "Days on which nobody is there."),
    _declare("open", parse_days, "Days without class on which visits are possible."),
    _declare("no_visits", _parse_mapping, "Days and types of day without visits."),
)
NO_VISITS = (
    _declare("days", parse_days, "Days without visits."),
    _declare("types", parse_words, "Patterns of names of types of day, such as `*final*`, in any case."),
)
ROOM = (
    _declare("id", parse_name, "The room's id.", required=True),
    _declare("school", parse_name, "The id of its school.", required=True),
    _declare("minutes", _POSITIVE, "How long the visit takes.", required=True),
    _declare("devices", _COUNT, "How many devices it uses up."),
    _declare("hands", _POSITIVE, "How many people it takes at once; 1 if not set."),
    _declare("free", parse_words, "Names of stretches without class in this room, in any case."),
    _declare("ring", parse_name, "Its ring; the first one if not set."),
    _declare("after", parse_day, "The visit is later than this day."),
    _declare("not_on", parse_days, "Days that do not suit."),
)
PERSON = (
    _declare("id", parse_name, "The person's id.", required=True),
    _declare("works", parse_works, "Hours by weekday, mon to sun.", required=True),
    _declare("away", parse_days, "Days away."),
    _declare("calendar", parse_name, "An iCalendar file (.ics); its events are not free."),
    _declare("minutes_a_week", _COUNT, "The most minutes a week, each day from first start to last end."),
)
RING = (
    _declare("id", parse_name, "The ring's id.", required=True),
    _declare("soak_days", build_number_parser(0, 1000), "Days from its last visit to the next ring's first."),
)
STOCK = (
    _declare("on", parse_day, "The day on which devices arrive.", required=True),
    _declare("devices", _COUNT, "How many.", required=True),
)
LIMITS = (
    _declare("visits_a_day_in_a_school", _COUNT, "The most visits of a day in one school."),
    _declare("visits_a_week", _COUNT, "The most visits of a week, Monday to Sunday."),
)
TRAVEL_MINUTES = _MINUTES
