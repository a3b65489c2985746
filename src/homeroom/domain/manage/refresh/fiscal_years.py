"""Fiscal years, named by the year in which they end, and the first one for which a device is not good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class FiscalCalendar:
    """When fiscal years start, and until which day of one a device has to last to be good for it."""

    starts_in_month: int
    needed_until: tuple[int, int]
    """Month and day."""

    def find_needed_day(self, year: int) -> date:
        """Return the day of a fiscal year until which a device has to last; 29 February is the 28th in other years."""
        month, day = self.needed_until
        starts_before = self.starts_in_month > 1 and month >= self.starts_in_month
        calendar_year = year - 1 if starts_before else year
        try:
            return date(calendar_year, month, day)
        except ValueError:
            return date(calendar_year, month, 28)

    def find_due_year(self, last_good: date) -> int:
        """Return the first fiscal year for which a device is not good: its last good day is before the needed day."""
        month, _ = self.needed_until
        starts_before = self.starts_in_month > 1 and month >= self.starts_in_month
        year = last_good.year + starts_before
        return year + 1 if last_good >= self.find_needed_day(year) else year
