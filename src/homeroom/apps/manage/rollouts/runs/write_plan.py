"""Write a plan as the visits of its rollout; what was recorded about visits stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.records import DRAFT, NO_ENTRY, PLANNED, record_change
from homeroom.apps.manage.rollouts.specs.plan_documents import build_plan_document, number_waves
from homeroom.apps.manage.rollouts.visits.visit_slots import find_visit_slot
from homeroom.domain.manage.rollouts.plan import PlannedVisit, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.domain.platform.district import District

_FIELDS = ["day", "starts", "ends", "people", "class_minutes", "ring", "wave", "slot", "period"]


def write_plan(*, district: District, public: str, spec: RolloutSpec, plan: RolloutPlan, at: datetime) -> None:
    """Write the visits and figures of a plan. Call it inside a transaction that holds the rollout's row."""
    rollout = Rollout.objects.of(district).get(public=public)
    moved = _write_visits(rollout, spec, plan, district=district)
    document = build_plan_document(plan, spec)
    figures = {key: value for key, value in document.items() if key not in ("visits", "format")}
    rollout.figures = figures | {"moved": moved}
    rollout.planned_at = at
    rollout.plan_state, rollout.plan_step, rollout.plan_problems = "done", "", []
    if rollout.state == DRAFT:
        rollout.state = PLANNED
    rollout.save()
    detail = {
        "visits": len(plan.visits),
        "moved": len(moved),
        "left out": len(plan.left_out),
        "status": document["status"],
    }
    record_change(rollout, "write rollout plan", district=district, actor="", at=at, detail=detail)


def _write_visits(
    rollout: Rollout, spec: RolloutSpec, plan: RolloutPlan, *, district: District
) -> list[dict[str, Any]]:
    """Write the visits by their rooms; return when and by whom those were planned that changed people or time.

    A room into which nobody got since the last plan is among them, since its teacher needs the new time.
    """
    rows = RolloutVisit.objects.of(district).filter(rollout=rollout)
    by_room = {row.room: row for row in rows.exclude(outcome=NO_ENTRY)}
    tries = rows.filter(outcome=NO_ENTRY, recorded_at__gte=rollout.planned_at) if rollout.planned_at else ()
    shut = {row.room: row for row in tries}
    existing = set(TargetRoom.objects.of(district).filter(rollout=rollout).values_list("room", flat=True))
    planned = [visit for visit in plan.visits if visit.room in existing]
    values = _list_values(planned, spec)
    moved: list[dict[str, Any]] = []
    changed, added = [], []
    for visit, fields in zip(planned, values, strict=True):
        row = by_room.pop(visit.room, None)
        if row is None:
            added.append(RolloutVisit(district_id=district.pk, rollout=rollout, room=visit.room, **fields))
            if visit.room in shut:
                moved.append(_describe_before(shut[visit.room]))
        elif not row.outcome and row.began_at is None:  # somebody is in the room
            if (row.day, row.starts, row.people) != (fields["day"], fields["starts"], fields["people"]):
                moved.append(_describe_before(row))
            for name, value in fields.items():
                setattr(row, name, value)
            changed.append(row)
    gone = [row.pk for row in by_room.values() if not row.outcome and row.began_at is None]
    rows.filter(pk__in=gone).delete()
    rows.bulk_update(changed, _FIELDS, batch_size=200)
    RolloutVisit.objects.bulk_create(added, batch_size=500)
    return moved


def _describe_before(row: RolloutVisit) -> dict[str, Any]:
    return {"room": row.room, "day": row.day.isoformat(), "starts": row.starts, "people": row.people}


def _list_values(visits: list[PlannedVisit], spec: RolloutSpec) -> list[dict[str, Any]]:
    waves = number_waves(visits, spec)
    rooms = {room.id: room for room in spec.rooms}
    schools = {school.id: school for school in spec.schools}
    values = []
    for visit in visits:
        room = rooms[visit.room]
        slot = find_visit_slot(visit, room, schools[room.school], spec)
        values.append(
            {
                "day": visit.day,
                "starts": visit.starts,
                "ends": visit.ends,
                "people": list(visit.people),
                "class_minutes": visit.class_minutes,
                "ring": room.ring,
                "wave": waves[visit.room],
                "slot": slot.kind,
                "period": slot.period,
            }
        )
    return values
