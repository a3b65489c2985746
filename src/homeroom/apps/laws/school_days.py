"""The school days of a case's calendar, which is written as in the district's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from homeroom.domain.laws.cases import SchoolDayList
from homeroom.domain.schooldays import SCHOOL

MAX_CALENDARS = 256


def read_school_days(calendar: Mapping[str, Any]) -> SchoolDayList | None:
    """Read the school days of a calendar; None if it is empty. Raise FileRefused with the field and what would fit."""
    return _read_cached(json.dumps(calendar))


@lru_cache(maxsize=MAX_CALENDARS)
def _read_cached(text: str) -> SchoolDayList | None:
    from homeroom.connectors.district.readers import read_district  # much to import where no case has a calendar

    days = read_district({"calendar": json.loads(text)}).tables["calendar_days"].sort("date")
    if days.is_empty():
        return None
    dates = days["date"].to_list()
    return SchoolDayList(
        first_day=dates[0],
        last_day=dates[-1],
        days=tuple(day for day, kind in zip(dates, days["kind"].to_list(), strict=True) if kind == SCHOOL),
    )
