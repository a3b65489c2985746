"""The one table of planning rules: planning.yaml of a content folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.states import Severity
from homeroom.domain.work import Holiday, Learning, PlanningRules
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read

FILE = "planning.yaml"
_NUMBER = (int, float)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOLIDAY = re.compile(
    rf"(?P<date>(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01]))"
    rf"|(?P<month>{'|'.join(_MONTHS)})-(?P<weekday>{'|'.join(_WEEKDAYS)})-(?P<nth>[1-4]|last)"
)
FIELDS: tuple[Field, ...] = (
    Field(name="suggested_hours", type=_NUMBER, fits="hours a week"),
    Field(name="long_keeps", type=_NUMBER, fits="a share between 0 and 1"),
    Field(name="due_days", type=dict, fits="days by severity"),
    Field(name="working_day", type=dict, fits="starts and ends"),
    Field(name="holidays", type=list, fits="days such as 12-25 and nov-thu-4"),
    Field(name="without_bells", type=dict, fits="minutes before and after"),
    Field(name="learning", type=dict, fits="prior_weight, least and most"),
)
PARTS: Mapping[str, tuple[Field, ...]] = {
    "due_days": tuple(Field(name=str(one), type=int, fits="days", required=False) for one in Severity),
    "working_day": tuple(Field(name=one, type=str, fits='a time such as "07:00"') for one in ("starts", "ends")),
    "without_bells": tuple(Field(name=one, type=int, fits="minutes") for one in ("before", "after")),
    "learning": tuple(Field(name=one, type=_NUMBER, fits="a number") for one in ("prior_weight", "least", "most")),
}


@cache
def planning_rules(directory: Path = SHIPPED) -> PlanningRules:
    """The rules. Raises ContentRefused with all that does not fit."""
    given = read(directory / FILE, root=directory)
    problems = misfits(given, FIELDS, file=FILE)
    problems = problems or [
        one for part, fields in PARTS.items() for one in misfits(given[part], fields, file=FILE, under=f"{part}.")
    ]
    problems = problems or _outside(given)
    if problems:
        raise ContentRefused(problems)
    return PlanningRules(
        suggested_hours=float(given["suggested_hours"]),
        long_keeps=float(given["long_keeps"]),
        day_starts=_minutes(given["working_day"]["starts"]),
        day_ends=_minutes(given["working_day"]["ends"]),
        quiet_before=given["without_bells"]["before"],
        quiet_after=given["without_bells"]["after"],
        learning=Learning(**{name: float(value) for name, value in given["learning"].items()}),
        holidays=tuple(_holiday(text) for text in given["holidays"]),
        due_days={Severity(name): days for name, days in given["due_days"].items()},
    )


def _outside(given: Mapping[str, Any]) -> list[Problem]:
    """Values of the right type that make no sense."""
    day, learning = given["working_day"], given["learning"]
    asked = (
        ("suggested_hours", 0 < given["suggested_hours"] <= 60, "hours above 0 and up to 60"),
        ("long_keeps", 0 < given["long_keeps"] < 1, "a share between 0 and 1"),
        ("due_days", all(days > 0 for days in given["due_days"].values()), "days above 0"),
        ("working_day", all(map(_TIME.match, day.values())) and day["starts"] < day["ends"], "a time and a later one"),
        ("without_bells", all(some >= 0 for some in given["without_bells"].values()), "minutes from 0 on"),
        ("holidays", all(map(_HOLIDAY.fullmatch, map(str, given["holidays"]))), "days such as 12-25 and nov-thu-4"),
        (
            "learning",
            learning["prior_weight"] >= 0 < learning["least"] <= 1 <= learning["most"],
            "a weight from 0 on, and bounds around 1",
        ),
    )
    return [Problem(file=FILE, field=field, told=f"{fits} would fit") for field, holds, fits in asked if not holds]


def _holiday(text: str) -> Holiday:
    found = _HOLIDAY.fullmatch(text)
    assert found is not None
    if found["date"]:
        return Holiday(month=int(found["m"]), day=int(found["d"]))
    nth = -1 if found["nth"] == "last" else int(found["nth"])
    return Holiday(month=_MONTHS.index(found["month"]) + 1, weekday=_WEEKDAYS.index(found["weekday"]), nth=nth)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
