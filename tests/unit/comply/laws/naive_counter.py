"""Deadlines counted day by day, as somebody with a wall calendar would; shares no code with the engine."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone(timedelta(0))
QUARTER_HOURS = [timedelta(minutes=15 * number) for number in range(-14 * 4, 14 * 4 + 1)]


def find_instants(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Find every moment at which clocks of the zone show the local time, by trying all offsets."""
    tried = ((local - offset).replace(tzinfo=UTC) for offset in QUARTER_HOURS)
    return sorted(moment for moment in tried if moment.astimezone(zone).replace(tzinfo=None) == local)


def count_hours(start: datetime, hours: int, zone: ZoneInfo) -> tuple[datetime, date]:
    """Count elapsed hours one by one; return the end and its local date."""
    moment = start
    for _ in range(hours):
        moment = datetime.fromtimestamp(moment.timestamp() + 3600, tz=UTC)
    return moment, moment.astimezone(zone).date()


def count_days(start: date, count: int, counted: Collection[date] | None = None) -> date:
    """Walk from the day after the start until `count` days were passed, of those that count."""
    day, passed = start, 0
    while passed < count:
        day = date.fromordinal(day.toordinal() + 1)
        if counted is None or day in counted:
            passed += 1
    return day


def count_months(start: date, count: int) -> date:
    """Walk through the months, and in the last one up to the start's number or the month's end."""
    day, passed = start, 0
    while passed < count:
        following = date.fromordinal(day.toordinal() + 1)
        passed += following.month != day.month
        day = following
    while day.day < start.day and date.fromordinal(day.toordinal() + 1).month == day.month:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def list_federal_holidays(year: int) -> set[date]:
    """List the federal holidays of a year as the statute names them, each observed on a weekday."""

    def find_nth(month: int, weekday: int, number: int) -> date:
        days = [date(year, month, day) for day in range(1, 29)]
        return [day for day in days if day.weekday() == weekday][number - 1]

    may = [date(year, 5, day) for day in range(1, 32)]
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    fixed.append(date(year + 1, 1, 1))
    observed = set()
    for day in fixed:
        step = {"Saturday": -1, "Sunday": 1}.get(day.strftime("%A"), 0)
        observed.add(date.fromordinal(day.toordinal() + step))
    mondays = {find_nth(1, 0, 3), find_nth(2, 0, 3), find_nth(9, 0, 1), find_nth(10, 0, 2)}
    mondays.add([day for day in may if day.weekday() == 0][-1])
    return observed | mondays | {find_nth(11, 3, 4)}


def list_business_days(first_year: int, last_year: int) -> set[date]:
    """List the weekdays without federal holidays of some years."""
    holidays = {day for year in range(first_year, last_year + 1) for day in list_federal_holidays(year)}
    days = (date.fromordinal(n) for n in range(date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()))
    return {day for day in days if day.strftime("%a") not in ("Sat", "Sun") and day not in holidays}
