"""Write a plan as the document homeroom.plan/1, and read one back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from homeroom.domain.manage.rollouts.plan import PlanBound, PlannedVisit, PlanObjective, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal

FORMAT = "homeroom.plan/1"
_FITS = f"a plan that homeroom rollout plan wrote ({FORMAT})"


def build_plan_document(plan: RolloutPlan, spec: RolloutSpec) -> dict[str, Any]:
    """Return the plan as a document; times have the offset of the spec's zone."""
    waves = number_waves(plan.visits, spec)
    return {
        "format": FORMAT,
        "status": "complete" if plan.is_complete else "partial",
        "visits": [_build_visit_document(visit, waves[visit.room], spec) for visit in plan.visits],
        "left_out": [{"room": item.room, "why": str(item.why), "says": item.says} for item in plan.left_out],
        "objective": _build_figures(plan.objective),
        "bound": _build_figures(plan.bound),
        "relax": [{"rule": str(item.rule), "to": item.to, "then": _build_figures(item.then)} for item in plan.relax],
        "offers": [
            {
                "until": item.until.isoformat(),
                "disrupted_minutes": item.disrupted_minutes,
                "finished_on": item.finished_on.isoformat(),
            }
            for item in plan.offers
        ],
        "seconds": {"first": round(plan.first_seconds, 3), "all": round(plan.all_seconds, 3)},
    }


def number_waves(visits: Iterable[PlannedVisit], spec: RolloutSpec) -> dict[str, int]:
    """Return the wave of each visit by its room, from 1: a ring's visits of one week are a wave."""
    rings = {ring.id: number for number, ring in enumerate(spec.rings)}
    ring_of = {room.id: rings[room.ring] for room in spec.rooms}
    keys = {
        visit.room: (visit.day - timedelta(days=visit.day.weekday()), ring_of.get(visit.room, 0)) for visit in visits
    }
    numbers = {key: number for number, key in enumerate(sorted(set(keys.values())), start=1)}
    return {room: numbers[key] for room, key in keys.items()}


def build_moment(day: date, minute: int, spec: RolloutSpec) -> datetime:
    """Return the moment of a minute after midnight, as the clock on the wall shows it."""
    days, rest = divmod(minute, 24 * 60)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=spec.zone)


def _build_visit_document(visit: PlannedVisit, wave: int, spec: RolloutSpec) -> dict[str, Any]:
    return {
        "room": visit.room,
        "people": list(visit.people),
        "starts": build_moment(visit.day, visit.starts, spec).isoformat(),
        "ends": build_moment(visit.day, visit.ends, spec).isoformat(),
        "class_minutes": visit.class_minutes,
        "wave": wave,
        "locked": visit.locked,
    }


def _build_figures(figures: PlanObjective | PlanBound) -> dict[str, Any]:
    return {
        "disrupted_minutes": figures.disrupted_minutes,
        "finished_on": figures.finished_on.isoformat() if figures.finished_on else None,
        "travel_minutes": figures.travel_minutes,
    }


def read_plan_visits(path: Path, spec: RolloutSpec) -> tuple[PlannedVisit, ...]:
    """Return the visits of a plan that was written before.

    Raise FileRefused with the path of keys, value and what would fit.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise build_refusal(path.name, f"cannot be read: {error.strerror}", fits=_FITS) from None
    except (ValueError, RecursionError) as error:
        raise build_refusal(path.name, "is no JSON", line=getattr(error, "lineno", None), fits=_FITS) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        value = str(document.get("format"))[:40] if isinstance(document, dict) else None
        raise build_refusal(path.name, "is no plan", field="format", value=value, fits=_FITS)
    visits = document.get("visits")
    if not isinstance(visits, list):
        raise build_refusal(path.name, "is no list", field="visits", fits=_FITS)
    problems: list[Problem] = []
    parsed = [_parse_visit(raw, f"visits[{number}]", path.name, spec, problems) for number, raw in enumerate(visits)]
    rooms: set[str] = set()
    for number, visit in enumerate(parsed):
        if visit and visit.room in rooms:
            field = f"visits[{number}].room"
            reason, fits = "is visited twice", "one visit a room"
            problems.append(Problem(file=path.name, reason=reason, field=field, value=visit.room, fits=fits))
        rooms |= {visit.room} if visit else set()
    if problems:
        raise FileRefused(problems)
    return tuple(visit for visit in parsed if visit)


def _convert_to_local(at: datetime, spec: RolloutSpec) -> datetime:
    """Return a moment in the spec's zone, which it is in where it names no offset."""
    return at.astimezone(spec.zone) if at.tzinfo else at.replace(tzinfo=spec.zone)


def _parse_visit(raw: Any, field: str, file: str, spec: RolloutSpec, problems: list[Problem]) -> PlannedVisit | None:
    fits = '{"room": "s01-101", "people": ["kim"], "starts": "2025-10-14T10:15:00-07:00", "ends": …}'
    try:
        starts, ends = (_convert_to_local(datetime.fromisoformat(raw[key]), spec) for key in ("starts", "ends"))
        people = tuple(raw["people"])
        day = starts.date()
        first = starts.hour * 60 + starts.minute
        last = (ends.date() - day).days * 24 * 60 + ends.hour * 60 + ends.minute
        if not isinstance(raw["room"], str) or not isinstance(raw["people"], list) or last <= first:
            raise ValueError
        if not all(isinstance(person, str) for person in people):
            raise ValueError
        return PlannedVisit(
            room=raw["room"],
            day=day,
            starts=first,
            ends=last,
            people=people,
            class_minutes=int(raw.get("class_minutes", 0)),
            locked=raw.get("locked", False) is True,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        problems.append(Problem(file=file, reason="is no visit", field=field, value=str(raw)[:60], fits=fits))
        return None
