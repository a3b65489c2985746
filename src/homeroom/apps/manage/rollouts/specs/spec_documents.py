"""Write the spec of a rollout from its rows: SPEC.yaml, and beside it a folder of bells for each school."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import msgspec
import yaml

from homeroom.apps.know.calendars.quiet_periods import list_quiet_days
from homeroom.apps.manage.rollouts.models import Rollout, TargetRoom
from homeroom.apps.manage.rollouts.rooms.other_visits import list_busy_weeks
from homeroom.apps.manage.rollouts.school_rules import select_travel
from homeroom.apps.manage.rollouts.specs.bell_folders import name_type, write_bell_folder
from homeroom.apps.manage.rollouts.specs.ruled_days import (
    list_ruled_edges,
    list_test_types,
    load_ruled_bells,
    parse_bounds,
)
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import BellCalendar
from homeroom.ingest.contract.errors import FileRefused, Problem

BELLS_FOLDER = "bells"
REST = "rest"
"""The ring of rooms that name none, where others do; it is the last one."""
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_OWN_KEYS = (
    "each_school",
    "own_schools",
    "travel",
    "soak_days",
    "quiet_days",
    "edge_weeks",
    "one_a_week",
    "product",
    "product_until",
)
"""Keys of the rules that are none of the spec: what they mean is written into schools, rings and rooms."""


@dataclass(frozen=True, kw_only=True)
class NoVisits:
    """Days and patterns of types without visits that are added to a school's."""

    days: Sequence[str] = ()
    types: Sequence[str] = ()


def write_spec(path: Path, *, district: District, public: str) -> None:
    """Write the spec of a rollout, and a folder of bells for each school beside it; a .json file is read much faster.

    Raise LookupError if the district has no such rollout, and FileRefused with what is missing before it can be
    planned: rooms, a team, dates, or the bells of a school.
    """
    rollout = Rollout.objects.of(district).filter(public=public).first()
    if rollout is None:
        raise LookupError(f"there is no rollout {public}")
    rooms = list(TargetRoom.objects.of(district).filter(rollout=rollout).order_by("pk"))
    _check_parts(rollout, rooms, path.name)
    schools = list(dict.fromkeys(room.school for room in rooms))
    first, last = parse_bounds(rollout.rules)
    bells = load_ruled_bells(district=district, rules=rollout.rules, schools=schools)
    folders = _name_folders(schools)
    problems = []
    for school, calendar in bells.items():
        if calendar is None:
            reason, fits = "has no bells", "its bell schedule, loaded on the page Sources"
            problems.append(Problem(file=path.name, reason=reason, field="schools", value=school, fits=fits))
        else:
            write_bell_folder(path.parent / BELLS_FOLDER / folders[school], calendar, first=first, last=last)
    if problems:
        raise FileRefused(problems)
    busy = (
        list_busy_weeks(district=district, rollout=rollout, rooms=rooms, first=first, last=last)
        if rollout.rules.get("one_a_week")
        else {}
    )
    document = build_spec_document(
        rollout,
        rooms,
        zone=district.timezone,
        folders=folders,
        no_visits=_collect_no_visits(district, rollout.rules, {name: item for name, item in bells.items() if item}),
        busy=busy,
    )
    if path.suffix == ".json":
        path.write_bytes(msgspec.json.encode(document))
        return
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(text, encoding="utf-8")


def describe_problem(problem: Problem) -> str:
    """Return what is wrong as sentences for a page, which has no file."""
    field = problem.field or ""
    place = f" ({field})" if problem.value and "." in field else ""
    fits = f" Use: {problem.fits}." if problem.fits else ""
    text = f"{problem.value or field} {problem.reason}{place}.{fits}".strip()
    return text[:1].upper() + text[1:]


def _collect_no_visits(
    district: District, rules: Mapping[str, Any], bells: Mapping[str, BellCalendar]
) -> dict[str, NoVisits]:
    """Return what the rules add to the days and types without visits of each school.

    These are days on which it is closed, testing windows and freezes, types of day that are named as tests, and the
    first and the last week of classes, within the rollout's days.
    """
    quiet = list_quiet_days(district=district, schools=bells, is_strict=bool(rules.get("quiet_days")))
    collected = {}
    for school, calendar in bells.items():
        days = [*quiet.get(school, ()), *(day.isoformat() for day in list_ruled_edges(calendar, rules))]
        types = [escape(name_type(item.name)) for item in list_test_types(calendar, rules)]
        collected[school] = NoVisits(days=tuple(dict.fromkeys(days)), types=tuple(types))
    return collected


def build_spec_document(
    rollout: Rollout,
    rooms: Sequence[TargetRoom],
    *,
    zone: str,
    folders: Mapping[str, str],
    no_visits: Mapping[str, NoVisits],
    busy: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return the spec of a rollout as a document.

    `folders` have the bells by school, `busy` the weeks in which others visit a room.
    """
    rules = {key: value for key, value in rollout.rules.items() if key not in _OWN_KEYS}
    travel = select_travel(rollout.rules.get("travel", {}), frozenset(folders))
    rings = list_rings(rooms)
    ring_parts = [{"id": ring} | _build_soak(rollout.rules, ring == rings[-1]) for ring in rings]
    return {
        "rollout": rollout.title,
        "zone": zone,
        **rules,
        **({"travel": travel} if travel else {}),
        "schools": [
            {
                "id": school,
                "bells": f"{BELLS_FOLDER}/{folder}",
                **_build_school(rollout.rules, school, no_visits.get(school, NoVisits())),
            }
            for school, folder in folders.items()
        ],
        "rooms": [_build_room(room, busy.get(room.room, ()), has_rings=bool(rings)) for room in rooms],
        **({"rings": ring_parts} if rings else {}),
    }


def _build_school(rules: Mapping[str, Any], school: str, added: NoVisits) -> dict[str, Any]:
    """Return the keys of a school: those of all schools, its own, and added days and types without visits."""
    common = {**rules.get("each_school", {}), **rules.get("own_schools", {}).get(school, {})}
    no_visits = dict(common.get("no_visits", {}))
    for name, values in (("days", added.days), ("types", added.types)):
        if more := [value for value in values if value not in no_visits.get(name, ())]:
            no_visits[name] = [*no_visits.get(name, ()), *more]
    return {**common, "no_visits": no_visits} if no_visits else common


def list_rings(rooms: Sequence[TargetRoom]) -> list[str]:
    """Return the rings in the order in which rooms name them; rooms that name none are in the last one."""
    rings = list(dict.fromkeys(room.ring for room in rooms if room.ring))
    if rings and any(not room.ring for room in rooms):
        return [*(ring for ring in rings if ring != REST), REST]
    return rings


def _build_soak(rules: Mapping[str, Any], is_last: bool) -> dict[str, int]:
    return {} if is_last or not rules.get("soak_days") else {"soak_days": rules["soak_days"]}


def _build_room(room: TargetRoom, busy: Sequence[str], *, has_rings: bool) -> dict[str, Any]:
    part: dict[str, Any] = {"id": room.room, "school": room.school, "minutes": room.minutes}
    optional = {"devices": room.devices, "free": room.free, "not_on": [*room.not_on, *busy]}
    part |= {name: value for name, value in optional.items() if value}
    if room.hands != 1:
        part["hands"] = room.hands
    if has_rings:
        part["ring"] = room.ring or REST
    if room.after:
        part["after"] = room.after.isoformat()
    return part


def _name_folders(schools: Sequence[str]) -> dict[str, str]:
    folders: dict[str, str] = {}
    for number, school in enumerate(schools, start=1):
        stem = _NOT_IN_NAMES.sub("-", school.lower()).strip("-")[:60]
        folders[school] = f"{number:02}-{stem}" if stem else f"{number:02}"
    return folders


def _check_parts(rollout: Rollout, rooms: Sequence[TargetRoom], file: str) -> None:
    missing = []
    if not rooms:
        missing.append(Problem(file=file, reason="are missing", field="rooms", fits="a list of rooms, in step 2"))
    if not rollout.rules.get("team"):
        missing.append(Problem(file=file, reason="is missing", field="team", fits="who does it, in step 3"))
    if not rollout.rules.get("from") or not rollout.rules.get("until"):
        missing.append(Problem(file=file, reason="are missing", field="from and until", fits="days, in step 4"))
    if missing:
        raise FileRefused(missing)
