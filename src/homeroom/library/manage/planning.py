"""The planning rules: planning.yaml of a content folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.manage.planning import EstimateLearning, Holiday, PlanningRules
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.schooldays import WEEKDAYS
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_yaml,
    validate_fields,
)

FILE = "planning.yaml"
_NUMBER = (int, float)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOLIDAY = re.compile(
    rf"(?P<date>(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01]))"
    rf"|(?P<month>{'|'.join(_MONTHS)})-(?P<weekday>{'|'.join(WEEKDAYS)})-(?P<nth>[1-4]|last)"
)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="suggested_hours", type=_NUMBER, fits="hours a week"),
    ContentField(name="long_keeps", type=_NUMBER, fits="a share between 0 and 1"),
    ContentField(name="due_days", type=dict, fits="days by severity"),
    ContentField(name="working_day", type=dict, fits="starts and ends"),
    ContentField(name="holidays", type=list, fits="days such as 12-25 and nov-thu-4"),
    ContentField(name="without_bells", type=dict, fits="minutes before and after"),
    ContentField(name="learning", type=dict, fits="prior_weight, least and most"),
)
PARTS: Mapping[str, tuple[ContentField, ...]] = {
    "due_days": tuple(ContentField(name=str(name), type=int, fits="days", required=False) for name in Severity),
    "working_day": tuple(
        ContentField(name=name, type=str, fits='a time such as "07:00"') for name in ("starts", "ends")
    ),
    "without_bells": tuple(ContentField(name=name, type=int, fits="minutes") for name in ("before", "after")),
    "learning": tuple(
        ContentField(name=name, type=_NUMBER, fits="a number") for name in ("prior_weight", "least", "most")
    ),
}


@cache
def load_planning_rules(directory: Path = BUILTIN_CONTENT) -> PlanningRules:
    """Load the planning rules; raise ContentRefused with all problems."""
    raw = load_yaml(directory / FILE, root=directory)
    problems = validate_fields(raw, FIELDS, file=FILE)
    problems = problems or [
        problem
        for part, fields in PARTS.items()
        for problem in validate_fields(raw[part], fields, file=FILE, under=f"{part}.")
    ]
    problems = problems or _validate_ranges(raw)
    if problems:
        raise ContentRefused(problems)
    return PlanningRules(
        suggested_hours=float(raw["suggested_hours"]),
        long_keeps=float(raw["long_keeps"]),
        day_starts=_parse_minutes(raw["working_day"]["starts"]),
        day_ends=_parse_minutes(raw["working_day"]["ends"]),
        quiet_before=raw["without_bells"]["before"],
        quiet_after=raw["without_bells"]["after"],
        learning=EstimateLearning(**{name: float(value) for name, value in raw["learning"].items()}),
        holidays=tuple(parse_holiday(text) for text in raw["holidays"]),
        due_days={Severity(name): days for name, days in raw["due_days"].items()},
    )


def _validate_ranges(raw: Mapping[str, Any]) -> list[ContentProblem]:
    """Return the problems of values that have the right type but are out of range."""
    day, learning = raw["working_day"], raw["learning"]
    checks = (
        ("suggested_hours", 0 < raw["suggested_hours"] <= 60, "hours above 0 and up to 60"),
        ("long_keeps", 0 < raw["long_keeps"] < 1, "a share between 0 and 1"),
        ("due_days", all(days > 0 for days in raw["due_days"].values()), "days above 0"),
        ("working_day", all(map(_TIME.match, day.values())) and day["starts"] < day["ends"], "a time and a later one"),
        ("without_bells", all(minutes >= 0 for minutes in raw["without_bells"].values()), "minutes from 0 on"),
        ("holidays", all(map(is_holiday_text, raw["holidays"])), "days such as 12-25 and nov-thu-4"),
        (
            "learning",
            learning["prior_weight"] >= 0 < learning["least"] <= 1 <= learning["most"],
            "a weight from 0 on, and bounds around 1",
        ),
    )
    return [
        ContentProblem(file=FILE, field=field, message=f"{fits} would fit")
        for field, holds, fits in checks
        if not holds
    ]


def is_holiday_text(value: object) -> bool:
    """Check whether a value spells a day that comes every year, such as 12-25 or nov-thu-4."""
    return _HOLIDAY.fullmatch(str(value)) is not None


def parse_holiday(text: str) -> Holiday:
    """Parse a day that comes every year, such as 12-25 or nov-thu-4."""
    match = _HOLIDAY.fullmatch(text)
    assert match is not None
    if match["date"]:
        return Holiday(month=int(match["m"]), day=int(match["d"]))
    nth = -1 if match["nth"] == "last" else int(match["nth"])
    return Holiday(month=_MONTHS.index(match["month"]) + 1, weekday=WEEKDAYS.index(match["weekday"]), nth=nth)


def _parse_minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
