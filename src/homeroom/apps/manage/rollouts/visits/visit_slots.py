"""When a visit is for the people in its room: in a free period, at lunch, before school, or in class."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.manage.rollouts.spec import RolloutRoom, RolloutSchool, RolloutSpec
from homeroom.domain.schooldays import Stretch, list_class_stretches

FREE, LUNCH, BEFORE, AFTER, NO_SCHOOL, BETWEEN, CLASS = (
    "free", "lunch", "before", "after", "no_school", "between", "class",
)  # fmt: skip
_MEALS = ("lunch", "brunch")


@dataclass(frozen=True, kw_only=True)
class VisitSlot:
    """When a visit is: the kind of its time, and the name of the stretch that it lies in or begins in."""

    kind: str
    period: str = ""


def find_visit_slot(visit: PlannedVisit, room: RolloutRoom, school: RolloutSchool, spec: RolloutSpec) -> VisitSlot:
    """Return when a visit is for its room."""
    day_type = school.bells.get_day_type(visit.day)
    stretches = day_type.stretches if day_type and visit.day not in school.closed else ()
    touched = [stretch for stretch in stretches if stretch.starts < visit.ends and visit.starts < stretch.ends]
    classes = list_class_stretches(day_type, between=spec.between) if day_type and stretches else ()
    if visit.class_minutes:
        return VisitSlot(kind=CLASS, period=_find_class(touched, room, spec))
    if not classes:
        return VisitSlot(kind=NO_SCHOOL)
    if visit.ends <= classes[0].starts:
        return VisitSlot(kind=BEFORE)
    if visit.starts >= classes[-1].ends:
        return VisitSlot(kind=AFTER)
    free = {name.casefold() for name in room.free}
    if touched and all(stretch.name.casefold() in free for stretch in touched):
        return VisitSlot(kind=FREE, period=touched[0].name[:120])
    if touched and all(stretch.name.casefold().startswith(_MEALS) for stretch in touched):
        return VisitSlot(kind=LUNCH, period=touched[0].name[:120])
    return VisitSlot(kind=BETWEEN)


def _find_class(touched: list[Stretch], room: RolloutRoom, spec: RolloutSpec) -> str:
    free = {name.casefold() for name in room.free}
    names = [item.name for item in touched if spec.between.is_class(item.name) and item.name.casefold() not in free]
    return names[0][:120] if names else ""
