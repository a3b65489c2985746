"""Write the spec of a rollout from its rows: SPEC.yaml, and beside it a folder of bells for each school."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from homeroom.apps.calendars.quiet_periods import list_quiet_days
from homeroom.apps.districts.bell_rows import load_school_bells
from homeroom.apps.rollouts.models import Rollout, TargetRoom
from homeroom.apps.rollouts.specs.bell_folders import write_bell_folder
from homeroom.domain.district import District
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.rollouts.spec_values import parse_day

BELLS_FOLDER = "bells"
REST = "rest"
"""The ring of rooms that name none, where others do; it is the last one."""
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_OWN_KEYS = ("each_school", "soak_days", "quiet_days")
"""Keys of the rules that are none of the spec: what they mean is written into schools and rings."""


def write_spec(path: Path, *, district: District, public: str) -> None:
    """Write the spec of a rollout, and a folder of bells for each school beside it.

    Raise LookupError if the district has no such rollout, and FileRefused with what is missing before it can be
    planned: rooms, a team, dates, or the bells of a school.
    """
    rollout = Rollout.objects.of(district).filter(public=public).first()
    if rollout is None:
        raise LookupError(f"there is no rollout {public}")
    rooms = list(TargetRoom.objects.of(district).filter(rollout=rollout).order_by("pk"))
    _check_parts(rollout, rooms, path.name)
    schools = list(dict.fromkeys(room.school for room in rooms))
    first, last = (parse_day(rollout.rules[name]) for name in ("from", "until"))
    bells = load_school_bells(district=district, schools=schools, first=first, last=last)
    folders = _name_folders(schools)
    problems = []
    for school, calendar in bells.items():
        if calendar is None:
            reason, fits = "has no bells", "its bell schedule, loaded on the page Sources"
            problems.append(Problem(file=path.name, reason=reason, field="schools", value=school, fits=fits))
        else:
            write_bell_folder(path.parent / BELLS_FOLDER / folders[school], calendar)
    if problems:
        raise FileRefused(problems)
    quiet = list_quiet_days(district=district, schools=schools) if rollout.rules.get("quiet_days") else {}
    document = build_spec_document(rollout, rooms, zone=district.timezone, folders=folders, quiet=quiet)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(text, encoding="utf-8")


def build_spec_document(
    rollout: Rollout,
    rooms: Sequence[TargetRoom],
    *,
    zone: str,
    folders: Mapping[str, str],
    quiet: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return the spec of a rollout as a document; `folders` have the bells by school, `quiet` their days of tests."""
    rules = {key: value for key, value in rollout.rules.items() if key not in _OWN_KEYS}
    each_school = rollout.rules.get("each_school", {})
    rings = list_rings(rooms)
    ring_parts = [{"id": ring} | _build_soak(rollout.rules, ring == rings[-1]) for ring in rings]
    return {
        "rollout": rollout.title,
        "zone": zone,
        **rules,
        "schools": [
            {"id": school, "bells": f"{BELLS_FOLDER}/{folder}", **_add_days(each_school, quiet.get(school, ()))}
            for school, folder in folders.items()
        ],
        "rooms": [_build_room(room, has_rings=bool(rings)) for room in rooms],
        **({"rings": ring_parts} if rings else {}),
    }


def _add_days(each_school: Mapping[str, Any], days: Sequence[str]) -> dict[str, Any]:
    """Return the keys of a school with more days without visits."""
    if not days:
        return dict(each_school)
    no_visits = each_school.get("no_visits", {})
    return {**each_school, "no_visits": {**no_visits, "days": [*no_visits.get("days", ()), *days]}}


def list_rings(rooms: Sequence[TargetRoom]) -> list[str]:
    """Return the rings in the order in which rooms name them; rooms that name none are in the last one."""
    rings = list(dict.fromkeys(room.ring for room in rooms if room.ring))
    if rings and any(not room.ring for room in rooms):
        return [*(ring for ring in rings if ring != REST), REST]
    return rings


def _build_soak(rules: Mapping[str, Any], is_last: bool) -> dict[str, int]:
    return {} if is_last or not rules.get("soak_days") else {"soak_days": rules["soak_days"]}


def _build_room(room: TargetRoom, *, has_rings: bool) -> dict[str, Any]:
    part: dict[str, Any] = {"id": room.room, "school": room.school, "minutes": room.minutes}
    optional = {"devices": room.devices, "free": room.free, "not_on": room.not_on}
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
