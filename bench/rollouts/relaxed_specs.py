"""Relax a rule of a spec's mapping as a plan names it, by less, or wholly; shares no code with the planner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bench.rollouts.broken_rules import read_minute
from bench.rollouts.visit_options import WEEKDAYS

Spec = Mapping[str, Any]
RULES = ("until", "class_time", "no_visits", "at_once", "limits", "stock", "soak", "team", "hours", "room")
LATER_DAYS = 21
_TIME = re.compile(r"(.+): (\d+) minutes (earlier|later|a week)")
_WEEKDAYS = re.compile(r"(.+): works on (.+) too")
_STOCK = re.compile(r"(\d+) more by (.+)")


def apply_relaxation(spec: Spec, rule: str, to: str) -> Spec:
    """Return the spec with a rule relaxed as named."""
    for part in to.split("; "):
        spec = _apply_part(spec, rule, part)
    return spec


def _apply_part(spec: Spec, rule: str, part: str) -> Spec:
    name, _, value = part.partition(": ")
    if rule == "until":
        return {**spec, "until": part}
    if rule == "class_time":
        return {**spec, "class_time": part}
    if rule == "no_visits":
        return _change(spec, "schools", name, lambda school: {**school, "no_visits": _drop(school, value)})
    if rule == "at_once":
        return _change(spec, "schools", name, lambda school: {**school, "at_once": int(value)})
    if rule == "limits":
        return {**spec, "limits": {**spec["limits"], name: int(value)}}
    if rule == "stock":
        match = _require(_STOCK, part)
        return {**spec, "stock": [*spec["stock"], {"on": match[2], "devices": int(match[1])}]}
    if rule == "soak":
        return _change(spec, "rings", name, lambda ring: {**ring, "soak_days": int(value)})
    if rule == "team":
        return {**spec, "team": [*spec["team"], _build_helper(spec)]}
    if rule == "hours":
        return _apply_hours(spec, part)
    if value.startswith("after "):
        return _change(spec, "rooms", name, lambda room: {**room, "after": value.removeprefix("after ")})
    return _change(
        spec, "rooms", name, lambda room: {**room, "not_on": [day for day in room["not_on"] if day != value]}
    )


def _apply_hours(spec: Spec, part: str) -> Spec:
    if weekdays := _WEEKDAYS.fullmatch(part):
        days = weekdays[2].split(", ")

        def add(person: Spec) -> Spec:
            hours = [min(pair[0] for pair in person["works"].values()), max(p[1] for p in person["works"].values())]
            return {**person, "works": {**person["works"], **dict.fromkeys(days, hours)}}

        return _change(spec, "team", weekdays[1], add)
    match = _require(_TIME, part)
    name, minutes, direction = match[1], int(match[2]), match[3]
    if direction == "a week":
        return _change(spec, "team", name, lambda person: {**person, "minutes_a_week": minutes})
    return _change(
        spec,
        "team",
        name,
        lambda person: {
            **person, "works": {day: _extend(hours, minutes, direction) for day, hours in person["works"].items()},
        },
    )  # fmt: skip


def _extend(hours: list[str], minutes: int, direction: str) -> list[str]:
    begins, ends = map(read_minute, hours)
    if direction == "earlier":
        begins = max(0, begins - minutes)
    else:
        ends = min(24 * 60, ends + minutes)
    return [_format(begins), _format(ends)]


def list_lesser(spec: Spec, rule: str, to: str) -> list[Spec]:
    """Return the spec with each next lesser change of the rule: none of them may help if the named one is the least."""
    parts = to.split("; ")
    lesser = []
    for number, part in enumerate(parts):
        others = [item for index, item in enumerate(parts) if index != number]
        for smaller in _list_smaller_parts(spec, rule, part):
            chosen = [*others, *([smaller] if smaller else [])]
            if chosen:
                lesser.append(apply_relaxation(spec, rule, "; ".join(chosen)))
    if len(parts) > 1:
        lesser += [apply_relaxation(spec, rule, single) for single in _list_singles(spec, rule)]
    return lesser


def _list_smaller_parts(spec: Spec, rule: str, part: str) -> list[str | None]:
    """Return a part with a step less, None where nothing is left of it."""
    name, _, value = part.partition(": ")
    if rule == "until":
        return [(date.fromisoformat(part) - timedelta(days=1)).isoformat()]
    if rule in ("at_once", "limits"):
        return [f"{name}: {int(value) - 1}"]
    if rule == "soak":
        return [f"{name}: {int(value) + 1}"]
    if rule == "stock":
        match = _require(_STOCK, part)
        later = (date.fromisoformat(match[2]) + timedelta(days=1)).isoformat()
        fewer = f"{int(match[1]) - 1} more by {spec['from']}"
        return [fewer, f"{match[1]} more by {later}"]
    if rule == "hours" and (hours := _TIME.fullmatch(part)):
        return [f"{hours[1]}: {int(hours[2]) - spec['grid']} minutes {hours[3]}"]
    if rule == "room" and value.startswith("after "):
        later = (date.fromisoformat(value.removeprefix("after ")) + timedelta(days=1)).isoformat()
        return [f"{name}: after {later}"]
    return [None]


def list_elsewhere(spec: Spec, rule: str, to: str) -> list[Spec]:
    """Return the spec with the rule relaxed a step less than named, but for another person, school, ring or limit."""
    parts = to.split("; ")
    if len(parts) > 1:
        return []
    name, _, value = to.partition(": ")
    elsewhere = []
    if rule == "at_once":
        least = int(value) - _get(spec, "schools", name)["at_once"] - 1
        elsewhere = [
            f"{school['id']}: {school['at_once'] + least}"
            for school in spec["schools"]
            if "at_once" in school and school["id"] != name and least
        ]
    elif rule == "soak":
        least = _get(spec, "rings", name)["soak_days"] - int(value) - 1
        rings = [ring for ring in spec["rings"][:-1] if ring["id"] != name and ring.get("soak_days", 0)]
        elsewhere = [f"{ring['id']}: {max(0, ring['soak_days'] - least)}" for ring in rings if least]
    elif rule == "limits":
        least = int(value) - spec["limits"][name] - 1
        elsewhere = [f"{key}: {limit + least}" for key, limit in spec["limits"].items() if key != name and least]
    elif rule == "hours" and (match := _TIME.fullmatch(to)):
        least = int(match[2]) - spec["grid"]
        if match[3] == "a week":
            least -= _get(spec, "team", match[1])["minutes_a_week"]
        for person in spec["team"] if least > 0 else ():
            elsewhere += [f"{person['id']}: {least} minutes {direction}" for direction in ("earlier", "later")]
            if "minutes_a_week" in person:
                elsewhere.append(f"{person['id']}: {person['minutes_a_week'] + least} minutes a week")
    return [apply_relaxation(spec, rule, part) for part in elsewhere]


def _list_singles(spec: Spec, rule: str) -> list[str]:
    """Return each single change of a rule, as large as it may be."""
    rooms, first = len(spec["rooms"]), date.fromisoformat(spec["from"])
    if rule == "no_visits":
        bans = [(school["id"], school.get("no_visits", {})) for school in spec["schools"]]
        return [f"{name}: {item}" for name, ban in bans for item in (*ban.get("days", []), *ban.get("types", []))]
    if rule == "at_once":
        return [f"{school['id']}: {rooms}" for school in spec["schools"] if "at_once" in school]
    if rule == "limits":
        return [f"{name}: {rooms}" for name in spec["limits"]]
    if rule == "soak":
        return [f"{ring['id']}: 0" for ring in spec["rings"] if ring.get("soak_days")]
    if rule == "room":
        days = [f"{room['id']}: {day}" for room in spec["rooms"] for day in room.get("not_on", [])]
        before = (first - timedelta(days=1)).isoformat()
        return days + [f"{room['id']}: after {before}" for room in spec["rooms"] if "after" in room]
    singles = []
    for person in spec["team"]:
        singles += [f"{person['id']}: {24 * 60} minutes {direction}" for direction in ("earlier", "later")]
        if "minutes_a_week" in person:
            singles.append(f"{person['id']}: {7 * 24 * 60} minutes a week")
        if free := [day for day in WEEKDAYS if day not in person["works"]]:
            singles.append(f"{person['id']}: works on {', '.join(free)} too")
    return singles


def lift_rule(spec: Spec, rule: str) -> Spec:
    """Return the spec with a rule relaxed as far as it can be; a deadline by some weeks only."""
    if rule == "until":
        return {**spec, "until": (date.fromisoformat(spec["until"]) + timedelta(days=LATER_DAYS)).isoformat()}
    if rule == "class_time":
        return {**spec, "class_time": "costs"}
    if rule == "no_visits":
        return _drop_keys(spec, "schools", "no_visits")
    if rule == "at_once":
        return _drop_keys(spec, "schools", "at_once")
    if rule == "soak":
        return _drop_keys(spec, "rings", "soak_days") if "rings" in spec else spec
    if rule == "room":
        return _drop_keys(spec, "rooms", "not_on", "after")
    if rule == "team":
        return {**spec, "team": [*spec["team"], _build_helper(spec)]}
    if rule == "hours":
        hours = [min(school["opens"] for school in spec["schools"]), max(s["closes"] for s in spec["schools"])]
        team = [{**person, "works": dict.fromkeys(WEEKDAYS, hours)} for person in spec["team"]]
        return _drop_keys({**spec, "team": team}, "team", "minutes_a_week")
    return {key: value for key, value in spec.items() if key != rule}


def _build_helper(spec: Spec) -> Spec:
    """Return one more person with the hours of all others."""
    helper: dict[str, Any] = {"id": "one more person", "works": {}}
    for day in WEEKDAYS:
        if pairs := [person["works"][day] for person in spec["team"] if day in person["works"]]:
            helper["works"][day] = [min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)]
    limits = [person.get("minutes_a_week") for person in spec["team"]]
    return helper if None in limits else {**helper, "minutes_a_week": max(limits)}


def _drop(school: Spec, value: str) -> Spec:
    return {key: [item for item in items if item != value] for key, items in school["no_visits"].items()}


def _drop_keys(spec: Spec, part: str, *keys: str) -> Spec:
    return {**spec, part: [{key: value for key, value in item.items() if key not in keys} for item in spec[part]]}


def _change(spec: Spec, part: str, name: str, change: Any) -> Spec:
    if name not in [item["id"] for item in spec[part]]:
        raise ValueError(f"there is no {name} in {part}")
    return {**spec, part: [change(item) if item["id"] == name else item for item in spec[part]]}


def _get(spec: Spec, part: str, name: str) -> Spec:
    return next(item for item in spec[part] if item["id"] == name)


def _require(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no change that a plan names")
    return match


def _format(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
