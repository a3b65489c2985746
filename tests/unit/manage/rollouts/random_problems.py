"""Small random rollouts, with every rule in some of them."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from homeroom.domain.manage.rollouts.spec import (
    RolloutLimits,
    RolloutRing,
    RolloutRoom,
    RolloutSchool,
    RolloutSpec,
    StockDelivery,
    TeamMember,
    TravelTimes,
)
from homeroom.domain.schooldays import BellCalendar, DayType, Stretch

FIRST_DAYS = (date(2025, 9, 4), date(2025, 9, 5), date(2025, 9, 8), date(2025, 10, 30))


def _parse_hour(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _build_stretch(starts: str, ends: str, name: str) -> Stretch:
    return Stretch(starts=_parse_hour(starts), ends=_parse_hour(ends), name=name)


NORMAL = DayType(
    name="normal",
    stretches=(
        _build_stretch("8:00", "8:50", "Period 1"),
        _build_stretch("8:50", "9:00", "Passing to Period 2"),
        _build_stretch("9:00", "10:05", "Period 2"),
        _build_stretch("10:05", "10:35", "Lunch"),
        _build_stretch("10:35", "11:25", "Period 3"),
    ),
)
SHORT = DayType(
    name="short", stretches=(_build_stretch("8:30", "9:10", "Period 1"), _build_stretch("9:40", "10:20", "Period 2"))
)
NO_SCHOOL = DayType(name="none")


def build_random_spec(random: Random, *, rooms: int = 3, days: int = 3, grid: int = 30) -> RolloutSpec:
    """Return a rollout with so many rooms and days; each rule is in some of them."""
    first = random.choice(FIRST_DAYS)
    last = first + timedelta(days=days - 1)
    dates = [first + timedelta(days=number) for number in range(days)]
    schools = tuple(_build_school(random, number, dates) for number in range(random.choice((1, 2, 2, 3))))
    rings = tuple(
        RolloutRing(id=f"ring{number}", soak_days=random.choice((0, 0, 1, 2)))
        for number in range(random.choice((1, 1, 2, 3)))
    )
    team = tuple(_build_person(random, number, dates) for number in range(random.choice((1, 2, 2, 3))))
    places = tuple(
        RolloutRoom(
            id=f"room{number}",
            school=random.choice(schools).id,
            minutes=random.choice((15, 30, 30, 45, 60)),
            devices=random.choice((0, 10, 20)),
            hands=2 if random.random() < 0.25 else 1,
            free=frozenset(random.sample(["Period 1", "period 2", "Period 3"], random.choice((0, 1, 1, 2)))),
            ring=random.choice(rings).id,
            after=random.choice(dates) - timedelta(days=1) if random.random() < 0.2 else None,
            not_on=frozenset(random.sample(dates, 1)) if random.random() < 0.2 else frozenset(),
        )
        for number in range(rooms)
    )
    ids = [school.id for school in schools]
    pairs = {frozenset((a, b)): random.choice((0, 15, 30, 45)) for a in ids for b in ids if a < b}
    devices = sum(room.devices for room in places)
    return RolloutSpec(
        title="Random",
        zone=ZoneInfo("America/Los_Angeles"),
        first=first,
        last=last,
        schools=schools,
        rooms=places,
        team=team,
        grid=grid,
        walk=random.choice((0, 0, 5, 15)),
        class_costs=random.random() < 0.5,
        travel=TravelTimes(default=random.choice((0, 20)), pairs=pairs if random.random() < 0.8 else {}),
        rings=rings,
        stock=_build_stock(random, dates, devices),
        limits=RolloutLimits(
            visits_a_day_in_a_school=random.choice((None, None, 1, 2)),
            visits_a_week=random.choice((None, None, 1, 2, 3)),
        ),
    )


def _build_school(random: Random, number: int, dates: list[date]) -> RolloutSchool:
    opens = random.choice(("7:30", "8:00", "8:30"))
    return RolloutSchool(
        id=f"s{number}",
        bells=BellCalendar(
            types={"normal": NORMAL, "short": SHORT, "none": NO_SCHOOL},
            week={day: random.choice(("normal", "normal", "short")) if day < 5 else "none" for day in range(7)},
            special={random.choice(dates): random.choice(("short", "none", "unheard of"))}
            if random.random() < 0.3
            else {},
        ),
        opens=_parse_hour(opens),
        closes=_parse_hour(random.choice(("10:30", "11:00", "12:00"))),
        at_once=random.choice((None, 1, 1, 2)),
        closed=frozenset(random.sample(dates, 1)) if random.random() < 0.15 else frozenset(),
        open_days=frozenset(day for day in dates if day.weekday() >= 5) if random.random() < 0.3 else frozenset(),
        no_visit_days=frozenset(random.sample(dates, 1)) if random.random() < 0.15 else frozenset(),
        no_visit_types=("SHO*",) if random.random() < 0.15 else (),
    )


def _build_person(random: Random, number: int, dates: list[date]) -> TeamMember:
    begins = _parse_hour(random.choice(("7:30", "8:00", "9:00")))
    spans = ((begins, begins + random.choice((90, 150, 240))),)
    busy_from = _parse_hour(random.choice(("8:30", "9:15", "10:00")))
    return TeamMember(
        id=f"p{number}",
        works={day: spans for day in range(7) if random.random() < 0.85},
        away=frozenset(random.sample(dates, 1)) if random.random() < 0.2 else frozenset(),
        busy={random.choice(dates): ((busy_from, busy_from + 30),)} if random.random() < 0.4 else {},
        minutes_a_week=random.choice((None, None, 45, 60, 90, 120)),
    )


def _build_stock(random: Random, dates: list[date], devices: int) -> tuple[StockDelivery, ...] | None:
    if random.random() < 0.5:
        return None
    part = random.randint(0, devices)
    return (
        StockDelivery(on=dates[0] - timedelta(days=3), devices=part),
        StockDelivery(on=random.choice(dates), devices=random.choice((devices - part, devices // 2))),
    )
