"""Links by which a teacher without an account reads the visit of one room, and refuses its day.

A link is signed and not stored: with the key of the installation over district, rollout, room and the rollout's
`link_number`. It opens until the rollout's last day, or until somebody turns links off or renews them.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.queries import VisitView, find_visit
from homeroom.apps.manage.rollouts.records import (
    ENDED_STATES,
    NO_ENTRY,
    RolloutRefused,
    get_open_rollout,
    record_change,
)
from homeroom.apps.manage.rollouts.visits.teacher_texts import Task
from homeroom.apps.manage.rollouts.visits.visit_records import refuse_day
from homeroom.domain.platform.district import District

ACTOR = "teacher by link"
COMING, REFUSED, TOO_OFTEN, PAST, COMPLETED, NO_VISIT = "coming", "refused", "too_often", "past", "done", "no_visit"
"""States of a linked visit; only one that is coming can be refused."""
MAX_REFUSALS = 5
"""Days that a room's link can refuse; then the page asks to call."""
_SALT = "homeroom.apps.manage.rollouts.teacher_links"
_DIGEST_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class LinkedRoom:
    """What a teacher's link opens: one room with its visit, None if none is planned."""

    public: str
    school: str
    name: str
    task: Task
    visit: VisitView | None
    state: str


@dataclass(frozen=True, kw_only=True)
class LinkRefusal:
    """A day that a teacher refused by the link of a room; `is_waiting` if the visit is still planned on it."""

    number: int
    school: str
    name: str
    day: date
    is_waiting: bool


def list_link_tokens(*, district: District, public: str, today: date) -> dict[str, str]:
    """Return the token of each room's link by the room; none if the rollout's links do not open."""
    rollout = Rollout.objects.of(district).filter(public=public).first()
    if rollout is None or not _is_open(rollout, today):
        return {}
    rooms = TargetRoom.objects.of(district).filter(rollout=rollout).values_list("pk", "room")
    return {room: _build_token(district, rollout, number) for number, room in rooms}


def find_linked_room(*, district: District, token: str, today: date) -> LinkedRoom | None:
    """Return what a token opens; None if it is no token of this district, or does not open anymore."""
    room = _find_room(district, token, today)
    if room is None:
        return None
    rollout = room.rollout
    visit = _find_visit(district, rollout, room)
    return LinkedRoom(
        public=rollout.public,
        school=room.school,
        name=room.name,
        task=Task(kind=rollout.kind, noun=rollout.noun, noun_es=rollout.noun_es),
        visit=visit,
        state=_choose_state(room, visit, today),
    )


def refuse_linked_day(*, district: District, token: str, day: date | None, today: date, at: datetime) -> None:
    """Note that the day which a teacher saw does not suit; another tap, or one for another day, changes nothing.

    Raise LookupError if the token opens nothing.
    """
    linked = find_linked_room(district=district, token=token, today=today)
    if linked is None:
        raise LookupError("this link does not open anymore")
    visit = linked.visit
    if visit is None or linked.state != COMING or visit.day != day:
        return
    try:
        refuse_day(
            district=district, public=linked.public, number=visit.number, day=day, actor=ACTOR, at=at, by_link=True
        )
    except (LookupError, RolloutRefused):
        return  # a plan or a technician was faster: the page shows how it is now


def list_link_refusals(*, district: District, public: str) -> tuple[LinkRefusal, ...]:
    """Return the days that teachers refused by links, by school and room."""
    rooms = TargetRoom.objects.of(district).filter(rollout__public=public).exclude(refused_by_link=[])
    visits = RolloutVisit.objects.of(district).filter(rollout__public=public, outcome="")
    planned = set(visits.values_list("room", "day"))
    return tuple(
        LinkRefusal(number=room.pk, school=room.school, name=room.name, day=day, is_waiting=(room.room, day) in planned)
        for room in rooms.order_by("school", "name")
        for day in map(date.fromisoformat, sorted(room.refused_by_link))
    )


@transaction.atomic
def allow_day(*, district: District, public: str, number: int, day: date, actor: str, at: datetime) -> None:
    """Take back a day that was refused by a room's link. Raise LookupError and RolloutRefused."""
    rollout = get_open_rollout(district, public)
    room = TargetRoom.objects.of(district).select_for_update().filter(rollout=rollout, pk=number).first()
    text = day.isoformat()
    if room is None or text not in room.refused_by_link:
        raise LookupError("no link of this room refused that day")
    room.not_on = [item for item in room.not_on if item != text]
    room.refused_by_link = [item for item in room.refused_by_link if item != text]
    room.save(update_fields=["not_on", "refused_by_link"])
    detail = {"room": room.room, "day": text}
    record_change(rollout, "allow day of visit", district=district, actor=actor, at=at, detail=detail)


@transaction.atomic
def set_teacher_links(*, district: District, public: str, enabled: bool, actor: str, at: datetime) -> None:
    """Turn the links of a rollout on or off. Raise LookupError and RolloutRefused."""
    rollout = get_open_rollout(district, public)
    if rollout.has_teacher_links == enabled:
        return
    rollout.has_teacher_links = enabled
    rollout.save(update_fields=["has_teacher_links"])
    action = "turn on teacher links" if enabled else "turn off teacher links"
    record_change(rollout, action, district=district, actor=actor, at=at)


@transaction.atomic
def replace_teacher_links(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Give each room another link; those that were given out do not open anymore. Raise LookupError, RolloutRefused."""
    rollout = get_open_rollout(district, public)
    rollout.link_number += 1
    rollout.save(update_fields=["link_number"])
    record_change(rollout, "replace teacher links", district=district, actor=actor, at=at)


def find_link_settings(*, district: District, public: str, today: date) -> Mapping[str, bool]:
    """Return whether the links of a rollout are turned on, and whether they open today."""
    rollout = Rollout.objects.of(district).get(public=public)
    return {"enabled": rollout.has_teacher_links, "opens": _is_open(rollout, today)}


def _find_room(district: District, token: str, today: date) -> TargetRoom | None:
    number, _, signature = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 16 and signature.isascii()):
        return None
    room = TargetRoom.objects.of(district).select_related("rollout").filter(pk=int(number)).first()
    if room is None or not constant_time_compare(token, _build_token(district, room.rollout, room.pk)):
        return None
    return room if _is_open(room.rollout, today) else None


def _build_token(district: District, rollout: Rollout, number: int) -> str:
    value = f"{district.pk}|{rollout.public}|{number}|{rollout.link_number}"
    digest = salted_hmac(_SALT, value, algorithm="sha256").digest()[:_DIGEST_BYTES]
    return f"{number}-{urlsafe_b64encode(digest).decode().rstrip('=')}"


def _is_open(rollout: Rollout, today: date) -> bool:
    is_usable = rollout.has_teacher_links and rollout.state not in ENDED_STATES
    return bool(is_usable and today.isoformat() <= rollout.rules.get("until", ""))


def _find_visit(district: District, rollout: Rollout, room: TargetRoom) -> VisitView | None:
    rows = RolloutVisit.objects.of(district).filter(rollout=rollout, room=room.room).exclude(outcome=NO_ENTRY)
    number = rows.order_by("-day").values_list("pk", flat=True).first()
    return None if number is None else find_visit(district=district, public=rollout.public, number=number)


def _choose_state(room: TargetRoom, visit: VisitView | None, today: date) -> str:
    if visit is None:
        return NO_VISIT
    if visit.outcome:
        return COMPLETED
    if visit.day < today:
        return PAST
    if visit.day.isoformat() in room.not_on:
        return REFUSED
    return TOO_OFTEN if len(room.refused_by_link) >= MAX_REFUSALS else COMING
