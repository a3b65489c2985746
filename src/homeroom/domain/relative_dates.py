"""Dates in patterns: an ISO date, or a distance from today such as today-90d or today+12m."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_RELATIVE = re.compile(r"today(?:([+-])(\d{1,4})([dwmy]))?\Z")
_MAX_COUNT = {"d": 9999, "w": 1400, "m": 1200, "y": 100}


@dataclass(frozen=True, kw_only=True)
class RelativeDate:
    """A fixed date, or today moved by entire months and then by days."""

    fixed: date | None = None
    months: int = 0
    days: int = 0

    def resolve(self, today: date) -> date:
        """Return the date when it is `today`.

        A month later than 31 January is the last day of February.
        """
        if self.fixed is not None:
            return self.fixed
        month = today.year * 12 + today.month - 1 + self.months
        year, index = divmod(month, 12)
        last_day = calendar.monthrange(year, index + 1)[1]
        return date(year, index + 1, min(today.day, last_day)) + timedelta(days=self.days)


def parse_relative_date(value: object) -> RelativeDate:
    """Parse the date in a pattern's value; raise ValueError, stating what would fit, for anything else."""
    if type(value) is date:
        return RelativeDate(fixed=value)
    if isinstance(value, str):
        relative = _RELATIVE.match(value)
        if relative:
            return _parse_offset(*relative.groups())
        try:
            return RelativeDate(fixed=date.fromisoformat(value))
        except ValueError:
            pass
    raise ValueError(f"{value!r} is not a day; 2026-01-15, today, today-90d, today+6w, today+12m or today-1y would fit")


def _parse_offset(sign: str | None, count: str | None, unit: str | None) -> RelativeDate:
    if sign is None or count is None or unit is None:
        return RelativeDate()
    if int(count) > _MAX_COUNT[unit]:
        raise ValueError(f"today{sign}{count}{unit} is too far away; at most {_MAX_COUNT[unit]}{unit} would fit")
    number = int(count) * (-1 if sign == "-" else 1)
    if unit in "my":
        return RelativeDate(months=number * (12 if unit == "y" else 1))
    return RelativeDate(days=number * (7 if unit == "w" else 1))
