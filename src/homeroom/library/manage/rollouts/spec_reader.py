"""Read the spec of a rollout strictly: every unfit key and value is reported with its path and what would fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

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
from homeroom.domain.schooldays import DEFAULT_NON_CLASS, BellCalendar, NonClassNames, Span, format_clock_time
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.manage.rollouts import spec_fields
from homeroom.library.manage.rollouts.spec_fields import SpecField
from homeroom.library.manage.rollouts.spec_values import MAX_DAYS, UnfitValue, format_value
from homeroom.library.yaml_loader import parse_strict_yaml

BellReader = Callable[[Path], BellCalendar]
BusyReader = Callable[[Path, RolloutSpec], Mapping[date, tuple[Span, ...]]]
SPEC_FITS = "a mapping of fields, such as rollout, zone, from, until, schools, rooms and team"


def read_rollout_spec(path: Path, *, read_bells: BellReader, read_busy: BusyReader) -> RolloutSpec:
    """Read a spec with its bell folders and calendars, which are relative to it.

    `read_bells` reads a folder, `read_busy` the busy spans of a calendar; both may raise FileRefused. Raise FileRefused
    with every problem: file, line or path of keys, value, and what would fit.
    """
    return _SpecReader(path, read_bells=read_bells, read_busy=read_busy).read()


def _load_document(path: Path) -> Any:
    """Load the file as JSON where it is that, else as YAML; raise FileRefused."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileRefused([Problem(file=path.name, reason=f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise FileRefused([Problem(file=path.name, reason="is not UTF-8", fits="YAML or JSON in UTF-8")]) from None
    try:
        if text.lstrip().startswith("{"):
            try:
                return _refuse_half_characters(json.loads(text, object_pairs_hook=_build_unique_mapping))
            except json.JSONDecodeError:
                pass  # a mapping in YAML's short form
        return parse_strict_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        reason = f"is not YAML: {error.problem}"
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line, reason = None, f"is not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deep'}"
    raise FileRefused([Problem(file=path.name, reason=reason, line=line, fits=SPEC_FITS)])


def _refuse_half_characters(document: Any) -> Any:
    """Return a document of JSON; raise yaml.YAMLError for an escape such as \\ud83d that is half of a character."""
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise yaml.YAMLError(f"{half} is half of a character") from None
    return document


def _build_unique_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise yaml.YAMLError(f"the key {format_value(repeated)} is there twice")
    return mapping


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A part of the spec that was parsed: its path of keys and its values by key."""

    path: str
    values: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)


class _SpecReader:
    """Reads one spec, and collects its problems."""

    def __init__(self, path: Path, *, read_bells: BellReader, read_busy: BusyReader) -> None:
        self._path = path
        self._read_bells = read_bells
        self._read_busy = read_busy
        self._problems: list[Problem] = []
        self._bells: dict[str, BellCalendar | None] = {}

    def read(self) -> RolloutSpec:
        document = _load_document(self._path)
        if not isinstance(document, dict):
            raise FileRefused([Problem(file=self._path.name, reason="is no mapping", fits=SPEC_FITS)])
        top = self._parse_part(document, spec_fields.ROLLOUT, "")
        schools = self._parse_list(top, "schools", spec_fields.SCHOOL)
        rooms = self._parse_list(top, "rooms", spec_fields.ROOM)
        team = self._parse_list(top, "team", spec_fields.PERSON)
        rings = self._parse_list(top, "rings", spec_fields.RING)
        stock = self._parse_list(top, "stock", spec_fields.STOCK)
        limits = self._parse_part(top.get("limits", {}), spec_fields.LIMITS, "limits")
        self._check_dates(top)
        school_ids = {part.get("id") for part in schools}
        ring_ids = [part.get("id") for part in rings]
        self._check_references(rooms, "school", school_ids)
        if rings:
            self._check_references(rooms, "ring", set(ring_ids))
        else:
            self._refuse_rings(rooms)
        travel = self._parse_travel(top.get("travel", {}), school_ids)
        no_visits = {id(part): self._parse_no_visits(part) for part in schools}
        calendars = [self._read_bell_folder(part) for part in schools]
        self._raise_problems()
        first_ring = ring_ids[0] if ring_ids else ""
        spec = RolloutSpec(
            title=top.get("rollout", ""),
            zone=top.get("zone"),
            first=top.get("from"),
            last=top.get("until"),
            schools=tuple(
                _build_school(part, bells, no_visits[id(part)])
                for part, bells in zip(schools, calendars, strict=True)
                if bells is not None
            ),
            rooms=tuple(_build_room(part, first_ring) for part in rooms),
            team=tuple(_build_person(part) for part in team),
            grid=top.get("grid", 5),
            walk=top.get("walk", 0),
            class_costs=top.get("class_time") == "costs",
            between=NonClassNames(top.get("between")) if "between" in top.values else DEFAULT_NON_CLASS,
            travel=travel,
            rings=tuple(RolloutRing(id=part.get("id"), soak_days=part.get("soak_days", 0)) for part in rings)
            or (RolloutRing(id=""),),
            stock=tuple(StockDelivery(on=part.get("on"), devices=part.get("devices")) for part in stock)
            if "stock" in top.values
            else None,
            limits=RolloutLimits(
                visits_a_day_in_a_school=limits.get("visits_a_day_in_a_school"),
                visits_a_week=limits.get("visits_a_week"),
            ),
        )
        busy = [self._read_calendar(part, spec) for part in team]
        self._raise_problems()
        people = tuple(_build_person(part, spans) for part, spans in zip(team, busy, strict=True))
        return replace(spec, team=people)

    def _raise_problems(self) -> None:
        if self._problems:
            raise FileRefused(self._problems)

    def _add_problem(self, path: str, reason: str, *, value: Any = None, fits: str = "") -> None:
        shown = None if value is None else format_value(value)
        self._problems.append(Problem(file=self._path.name, reason=reason, field=path or None, value=shown, fits=fits))

    def _parse_part(self, raw: Any, fields: Sequence[SpecField], path: str) -> _Part:
        """Parse a mapping; report unknown and missing keys, and values that do not fit."""
        if not isinstance(raw, dict):
            fits = ", ".join(field.name for field in fields)
            self._add_problem(path, "is no mapping", value=raw, fits=f"a mapping with {fits}")
            return _Part(path=path, values={})
        values: dict[str, Any] = {}
        fields_by_name = {field.name: field for field in fields}
        for key, value in raw.items():
            key_path = _join(path, str(key))
            if key not in fields_by_name:
                self._add_problem(key_path, "is no key of this part", value=key, fits=", ".join(fields_by_name))
            elif value is None and not fields_by_name[key].required:
                continue
            else:
                try:
                    values[key] = fields_by_name[key].parse(value)
                except UnfitValue as error:
                    self._add_problem(key_path, error.reason, value=value, fits=error.fits)
        for field in fields:
            if field.required and field.name not in raw:
                self._add_problem(_join(path, field.name), "is missing", fits=field.means.rstrip("."))
        return _Part(path=path, values=values)

    def _parse_list(self, top: _Part, name: str, fields: Sequence[SpecField]) -> list[_Part]:
        parts = [
            self._parse_part(raw, fields, _describe_entry(name, number, raw))
            for number, raw in enumerate(top.get(name, []))
        ]
        if any(field.name == "id" for field in fields):
            self._check_ids(parts)
        return parts

    def _check_ids(self, parts: Iterable[_Part]) -> None:
        seen: dict[str, str] = {}
        for part in parts:
            identifier = part.get("id")
            if identifier in seen:
                reason = f"is the id of {seen[identifier]} too"
                self._add_problem(_join(part.path, "id"), reason, value=identifier, fits="an id that no other has")
            elif identifier is not None:
                seen[identifier] = part.path

    def _check_references(self, parts: Iterable[_Part], name: str, ids: set[Any]) -> None:
        for part in parts:
            value = part.get(name)
            if value is not None and value not in ids:
                fits = ", ".join(sorted(str(item) for item in ids if item is not None)[:12])
                self._add_problem(_join(part.path, name), f"is no {name} of this rollout", value=value, fits=fits)

    def _refuse_rings(self, rooms: Iterable[_Part]) -> None:
        for part in rooms:
            if part.get("ring") is not None:
                reason = "is no ring of this rollout, which has no rings"
                self._add_problem(_join(part.path, "ring"), reason, value=part.get("ring"), fits="rings: [{id: pilot}]")

    def _check_dates(self, top: _Part) -> None:
        first, last = top.get("from"), top.get("until")
        if first is None or last is None:
            return
        if last < first:
            self._add_problem("until", f"is before from ({first})", value=str(last), fits=f"{first} or later")
        elif (last - first).days > MAX_DAYS:
            reason = f"is more than {MAX_DAYS:,} days after from ({first})"
            self._add_problem("until", reason, value=str(last), fits="a few school years at most")

    def _parse_travel(self, raw: Any, school_ids: set[Any]) -> TravelTimes:
        """Parse the minutes between schools; each pair may be named once in both directions, if they agree."""
        default, pairs = 0, dict[frozenset[str], int]()
        for key, value in raw.items():
            start = str(key)
            if start == "default":
                default = self._parse_minutes(value, "travel.default")
            elif start not in school_ids:
                self._add_problem(
                    f"travel.{start}", "is no school of this rollout", value=key, fits="default, or a school"
                )
            elif not isinstance(value, dict):
                self._add_problem(f"travel.{start}", "is no mapping", value=value, fits="{s02: 8}")
            else:
                for name, minutes in value.items():
                    self._add_pair(pairs, start, str(name), minutes, school_ids)
        return TravelTimes(default=default, pairs=pairs)

    def _add_pair(self, pairs: dict[frozenset[str], int], start: str, end: str, raw: Any, school_ids: set[Any]) -> None:
        path = f"travel.{start}.{end}"
        if end not in school_ids or start == end:
            self._add_problem(path, "is no other school of this rollout", value=end, fits="the id of another school")
            return
        minutes = self._parse_minutes(raw, path)
        if pairs.setdefault(frozenset((start, end)), minutes) != minutes:
            reason = "differs from the minutes the other way"
            self._add_problem(path, reason, value=raw, fits="the same minutes both ways")

    def _parse_minutes(self, raw: Any, path: str) -> int:
        try:
            return spec_fields.TRAVEL_MINUTES(raw)
        except UnfitValue as error:
            self._add_problem(path, error.reason, value=raw, fits=error.fits)
            return 0

    def _parse_no_visits(self, school: _Part) -> _Part:
        return self._parse_part(school.get("no_visits", {}), spec_fields.NO_VISITS, _join(school.path, "no_visits"))

    def _read_bell_folder(self, school: _Part) -> BellCalendar | None:
        opens, closes = school.get("opens"), school.get("closes")
        if opens is not None and closes is not None and closes < opens:
            value, fits = format_clock_time(closes), f"{format_clock_time(opens)} or later"
            self._add_problem(_join(school.path, "closes"), "is before opens", value=value, fits=fits)
        name = school.get("bells")
        if name is None:
            return None
        if name not in self._bells:
            try:
                self._bells[name] = self._read_bells(self._path.parent / name)
            except FileRefused as error:
                self._bells[name] = None
                self._problems += [_place(problem, name, _join(school.path, "bells")) for problem in error.problems]
        return self._bells[name]

    def _read_calendar(self, person: _Part, spec: RolloutSpec) -> Mapping[date, tuple[Span, ...]]:
        name = person.get("calendar")
        if name is None:
            return {}
        try:
            return self._read_busy(self._path.parent / name, spec)
        except FileRefused as error:
            self._problems += [_place(problem, name, _join(person.path, "calendar")) for problem in error.problems]
            return {}


def _place(problem: Problem, name: str, path: str) -> Problem:
    """Return a problem of a file beside the spec, with the file's name and the path of keys that names it."""
    file = f"{name}/{problem.file}" if problem.file and problem.file != name else name
    field = f"{path}: {problem.field}" if problem.field else path
    return Problem(
        file=file, reason=problem.reason, line=problem.line, field=field, value=problem.value, fits=problem.fits
    )


def _describe_entry(name: str, number: int, raw: Any) -> str:
    identifier = raw.get("id") if isinstance(raw, dict) else None
    return f"{name}[{number}]" if identifier is None else f"{name}[{number}] ({format_value(identifier)})"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _build_school(part: _Part, bells: BellCalendar, no_visits: _Part) -> RolloutSchool:
    return RolloutSchool(
        id=part.get("id"),
        bells=bells,
        opens=part.get("opens"),
        closes=part.get("closes"),
        at_once=part.get("at_once"),
        closed=part.get("closed", frozenset()),
        open_days=part.get("open", frozenset()),
        no_visit_days=no_visits.get("days", frozenset()),
        no_visit_types=no_visits.get("types", ()),
    )


def _build_room(part: _Part, first_ring: str) -> RolloutRoom:
    return RolloutRoom(
        id=part.get("id"),
        school=part.get("school"),
        minutes=part.get("minutes"),
        devices=part.get("devices", 0),
        hands=part.get("hands", 1),
        free=frozenset(" ".join(name.replace("{", "").replace("}", "").split()) for name in part.get("free", ())),
        ring=part.get("ring", first_ring),
        after=part.get("after"),
        not_on=part.get("not_on", frozenset()),
    )


def _build_person(part: _Part, busy: Mapping[date, tuple[Span, ...]] | None = None) -> TeamMember:
    return TeamMember(
        id=part.get("id"),
        works=part.get("works"),
        away=part.get("away", frozenset()),
        busy=busy or {},
        minutes_a_week=part.get("minutes_a_week"),
    )
