"""Questions to clocks of laws, invented from a seed, each with the answer that a wall calendar gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.laws.clock_duties import LAWS, LIMITS, NEW_FROM
from bench.laws.wall_calendar import (
    UTC,
    count_days,
    count_hours,
    count_months,
    find_first_instant,
    find_instants,
    is_federal_holiday,
    is_texas_holiday,
    is_weekday,
)

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "America/Havana",
    "America/St_Johns", "America/Santiago", "America/Sao_Paulo", "Europe/London", "Africa/Cairo", "Asia/Beirut",
    "Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati", "UTC",
)  # fmt: skip
CALENDARS: tuple[dict[str, Any], ...] = (
    {"first_day": "2025-08-18", "last_day": "2026-05-29",
     "closed": [{"from": "2025-12-22", "to": "2026-01-02"}, {"on": "2026-02-16"},
                {"from": "2026-03-16", "to": "2026-03-20"}]},
    {"first_day": "2026-09-08", "last_day": "2027-06-25", "weekdays": ["mon", "tue", "wed", "thu"],
     "closed": [{"from": "2026-12-24", "to": "2027-01-03"}]},
)  # fmt: skip
EDGES = ("02-28", "03-01", "12-30", "12-31", "01-01", "01-30", "01-31", "06-18", "07-02", "11-10", "11-25", "12-24")
FORMS = ("day", "local", "offset", "utc", "abroad")
type Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClockQuestion:
    """A case of the door, and what must come out: fields of its answer, or None where it must be refused."""

    case: dict[str, Any]
    answer: Answer | None


@dataclass(frozen=True, kw_only=True)
class InventedMoment:
    """A moment as it is written, its local day, and the instant; none if no clock ever shows it."""

    text: str
    day: date
    at: datetime | None


def invent_questions(count: int, *, seed: int) -> Iterator[ClockQuestion]:
    """Invent questions; a seed gives the same each time."""
    dice = random.Random(seed)
    changes = {name: _find_changes(ZoneInfo(name)) for name in ZONES}
    makers: tuple[Callable[..., ClockQuestion], ...] = (
        _ask_limit,
        _ask_limit,
        _ask_limit,
        _ask_limit,
        _ask_readings,
        _ask_version,
    )
    for number in range(count):
        zone = dice.choice(ZONES)
        yield dice.choice(makers)(f"c{number}", zone, changes[zone], dice)


def _find_changes(zone: ZoneInfo) -> list[date]:
    """Find the days on which clocks of a zone change, by their offset at both of its ends."""
    days = [date(2019, 1, 1) + timedelta(days=number) for number in range(365 * 15)]
    offsets = [datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() for day in days]
    return [days[number] for number in range(1, len(days)) if offsets[number] != offsets[number - 1]]


def _invent_moment(zone: ZoneInfo, changes: list[date], dice: random.Random) -> InventedMoment:
    kind = dice.random()
    if kind < 0.3 and changes:
        day = dice.choice(changes) - timedelta(days=dice.choice((0, 0, 1)))
    elif kind < 0.5:
        day = date.fromisoformat(f"{dice.randrange(2019, 2033)}-{dice.choice(EDGES)}")
    elif kind < 0.55:
        day = date(dice.choice((2020, 2024, 2028)), 2, 29)
    else:
        day = date(2019, 1, 1) + timedelta(days=dice.randrange(365 * 13))
    form = dice.choice(FORMS)
    if form == "day":
        return InventedMoment(text=day.isoformat(), day=day, at=find_first_instant(day, zone))
    hour = dice.choice((0, 1, 2, 3, 23, dice.randrange(24)))
    shown = datetime(day.year, day.month, day.day, hour, dice.choice((0, 15, 30, 45)))  # noqa: DTZ001
    instants = find_instants(shown, zone)
    if form == "local":
        return InventedMoment(text=shown.isoformat(), day=day, at=instants[0] if instants else None)
    at = dice.choice(instants) if instants else shown.replace(tzinfo=UTC)
    offsets = {"offset": zone, "utc": UTC, "abroad": ZoneInfo(dice.choice(ZONES))}
    text = at.astimezone(offsets[form]).isoformat()
    return InventedMoment(
        text=text.replace("+00:00", "Z") if form == "utc" else text, day=at.astimezone(zone).date(), at=at
    )


def _ask_limit(name: str, zone: str, changes: list[date], dice: random.Random) -> ClockQuestion:
    """Ask for a limit of any unit, from the earlier of one or two moments."""
    law, duty = dice.choice(LAWS), dice.choice(list(LIMITS))
    count, unit = LIMITS[duty]
    if unit == "school days" and dice.random() < 0.8:
        starts = [_invent_near_school(ZoneInfo(zone), dice) for _ in range(dice.choice((1, 1, 2)))]
    else:
        starts = [_invent_moment(ZoneInfo(zone), changes, dice) for _ in range(dice.choice((1, 1, 2)))]
    calendar = dice.choice((*CALENDARS, None))
    names = dice.sample(["discovered", "vendor_notified"], len(starts))
    case = {
        "id": name,
        "duty": f"{law}:{duty}",
        "timezone": zone,
        "moments": {key: start.text for key, start in zip(names, starts, strict=True)},
        **({"calendar": calendar} if calendar else {}),
    }
    if any(start.at is None for start in starts):
        return ClockQuestion(case=case, answer=None)
    first = min(starts, key=lambda start: (start.at, start.day))
    assert first.at is not None
    is_off = is_texas_holiday if law == "us-texas" else is_federal_holiday
    end_at = count_hours(first.at, count) if unit == "hours" else None
    due = end_at.astimezone(ZoneInfo(zone)).date() if end_at else _count(first.day, count, unit, calendar, is_off)
    later = due
    while law == "us-rolls" and due and not end_at and not (later and is_weekday(later) and not is_off(later)):
        later = count_days(later or due, 1, lambda _: True)
    answer = {
        "applies": "yes",
        "due": due and due.isoformat(),
        "due_at": end_at and end_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "extended_to": later.isoformat() if later and later != due else None,
        "certain": due is not None,
        "waits_for": [] if due else ["calendar"],
    }
    return ClockQuestion(case=case, answer=answer)


def _invent_near_school(zone: ZoneInfo, dice: random.Random) -> InventedMoment:
    day = date(2025, 8, 10) + timedelta(days=dice.randrange(700))
    return InventedMoment(text=day.isoformat(), day=day, at=find_first_instant(day, zone))


def _count(
    day: date, count: int, unit: str, calendar: dict[str, Any] | None, is_off: Callable[[date], bool]
) -> date | None:
    if unit == "months":
        return count_months(day, count)
    if unit == "days":
        return count_days(day, count, lambda _: True)
    if unit == "business days":
        return count_days(day, count, lambda leaf: is_weekday(leaf) and not is_off(leaf))
    school = _list_school_days(calendar) if calendar else []
    if not calendar or not calendar["first_day"] <= day.isoformat() <= calendar["last_day"]:
        return None
    later = [leaf for leaf in school if leaf > day]
    return later[count - 1] if len(later) >= count else None


def _list_school_days(calendar: dict[str, Any]) -> list[date]:
    leaf, last, school = date.fromisoformat(calendar["first_day"]), calendar["last_day"], []
    weekdays = calendar.get("weekdays", ["mon", "tue", "wed", "thu", "fri"])
    closed = [(item.get("on", item.get("from")), item.get("on", item.get("to"))) for item in calendar["closed"]]
    while leaf.isoformat() <= last:
        is_closed = any(first <= leaf.isoformat() <= end for first, end in closed)
        if leaf.strftime("%a").lower() in weekdays and not is_closed:
            school.append(leaf)
        leaf = date.fromordinal(leaf.toordinal() + 1)
    return school


def _ask_readings(name: str, zone: str, changes: list[date], dice: random.Random) -> ClockQuestion:
    """Ask for readings that differ, an extension, dates by facts, periods, and words without a number."""
    moment = _invent_moment(ZoneInfo(zone), changes, dice)
    state, population = dice.choice(("NY", "NY", "ny", "TX", None)), dice.choice((49_999, 50_000, None))
    duty = dice.choice(("doubt", "longer", "dated", "monthly", "yearly", "soon"))
    case = {
        "id": name,
        "duty": f"us-readings:{duty}",
        "timezone": zone,
        "facts": {"state": state, "population": population, "fiscal_year_starts": "07-01"},
        "moments": {"requested" if duty == "longer" else "signed": moment.text},
    }
    if moment.at is None:
        return ClockQuestion(case=case, answer=None)
    applies = {"NY": "yes", "TX": "no"}.get((state or "").upper(), "cannot tell")
    due, later, is_clear = _read(duty, moment.day, population)
    is_no = applies == "no"
    answer = {
        "applies": applies,
        "due": None if is_no or due is None else due.isoformat(),
        "extended_to": None if is_no or later is None else later.isoformat(),
        "certain": applies == "yes" and is_clear,
    }
    return ClockQuestion(case=case, answer=answer)


def _read(duty: str, day: date, population: int | None) -> tuple[date | None, date | None, bool]:
    """Return the due day, the later day with an extension, and whether there is no other reading."""

    def is_open(leaf: date) -> bool:
        return is_weekday(leaf) and not is_federal_holiday(leaf)

    ten = count_days(day, 10, is_open)
    plain = count_days(day, 10, lambda _: True)
    if duty == "doubt":
        return min(ten, plain), None, ten == plain
    if duty == "longer":
        return ten, count_days(ten, 5, is_open), True
    if duty == "dated":
        return date(2028 if population == 49_999 else 2027, 4, 26), None, population is not None
    if duty == "soon":
        return None, None, False
    if duty == "monthly":
        leaf = day
        while date.fromordinal(leaf.toordinal() + 1).day != 1:
            leaf = date.fromordinal(leaf.toordinal() + 1)
        return leaf, None, True
    ends = [_find_next(day, {(1, 30), (7, 31)}), _find_next(day, {(1, 31), (7, 31)})]
    return min(ends), None, ends[0] == ends[1]


def _find_next(day: date, ends: set[tuple[int, int]]) -> date:
    while (day.month, day.day) not in ends:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def _ask_version(name: str, zone: str, changes: list[date], dice: random.Random) -> ClockQuestion:
    """Ask for either version of a law near the day on which one replaces the other, or for a law that is proposed."""
    law = dice.choice(("us-old", "us-new", "us-proposed"))
    day = NEW_FROM + timedelta(days=dice.randrange(-20, 20))
    duty = "notice" if law != "us-proposed" else next(iter(LIMITS))
    case = {"id": name, "duty": f"{law}:{duty}", "timezone": zone, "moments": {"discovered": day.isoformat()}}
    if law == "us-proposed":
        return ClockQuestion(case=case, answer={"applies": "no", "due": None, "certain": False})
    due = count_days(day, 3 if day >= date(2026, 1, 1) else 10, lambda _: True)
    return ClockQuestion(case=case, answer={"applies": "yes", "due": due.isoformat(), "certain": True})
