"""Count the rules that a plan breaks, from the spec's mapping and the bell files: shares no code with the planner."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BETWEEN = (
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "advisory lunch",
    "before school", "after school", "student arrival", "arrival", "dismissal", "staggered dismissal", "office hours",
    "counselor drop in", "student work time", "course information", "club", "transition", "travel",
)  # fmt: skip
Visit = Mapping[str, Any]
"""A visit: room, day, starts and ends in minutes, people, class_minutes."""


def count_broken_rules(spec: Mapping[str, Any], folder: Path, visits: Sequence[Visit]) -> Counter[str]:
    """Return how often each rule is broken."""
    broken: Counter[str] = Counter()
    rooms = {room["id"]: room for room in spec["rooms"]}
    schools = {school["id"]: school for school in spec["schools"]}
    people = {person["id"]: person for person in spec["team"]}
    broken["room twice"] += len(visits) - len({visit["room"] for visit in visits})
    for visit in visits:
        room = rooms[visit["room"]]
        for rule in _list_broken_of_visit(spec, folder, visit, room, schools[room["school"]], people):
            broken[rule] += 1
    broken += _count_broken_days(spec, visits, rooms)
    broken += _count_broken_totals(spec, visits, rooms, schools)
    return +broken


def sum_class_minutes(spec: Mapping[str, Any], folder: Path, visits: Sequence[Visit]) -> int:
    """Return the class minutes of all visits, counted from the bells."""
    rooms = {room["id"]: room for room in spec["rooms"]}
    schools = {school["id"]: school for school in spec["schools"]}
    return sum(
        _count_class(spec, folder, visit, rooms[visit["room"]], schools[rooms[visit["room"]]["school"]])
        for visit in visits
    )


def _list_broken_of_visit(spec, folder, visit, room, school, people) -> list[str]:  # type: ignore[no-untyped-def]
    day, starts, ends = visit["day"], visit["starts"], visit["ends"]
    broken = []
    if starts % spec.get("grid", 5) or ends - starts != room["minutes"]:
        broken.append("grid or length")
    if not read_minute(school["opens"]) <= starts <= ends <= read_minute(school["closes"]):
        broken.append("opens or closes")
    if not date.fromisoformat(spec["from"]) <= day <= date.fromisoformat(spec["until"]):
        broken.append("from or until")
    if len(set(visit["people"])) != room.get("hands", 1) or len(visit["people"]) != room.get("hands", 1):
        broken.append("hands")
    for name in visit["people"]:
        hours = people[name]["works"].get(_WEEKDAYS[day.weekday()])
        if day in read_days(people[name].get("away", [])) or hours is None:
            broken.append("away")
        elif not read_minute(hours[0]) <= starts <= ends <= read_minute(hours[1]):
            broken.append("hours")
    if day in read_days(room.get("not_on", [])):
        broken.append("not_on")
    if room.get("after") and day <= date.fromisoformat(room["after"]):
        broken.append("after")
    types, week, special = read_bells(folder / school["bells"])
    name = special.get(day) or week.get(day.weekday()) or ""
    no_visits = school.get("no_visits", {})
    if day in read_days(school.get("closed", [])) or day in read_days(no_visits.get("days", [])):
        broken.append("closed")
    if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in no_visits.get("types", [])):
        broken.append("no_visits")
    if name not in types or not (any(is_class(spec, item[2]) for item in types[name]) or school.get("open")):
        broken.append("no school")
        return broken
    disturbed = _count_class(spec, folder, visit, room, school)
    if disturbed != visit["class_minutes"]:
        broken.append("class minutes")
    if disturbed and spec.get("class_time", "never") == "never":
        broken.append("class disturbed")
    return broken


def _count_class(spec, folder, visit, room, school) -> int:  # type: ignore[no-untyped-def]
    types, week, special = read_bells(folder / school["bells"])
    name = special.get(visit["day"]) or week.get(visit["day"].weekday()) or ""
    free = {item.lower() for item in room.get("free", [])}
    return sum(
        max(0, min(ends, visit["ends"]) - max(starts, visit["starts"]))
        for starts, ends, title in types.get(name, [])
        if is_class(spec, title) and title.lower() not in free
    )


def _count_broken_days(spec, visits, rooms) -> Counter[str]:  # type: ignore[no-untyped-def]
    broken: Counter[str] = Counter()
    days = defaultdict(list)
    for visit in visits:
        for name in visit["people"]:
            days[name, visit["day"]].append(visit)
    weeks: Counter[tuple[str, date]] = Counter()
    for (name, day), items in days.items():
        items.sort(key=lambda visit: visit["starts"])
        weeks[name, day - timedelta(days=day.weekday())] += items[-1]["ends"] - items[0]["starts"]
        for first, second in pairwise(items):
            gap = get_gap(spec, rooms[first["room"]]["school"], rooms[second["room"]]["school"])
            if second["starts"] < first["ends"] + gap:
                broken["walk or travel"] += 1
    limits = {person["id"]: person.get("minutes_a_week") for person in spec["team"]}
    for (name, _), minutes in weeks.items():
        if limits[name] is not None and minutes > limits[name]:
            broken["minutes_a_week"] += 1
    return broken


def _count_broken_totals(spec, visits, rooms, schools) -> Counter[str]:  # type: ignore[no-untyped-def]
    broken: Counter[str] = Counter()
    by_day, by_school = defaultdict(list), defaultdict(list)
    for visit in visits:
        by_day[visit["day"]].append(visit)
        by_school[rooms[visit["room"]]["school"], visit["day"]].append(visit)
    limits = spec.get("limits", {})
    for (school, _), items in by_school.items():
        if len(items) > limits.get("visits_a_day_in_a_school", 10**6):
            broken["visits_a_day_in_a_school"] += 1
        together = max(sum(other["starts"] <= item["starts"] < other["ends"] for other in items) for item in items)
        if together > schools[school].get("at_once", 10**6):
            broken["at_once"] += 1
    weeks = Counter(visit["day"] - timedelta(days=visit["day"].weekday()) for visit in visits)
    broken["visits_a_week"] += sum(count > limits.get("visits_a_week", 10**6) for count in weeks.values())
    if "stock" in spec:
        for day in by_day:
            used = sum(rooms[visit["room"]].get("devices", 0) for visit in visits if visit["day"] <= day)
            if used > sum(item["devices"] for item in spec["stock"] if date.fromisoformat(item["on"]) <= day):
                broken["stock"] += 1
    rings = spec.get("rings", [])
    begins = date.min
    for ring in rings:
        own = [visit["day"] for visit in visits if rooms[visit["room"]].get("ring", rings[0]["id"]) == ring["id"]]
        if own:
            broken["rings"] += min(own) < begins
            begins = max(own) + timedelta(days=ring.get("soak_days", 0))
    return broken


def get_gap(spec: Mapping[str, Any], first: str, second: str) -> int:
    """Return the minutes that lie between two visits of one person."""
    if first == second:
        return int(spec.get("walk", 0))
    travel = spec.get("travel", {})
    named = travel.get(first, {}).get(second, travel.get(second, {}).get(first))
    return int(travel.get("default", 0) if named is None else named)


def read_days(texts: Sequence[str]) -> set[date]:
    """Return the days of a list of dates and spans of dates."""
    days = set()
    for text in texts:
        first, _, last = text.partition("..")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            days.add(day)
            day += timedelta(days=1)
    return days


def read_minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def is_class(spec: Mapping[str, Any], name: str) -> bool:
    words = spec.get("between", _BETWEEN)
    return bool(name) and not any(re.match(rf"{re.escape(word)}(?!\w)", name, re.IGNORECASE) for word in words)


@cache
def read_bells(folder: Path) -> tuple[dict[str, list[tuple[int, int, str]]], dict[int, str], dict[date, str]]:
    """Return the types of day with their stretches, the usual week, and the special days of a bell folder."""
    types: dict[str, list[tuple[int, int, str]]] = {"weekend": [], "holiday": []}
    lines: list[tuple[int, str]] = []
    name = ""
    for raw in [*(folder / "schedules.bell").read_text("utf-8-sig").splitlines(), "* end"]:
        text = raw.strip()
        if text.startswith("*"):
            if name:
                types[name] = [(a, b, title) for (a, title), (b, _) in pairwise(lines)]
            name, lines = (text[1:].split() or [""])[0], []
        elif match := re.match(r"(\d{1,2}):(\d{2})\s*(.*)", text):
            minute = int(match[1]) * 60 + int(match[2])
            if lines and minute < lines[-1][0] and minute < 720:
                minute += 720
            title = match[3].replace("{", "").replace("}", "")
            lines.append((minute, " ".join(title.split())))
    week, special = {}, {}
    for raw in (folder / "calendar.bell").read_text("utf-8-sig").splitlines():
        words = raw.split("#")[0].split()
        if not words or raw.startswith("*"):
            continue
        if words[0][:3].lower() in _WEEKDAYS and len(words) > 1:
            week[_WEEKDAYS.index(words[0][:3].lower())] = words[1]
        elif len(words) > 1 and "/" in words[0]:
            ends = [date(int(y), int(m), int(d)) for m, d, y in (item.split("/") for item in words[0].split("-"))]
            day = ends[0]
            while day <= ends[-1]:
                special[day] = words[1]
                day += timedelta(days=1)
    return types, week, special
