"""Invented rollouts: schools with bells, rooms with free periods, and a team, as the mapping that a SPEC.yaml holds."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.rollouts.invented_bells import write_bell_folder

SPEC_NAME = "SPEC.json"
_LINE = re.compile(r"\d{1,2}:\d{2}\s+(.*)")
_BETWEEN = re.compile(r"(passing|lunch|brunch|break|free)\b", re.IGNORECASE)
Spec = dict[str, Any]


def invent_rollout(
    folder: Path, *, seed: int, schools: int, rooms: int, technicians: int, helpers: int, bells: Sequence[Path] = ()
) -> Spec:
    """Return a spec whose bell folders lie in a folder: copies of `bells`, or invented ones without any."""
    chance = random.Random(seed)
    names = _provide_bells(folder, seed, min(schools, 45), bells)
    school_list = [
        {
            "id": f"s{number:02d}",
            "bells": f"bells/{names[number % len(names)]}",
            "opens": "07:00",
            "closes": chance.choice(["16:30", "17:00", "17:30"]),
            "at_once": 4,
            "no_visits": {"types": ["*final*", "*sbac*"]},
        }
        for number in range(schools)
    ]
    periods = [_list_class_names(folder / str(school["bells"])) for school in school_list]
    room_list = []
    for number in range(rooms):
        at = number % schools
        count = min(len(periods[at]), chance.choice([1, 1, 2]))
        room_list.append(
            {
                "id": f"s{at:02d}-{number // schools + 101}",
                "school": f"s{at:02d}",
                "minutes": chance.choice([20, 25, 30, 35, 40, 45]),
                "devices": chance.choice([1, 15, 30, 32]),
                "hands": 2 if chance.random() < 0.06 else 1,
                "free": sorted(chance.sample(periods[at], count)),
            }
        )
    return {
        "rollout": "Swap every cart",
        "zone": "America/Los_Angeles",
        "from": "2025-09-02",
        "until": "2026-06-05",
        "grid": 5,
        "walk": 5,
        "class_time": "never",
        "schools": school_list,
        "rooms": room_list,
        "team": _invent_team(chance, technicians, helpers),
        "travel": _invent_travel(chance, schools),
    }


def add_further_rules(spec: Spec, *, seed: int) -> Spec:
    """Return a spec with rings, stock, limits, days away, dates of rooms and two-hour meetings in it as well."""
    chance = random.Random(seed)
    rooms = [dict(room) for room in spec["rooms"]]
    for room in rooms:
        if chance.random() < 0.06:
            room["ring"] = "pilot"
        else:
            room["ring"] = "rest"
        if chance.random() < 0.05:
            room["after"] = f"2025-10-{chance.randrange(1, 28):02d}"
        if chance.random() < 0.1:
            room["not_on"] = [f"2025-09-{chance.randrange(3, 20):02d}..2025-09-{chance.randrange(20, 29):02d}"]
    total = sum(room["devices"] for room in rooms)
    team = [dict(person) for person in spec["team"]]
    for person in team:
        if chance.random() < 0.5:
            person["away"] = [f"2025-{chance.choice(['09', '10', '11'])}-{chance.randrange(4, 26):02d}"]
    return {
        **spec,
        "rooms": rooms,
        "team": team,
        "rings": [{"id": "pilot", "soak_days": 7}, {"id": "rest"}],
        "stock": [
            {"on": "2025-09-02", "devices": total // 3},
            {"on": "2025-09-22", "devices": total // 3},
            {"on": "2025-10-13", "devices": total - 2 * (total // 3)},
        ],
        "limits": {"visits_a_day_in_a_school": 24, "visits_a_week": max(60, len(rooms) // 5)},
    }


def _provide_bells(folder: Path, seed: int, count: int, bells: Sequence[Path]) -> list[str]:
    if not bells:
        for number in range(count):
            write_bell_folder(folder / "bells" / f"b{number:02d}", seed * 1000 + number)
        return [f"b{number:02d}" for number in range(count)]
    names = []
    for source in bells:
        target = folder / "bells" / source.name
        target.mkdir(parents=True, exist_ok=True)
        for name in ("calendar.bell", "schedules.bell"):
            (target / name).write_bytes((source / name).read_bytes())
        names.append(source.name)
    return names[:count]


def _list_class_names(folder: Path) -> list[str]:
    """Return the names of the periods of a school, as its schedules spell them."""
    text = (folder / "schedules.bell").read_text(encoding="utf-8")
    names = {
        " ".join(match[1].replace("{", "").replace("}", "").split())
        for match in map(_LINE.fullmatch, map(str.strip, text.splitlines()))
        if match
    }
    return sorted(name for name in names if name and not _BETWEEN.match(name) and "Testing" not in name)


def _invent_team(chance: random.Random, technicians: int, helpers: int) -> list[Spec]:
    weekdays = ("mon", "tue", "wed", "thu", "fri")
    team: list[Spec] = [
        {"id": f"tech{number}", "works": {day: ["07:30", "15:30"] for day in weekdays}} for number in range(technicians)
    ]
    for number in range(helpers):
        begins = chance.choice([8 * 60, 9 * 60, 12 * 60])
        hours = [f"{begins // 60:02d}:00", f"{begins // 60 + chance.choice([4, 5, 6]):02d}:00"]
        days = sorted(chance.sample(range(5), chance.choice([3, 4, 5])))
        person: Spec = {"id": f"helper{number}", "works": {weekdays[day]: hours for day in days}}
        if chance.random() < 0.6:
            person["minutes_a_week"] = chance.choice([600, 900, 1200])
        team.append(person)
    return team


def _invent_travel(chance: random.Random, schools: int) -> Spec:
    """Return minutes between schools that lie on a map, with a default for those that are far apart."""
    places = [(chance.uniform(0, 30), chance.uniform(0, 30)) for _ in range(schools)]
    travel: Spec = {"default": 30}
    for first in range(schools):
        row = {}
        for second in range(first + 1, schools):
            distance = abs(places[first][0] - places[second][0]) + abs(places[first][1] - places[second][1])
            if distance < 24:
                row[f"s{second:02d}"] = 5 + round(distance)
        if row:
            travel[f"s{first:02d}"] = row
    return travel
