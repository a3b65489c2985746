"""Small rollouts on given bell folders: a few rooms and days, each kind with the rule that it is about."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.rollouts.broken_rules import is_class, read_bells
from bench.rollouts.invented_bells import write_bell_folder
from bench.rollouts.visit_options import WEEKDAYS, Busy
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.spec import RolloutSpec

KINDS = ("rings", "stock", "hands", "calendar", "crowded", "costs")
FIRST_DAYS = tuple(date(2025, 9, 8) + timedelta(days=7 * week) for week in (0, 1, 2, 4, 6, 8, 12, 18, 20, 25, 28, 32))
INVENTED_SCHOOLS = 12


@dataclass(frozen=True, kw_only=True)
class SmallProblem:
    """A spec's mapping, the folder that its paths are relative to, and when people are busy."""

    spec: dict[str, Any]
    folder: Path
    busy: Busy

    def change(self, **values: Any) -> SmallProblem:
        """Return the problem with other values of the spec."""
        return replace(self, spec=self.spec | values)

    def load(self) -> RolloutSpec:
        """Return the spec as Homeroom reads it, through files."""
        path = self.folder / "spec.json"
        path.write_text(json.dumps(self.spec), encoding="utf-8")
        return load_spec(path)


def provide_bells(folder: Path, bells: Sequence[Path]) -> list[str]:
    """Put copies of bell folders into a folder, or invented ones where there are none; return their names."""
    if not bells:
        for number in range(INVENTED_SCHOOLS):
            write_bell_folder(folder / "bells" / f"b{number:02d}", number)
        return [f"b{number:02d}" for number in range(INVENTED_SCHOOLS)]
    for source in bells:
        target = folder / "bells" / source.name
        target.mkdir(parents=True, exist_ok=True)
        for name in ("calendar.bell", "schedules.bell"):
            (target / name).write_bytes((source / name).read_bytes())
    return [source.name for source in bells]


def invent_problem(folder: Path, names: Sequence[str], *, kind: str, seed: int, is_tight: bool = False) -> SmallProblem:
    """Return a problem of a kind, with other rules by chance. A tight one often has no complete plan."""
    return _SmallInvention(folder, names, kind, random.Random(f"{kind}-{seed}-{is_tight}"), is_tight).build()


class _SmallInvention:
    def __init__(self, folder: Path, names: Sequence[str], kind: str, chance: random.Random, is_tight: bool) -> None:
        self._folder, self._kind, self._chance, self._is_tight = folder, kind, chance, is_tight
        self._bells = chance.sample(list(names), 3)

    def build(self) -> SmallProblem:
        chance, kind = self._chance, self._kind
        first = chance.choice(FIRST_DAYS) + timedelta(days=chance.randrange(5))
        days = [
            first + timedelta(days=number)
            for number in range(chance.choice((2, 3, 4) if self._is_tight else (4, 5, 7)))
        ]
        opens = chance.choice((8 * 60, 9 * 60, 10 * 60))
        closes = opens + chance.choice((120, 150, 180, 240) if self._is_tight else (180, 240, 300))
        schools = [self._build_school(number, opens, closes, days) for number in range(self._count_schools())]
        rooms = [self._build_room(number, schools, days) for number in range(chance.choice((5, 6, 6, 7)))]
        count = chance.choice((2, 3)) if kind in ("hands", "crowded") else chance.choice((1, 2, 2))
        if kind == "crowded" and self._is_tight:
            count = 3
        spec: dict[str, Any] = {
            "rollout": "A few carts",
            "zone": "America/Los_Angeles",
            "from": first.isoformat(),
            "until": days[-1].isoformat(),
            "grid": chance.choice((10, 15, 15)),
            "walk": chance.choice((0, 5)),
            "class_time": "costs" if kind == "costs" else "never",
            "schools": schools,
            "rooms": rooms,
            "team": [self._build_person(number, opens, closes, days) for number in range(count)],
            "travel": self._build_travel(schools),
        }
        self._add_rules(spec, days)
        busy = self._add_calendars(spec, days) if kind == "calendar" or chance.random() < 0.15 else {}
        return SmallProblem(spec=spec, folder=self._folder, busy=busy)

    def _count_schools(self) -> int:
        # A crowd that is in the way needs many people in few schools.
        return self._chance.choice((1, 1, 2) if self._kind == "crowded" and self._is_tight else (1, 2, 2, 3))

    def _build_school(self, number: int, opens: int, closes: int, days: Sequence[date]) -> dict[str, Any]:
        chance = self._chance
        school: dict[str, Any] = {
            "id": f"s{number}",
            "bells": f"bells/{self._bells[number]}",
            "opens": _format_minute(opens),
            "closes": _format_minute(closes),
        }
        if self._kind == "crowded" or chance.random() < 0.15:
            school["at_once"] = 1 if self._is_tight else chance.choice((1, 1, 2))
        if chance.random() < (0.4 if self._is_tight else 0.1):
            school["no_visits"] = {"days": [chance.choice(days).isoformat()]}
        elif chance.random() < 0.15:
            school["no_visits"] = {"types": [f"*{self._get_type(number, chance.choice(days))[-5:]}*"]}
        if chance.random() < 0.1:
            school["closed"] = [chance.choice(days).isoformat()]
        if chance.random() < 0.2:
            school["open"] = [day.isoformat() for day in days if day.weekday() >= 5]
        return school

    def _get_type(self, number: int, day: date) -> str:
        _, week, special = read_bells(self._folder / "bells" / self._bells[number])
        return special.get(day) or week.get(day.weekday()) or "none"

    def _build_room(self, number: int, schools: Sequence[dict[str, Any]], days: Sequence[date]) -> dict[str, Any]:
        chance = self._chance
        at = chance.randrange(len(schools))
        types, _, _ = read_bells(self._folder / "bells" / self._bells[at])
        stretches = types.get(self._get_type(at, chance.choice(days)), [])
        names = sorted({name for begins, _, name in stretches if is_class({}, name) and begins < 13 * 60})
        room: dict[str, Any] = {
            "id": f"r{number}",
            "school": schools[at]["id"],
            "minutes": chance.choice((20, 30, 30, 40, 50)),
            "devices": chance.choice((0, 1, 15, 30)),
            "hands": 2 if chance.random() < (0.4 if self._kind == "hands" else 0.05) else 1,
            "free": chance.sample(names, min(len(names), chance.choice((1, 2, 2) if self._is_tight else (2, 3)))),
        }
        if chance.random() < (0.2 if self._is_tight else 0.05):
            room["not_on"] = [chance.choice(days).isoformat()]
        if chance.random() < (0.2 if self._is_tight else 0.05):
            room["after"] = chance.choice(days).isoformat()
        return room

    def _build_person(self, number: int, opens: int, closes: int, days: Sequence[date]) -> dict[str, Any]:
        chance = self._chance
        begins, ends = opens + chance.choice((0, 0, 30)), closes - chance.choice((0, 0, 30))
        hours = [_format_minute(begins), _format_minute(ends)]
        person: dict[str, Any] = {
            "id": ("kim", "lee", "max")[number],
            "works": {day: hours for day in WEEKDAYS if chance.random() < (0.25 if day in ("sat", "sun") else 0.9)},
        }
        person["works"].setdefault("wed", hours)
        if chance.random() < 0.2:
            person["away"] = [chance.choice(days).isoformat()]
        if chance.random() < 0.3:
            person["minutes_a_week"] = chance.choice((90, 120, 200, 300))
        return person

    def _build_travel(self, schools: Sequence[dict[str, Any]]) -> dict[str, Any]:
        places = [(self._chance.randrange(0, 20), self._chance.randrange(0, 20)) for _ in schools]
        travel: dict[str, Any] = {"default": 30}
        for first in range(len(schools)):
            for second in range(first + 1, len(schools)):
                distance = abs(places[first][0] - places[second][0]) + abs(places[first][1] - places[second][1])
                travel.setdefault(f"s{first}", {})[f"s{second}"] = 5 + distance
        return travel

    def _add_rules(self, spec: dict[str, Any], days: Sequence[date]) -> None:
        chance, kind = self._chance, self._kind
        if kind == "rings" or chance.random() < 0.15:
            spec["rings"] = [
                {"id": "pilot", "soak_days": chance.choice((1, 2) if self._is_tight else (0, 1, 2))},
                {"id": "rest"},
            ]
            for room in spec["rooms"]:
                room["ring"] = "pilot" if chance.random() < 0.3 else "rest"
        if kind == "stock" or chance.random() < 0.15:
            total = sum(room["devices"] for room in spec["rooms"])
            part = chance.randint(0, total)
            rest = total - part - (chance.choice((0, 15)) if self._is_tight else 0)
            later = days[: None if self._is_tight else len(days) // 2 + 1]
            spec["stock"] = [
                {"on": days[0].isoformat(), "devices": part},
                {"on": chance.choice(later).isoformat(), "devices": max(0, rest)},
            ]
        limits = {}
        if chance.random() < (0.4 if kind == "crowded" else 0.1):
            limits["visits_a_day_in_a_school"] = chance.choice((1, 2, 3))
        if chance.random() < (0.3 if self._is_tight else 0.1):
            limits["visits_a_week"] = chance.choice((3, 4, 5))
        if limits:
            spec["limits"] = limits

    def _add_calendars(
        self, spec: dict[str, Any], days: Sequence[date]
    ) -> dict[str, dict[date, list[tuple[int, int]]]]:
        """Write a calendar for the first person: a meeting on some days, and each day's break as a repetition."""
        chance, person = self._chance, spec["team"][0]
        name = f"{person['id']}-{self._kind}-{chance.randrange(10**9)}.ics"
        begins = 8 * 60 + 15 * chance.randrange(16)
        busy = {day: [(begins, begins + 30)] for day in days}
        meeting, starts = chance.choice(days), 8 * 60 + 15 * chance.randrange(16)
        busy[meeting].append((starts, starts + 60))
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", "BEGIN:VEVENT", "UID:break@bench",
            f"DTSTART;TZID=America/Los_Angeles:{_format_stamp(days[0], begins)}",
            f"DTEND;TZID=America/Los_Angeles:{_format_stamp(days[0], begins + 30)}",
            f"RRULE:FREQ=DAILY;COUNT={len(days)}", "END:VEVENT", "BEGIN:VEVENT", "UID:meeting@bench",
            f"DTSTART;TZID=America/Los_Angeles:{_format_stamp(meeting, starts)}",
            f"DTEND;TZID=America/Los_Angeles:{_format_stamp(meeting, starts + 60)}", "END:VEVENT", "END:VCALENDAR",
        ]  # fmt: skip
        (self._folder / name).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
        person["calendar"] = name
        return {person["id"]: busy}


def _format_minute(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _format_stamp(day: date, minute: int) -> str:
    return f"{day:%Y%m%d}T{minute // 60:02d}{minute % 60:02d}00"
