"""How a rollout goes: early and late visits, the minutes that rooms really take, and rooms that nobody could enter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.records import (
    COMPLETED,
    LEFT_BEHIND,
    NO_ENTRY,
    RolloutRefused,
    get_quiet_rollout,
    record_change,
)
from homeroom.domain.manage.rollouts.room_minutes import (
    LearnedMinutes,
    Punctuality,
    TakenMinutes,
    learn_minutes,
    measure_punctuality,
)
from homeroom.domain.platform.district import District

NEEDS_A_WORD = 2
"""How often nobody could get into a room before somebody has to speak with the teacher."""


@dataclass(frozen=True, kw_only=True)
class MinutesOffer:
    """What rooms that are still to be visited would take: `rooms` with `planned` minutes take `least` to `most`."""

    planned: int
    rooms: int
    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class ShutRoom:
    """A room that nobody could get into, how often, and the day of the last time."""

    school: str
    name: str
    times: int
    last_day: date


@dataclass(frozen=True, kw_only=True)
class RolloutProgress:
    """How a rollout goes. `offers` are empty without enough visits, and where rooms take what was planned.

    `is_own` is False where the visits are those of other rollouts of the same kind and devices.
    """

    punctuality: Punctuality | None
    offers: Sequence[MinutesOffer]
    learned: LearnedMinutes | None
    is_own: bool
    shut_rooms: Sequence[ShutRoom]

    @property
    def needs_attention(self) -> bool:
        """Return whether there is something to decide."""
        return bool(self.offers or self.shut_rooms)


def load_progress(*, district: District, public: str) -> RolloutProgress:
    """Return how a rollout goes. Raise LookupError if the district has no such rollout."""
    rollout = Rollout.objects.of(district).filter(public=public).first()
    if rollout is None:
        raise LookupError(f"there is no rollout {public}")
    rooms = list(TargetRoom.objects.of(district).filter(rollout=rollout))
    visits = list(RolloutVisit.objects.of(district).filter(rollout=rollout).exclude(outcome=""))
    learned, is_own = _learn(district, rollout, visits, rooms)
    return RolloutProgress(
        punctuality=measure_punctuality(_list_minutes_late(visits, ZoneInfo(district.timezone))),
        offers=_build_offers(_select_open_rooms(rooms, visits), learned),
        learned=learned,
        is_own=is_own,
        shut_rooms=_list_shut_rooms(rooms, visits),
    )


@transaction.atomic
def use_learned_minutes(*, district: District, public: str, visits: int, actor: str, at: datetime) -> int:
    """Let rooms that are still to be visited take the learned minutes in the next plan; return how many changed.

    `visits` is of how many visits the person saw them. Raise LookupError, and RolloutRefused if they changed since.
    """
    rollout = get_quiet_rollout(district, public)
    rooms = list(TargetRoom.objects.of(district).select_for_update().filter(rollout=rollout))
    rows = list(RolloutVisit.objects.of(district).filter(rollout=rollout).exclude(outcome=""))
    learned, _ = _learn(district, rollout, rows, rooms)
    if learned is None or learned.visits != visits:
        raise RolloutRefused("visits", "there are other visits by now; look at the minutes again, then use them")
    changed = []
    for room in _select_open_rooms(rooms, rows):
        minutes = _compute_minutes(room, learned)
        if minutes != room.minutes:
            room.expected = room.expected or room.minutes
            room.minutes = minutes
            changed.append(room)
    TargetRoom.objects.of(district).bulk_update(changed, ["minutes", "expected"], batch_size=200)
    detail = {"rooms": len(changed), "visits": visits}
    record_change(rollout, "use learned minutes", district=district, actor=actor, at=at, detail=detail)
    return len(changed)


def _learn(
    district: District, rollout: Rollout, visits: Iterable[RolloutVisit], rooms: Iterable[TargetRoom]
) -> tuple[LearnedMinutes | None, bool]:
    """Return what the visits of a rollout teach, else those of others of its kind; and whether they are its own."""
    learned = learn_minutes(_list_taken(visits, rooms))
    if learned is not None:
        return learned, True
    others = Rollout.objects.of(district).filter(kind=rollout.kind, noun__iexact=rollout.noun).exclude(pk=rollout.pk)
    keys = list(others.values_list("pk", flat=True))
    others_rooms = TargetRoom.objects.of(district).filter(rollout__in=keys)
    rows = RolloutVisit.objects.of(district).filter(rollout__in=keys, ended_at__isnull=False)
    return learn_minutes(_list_taken(rows, others_rooms)), False


def _list_taken(visits: Iterable[RolloutVisit], rooms: Iterable[TargetRoom]) -> list[TakenMinutes]:
    """Return the visits that were made and timed, newest first."""
    by_key = {(room.rollout_id, room.room): room for room in rooms}
    timed = [
        (row.ended_at, row.began_at, row, by_key[row.rollout_id, row.room])
        for row in visits
        if row.outcome in (COMPLETED, LEFT_BEHIND)
        and row.began_at
        and row.ended_at
        and (row.rollout_id, row.room) in by_key
    ]
    return [
        TakenMinutes(
            expected=room.expected or row.ends - row.starts,
            took=round((ended - began).total_seconds() / 60),
            devices=max(0, room.devices - row.left_behind),
        )
        for ended, began, row, room in sorted(timed, key=lambda item: (item[0], item[2].pk), reverse=True)
    ]


def _list_minutes_late(visits: Iterable[RolloutVisit], zone: ZoneInfo) -> list[int]:
    late = []
    for row in visits:
        if row.began_at:
            began = row.began_at.astimezone(zone)
            days = (began.date() - row.day).days
            if abs(days) <= 1:  # a time of another day says nothing about this one's start
                late.append(days * 24 * 60 + began.hour * 60 + began.minute - row.starts)
    return late


def _select_open_rooms(rooms: Iterable[TargetRoom], visits: Iterable[RolloutVisit]) -> list[TargetRoom]:
    """Return the rooms that were not visited yet."""
    visited = {row.room for row in visits if row.outcome != NO_ENTRY}
    return [room for room in rooms if room.room not in visited]


def _build_offers(rooms: Iterable[TargetRoom], learned: LearnedMinutes | None) -> list[MinutesOffer]:
    if learned is None:
        return []
    groups: dict[int, list[int]] = defaultdict(list)
    for room in rooms:
        minutes = _compute_minutes(room, learned)
        if minutes != room.minutes:
            groups[room.minutes].append(minutes)
    return [
        MinutesOffer(planned=planned, rooms=len(minutes), least=min(minutes), most=max(minutes))
        for planned, minutes in sorted(groups.items())
    ]


def _compute_minutes(room: TargetRoom, learned: LearnedMinutes) -> int:
    expected = room.expected or room.minutes
    return learned.compute_minutes(expected=expected, now=room.minutes, devices=room.devices)


def _list_shut_rooms(rooms: Iterable[TargetRoom], visits: Sequence[RolloutVisit]) -> list[ShutRoom]:
    """Return the rooms that nobody could get into twice or more, and that are still to be visited."""
    shut = [row for row in visits if row.outcome == NO_ENTRY]
    times = Counter(row.room for row in shut)
    days = {row.room: row.day for row in sorted(shut, key=lambda row: row.day)}
    listed = [
        ShutRoom(school=room.school, name=room.name, times=times[room.room], last_day=days[room.room])
        for room in _select_open_rooms(rooms, visits)
        if times[room.room] >= NEEDS_A_WORD
    ]
    return sorted(listed, key=lambda item: (-item.times, item.school, item.name))
