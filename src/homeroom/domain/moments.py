"""Days that a pattern names: an ISO date, or a distance from today such as today-90d or today+12m."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_RELATIVE = re.compile(r"today(?:([+-])(\d{1,4})([dwmy]))?\Z")
_LONGEST = {"d": 9999, "w": 1400, "m": 1200, "y": 100}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A fixed day, or today moved by whole months and then by days."""

    fixed: date | None = None
    months: int = 0
    days: int = 0

    def on(self, today: date) -> date:
        """The day meant when it is `today`. A month later than 31 January is the last day of February."""
        if self.fixed is not None:
            return self.fixed
        month = today.year * 12 + today.month - 1 + self.months
        year, index = divmod(month, 12)
        last = calendar.monthrange(year, index + 1)[1]
        return date(year, index + 1, min(today.day, last)) + timedelta(days=self.days)


def moment(value: object) -> Moment:
    """The moment that a pattern's value names; raises ValueError, saying what would fit, for anything else."""
    if type(value) is date:
        return Moment(fixed=value)
    if isinstance(value, str):
        relative = _RELATIVE.match(value)
        if relative:
            return _moved(*relative.groups())
        try:
            return Moment(fixed=date.fromisoformat(value))
        except ValueError:
            pass
    raise ValueError(f"{value!r} is not a day; 2026-01-15, today, today-90d, today+6w, today+12m or today-1y would fit")


def _moved(sign: str | None, count: str | None, unit: str | None) -> Moment:
    if sign is None or count is None or unit is None:
        return Moment()
    if int(count) > _LONGEST[unit]:
        raise ValueError(f"today{sign}{count}{unit} is too far away; at most {_LONGEST[unit]}{unit} would fit")
    number = int(count) * (-1 if sign == "-" else 1)
    if unit in "my":
        return Moment(months=number * (12 if unit == "y" else 1))
    return Moment(days=number * (7 if unit == "w" else 1))
