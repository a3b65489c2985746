"""The school days of a case's calendar, which is written as in the district's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from homeroom.domain.comply.laws.cases import SchoolDayList
from homeroom.domain.schooldays import SCHOOL

MAX_CALENDARS = 256


def read_school_days(calendar: Mapping[str, Any]) -> SchoolDayList | None:
    """Read the school days of a calendar; None if it is empty. Raise FileRefused with the field and what would fit."""
    return _read_cached(json.dumps(calendar))


@lru_cache(maxsize=MAX_CALENDARS)
def _read_cached(text: str) -> SchoolDayList | None:
    from homeroom.connectors.district.readers import list_calendar_days  # much to import where no case has a calendar

    days = list_calendar_days(json.loads(text))
    if not days:
        return None
    school = tuple(day for day, _, kind, *_ in days if kind == SCHOOL)
    return SchoolDayList(first_day=days[0][0], last_day=days[-1][0], days=school)
