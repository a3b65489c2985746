"""Make a rollout and change its parts, approve its waves, stop it. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom, WaveApproval
from homeroom.apps.manage.rollouts.records import (
    APPROVED,
    COMPLETED,
    DRAFT,
    NO_ENTRY,
    PLANNED,
    STOPPED,
    RolloutRefused,
    create_public_id,
    get_open_rollout,
    get_quiet_rollout,
    record_change,
)
from homeroom.apps.manage.rollouts.rooms.placed_devices import PlacedDevices
from homeroom.apps.manage.rollouts.rooms.room_lists import MAX_ROOMS, ListedRoom
from homeroom.apps.manage.rollouts.waves import compute_wave_digest
from homeroom.domain.platform.district import District

KINDS = ("swap", "hand", "action")
_LONGEST: Mapping[str, int] = {"title": 200, "noun": 80, "noun_es": 80, "action": 80, "finding": 40}


def make_rollout(
    *,
    district: District,
    title: str,
    kind: str,
    actor: str,
    at: datetime,
    noun: str = "",
    noun_es: str = "",
    action: str = "",
    finding: str = "",
    devices: PlacedDevices | None = None,
) -> str:
    """Make a rollout without rules, and with the rooms of `devices`; return its id.

    Raise RolloutRefused for a field that does not fit.
    """
    texts = _clean_texts(kind, {"title": title, "noun": noun, "noun_es": noun_es, "action": action, "finding": finding})
    with transaction.atomic():
        row = Rollout.objects.create(
            district_id=district.pk,
            public=create_public_id(),
            kind=kind,
            made_by=actor,
            made_at=at,
            state=DRAFT,
            title=texts["title"],
            noun=texts["noun"],
            noun_es=texts["noun_es"],
            action=texts["action"],
            finding=texts["finding"],
        )
        record_change(row, "make rollout", district=district, actor=actor, at=at, detail={"kind": kind})
        if devices is not None:
            add_devices(district=district, public=row.public, placed=devices, actor=actor, at=at)
    return row.public


@transaction.atomic
def set_description(
    *,
    district: District,
    public: str,
    title: str,
    kind: str,
    noun: str,
    noun_es: str,
    finding: str,
    actor: str,
    at: datetime,
) -> None:
    """Change what a rollout is about. Raise LookupError, and RolloutRefused for a field that does not fit."""
    texts = _clean_texts(kind, {"title": title, "noun": noun, "noun_es": noun_es, "finding": finding})
    rollout = get_quiet_rollout(district, public)
    rollout.title, rollout.kind, rollout.finding = texts["title"], kind, texts["finding"]
    rollout.noun, rollout.noun_es = texts["noun"], texts["noun_es"]
    rollout.save(update_fields=["title", "kind", "finding", "noun", "noun_es"])
    detail = {"kind": kind, "noun": rollout.noun}
    record_change(rollout, "describe rollout", district=district, actor=actor, at=at, detail=detail)


def _clean_texts(kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts without odd blanks; raise RolloutRefused for a field that does not fit."""
    cleaned = {name: " ".join(text.split()) for name, text in texts.items()}
    if not cleaned["title"]:
        raise RolloutRefused("title", "A title is missing; one such as Swap every classroom cart would fit.")
    if kind not in KINDS:
        raise RolloutRefused("kind", f"{kind!r} is no kind; {', '.join(KINDS)} would fit.")
    for name, text in cleaned.items():
        if len(text) > _LONGEST[name]:
            raise RolloutRefused(name, f"This is too long; at most {_LONGEST[name]} characters would fit.")
    return cleaned


@transaction.atomic
def set_rooms(
    *, district: District, public: str, rooms: Sequence[ListedRoom], actor: str, at: datetime, replace: bool
) -> int:
    """Add rooms to a rollout, or change those that it has; with `replace` rooms that are not listed go.

    A room that was visited stays. Return how many rooms the rollout has. Raise LookupError and RolloutRefused.
    """
    rollout = get_quiet_rollout(district, public)
    rows = {row.room: row for row in TargetRoom.objects.of(district).filter(rollout=rollout)}
    visits = RolloutVisit.objects.of(district).filter(rollout=rollout)
    if replace:
        visited = set(visits.exclude(outcome="").values_list("room", flat=True))
        dropped = [name for name in rows if name not in {room.id for room in rooms} | visited]
        TargetRoom.objects.of(district).filter(rollout=rollout, room__in=dropped).delete()
        visits.filter(room__in=dropped).delete()
        rows = {name: row for name, row in rows.items() if name not in dropped}
    if len({*rows, *(room.id for room in rooms)}) > MAX_ROOMS:
        raise RolloutRefused("rooms", f"there are too many rooms; at most {MAX_ROOMS:,} would fit")
    changed = [_fill_room(rows[room.id], rollout, room) for room in rooms if room.id in rows]
    new_rooms = [room for room in rooms if room.id not in rows]
    added = [_fill_room(TargetRoom(district_id=district.pk), rollout, room) for room in new_rooms]
    TargetRoom.objects.bulk_create(added, batch_size=500)
    if changed:
        fields = ["name", "school", "minutes", "expected", "devices", "hands", "ring", "free", "after", "not_on"]
        TargetRoom.objects.of(district).bulk_update(changed, fields, batch_size=200)
    count = TargetRoom.objects.of(district).filter(rollout=rollout).count()
    detail = {"rooms": count, "added": len(added), "changed": len(changed), "replaced all": replace}
    record_change(rollout, "set rollout rooms", district=district, actor=actor, at=at, detail=detail)
    return count


@transaction.atomic
def add_devices(*, district: District, public: str, placed: PlacedDevices, actor: str, at: datetime) -> None:
    """Add the rooms of devices to a rollout, and note how many devices no source has in a room.

    Raise LookupError and RolloutRefused.
    """
    if placed.rooms:
        set_rooms(district=district, public=public, rooms=placed.rooms, actor=actor, at=at, replace=False)
    rollout = get_quiet_rollout(district, public)
    rollout.unplaced = dict(placed.unplaced)
    rollout.save(update_fields=["unplaced"])
    detail = {"rooms": len(placed.rooms), "devices without a room": sum(placed.unplaced.values())}
    record_change(rollout, "add devices to rollout", district=district, actor=actor, at=at, detail=detail)


def _fill_room(row: TargetRoom, rollout: Rollout, room: ListedRoom) -> TargetRoom:
    """Copy a listed room to its row; days that did not suit before stay."""
    row.expected = row.expected if row.minutes == room.minutes else None
    row.rollout, row.room, row.school, row.name = rollout, room.id, room.school, room.room
    row.minutes, row.devices, row.hands, row.ring = room.minutes, room.devices, room.hands, room.ring
    row.free, row.after = list(room.free), room.after
    row.not_on = [*row.not_on, *(days for days in room.not_on if days not in row.not_on)]
    return row


@transaction.atomic
def set_rules(
    *, district: District, public: str, values: Mapping[str, Any], dropped: Sequence[str], actor: str, at: datetime
) -> None:
    """Set keys of the rules, in the spec's own terms, and drop others. Raise LookupError and RolloutRefused."""
    rollout = get_quiet_rollout(district, public)
    remaining = {key: value for key, value in rollout.rules.items() if key not in dropped}
    rollout.rules = {**remaining, **values}
    rollout.save(update_fields=["rules"])
    team = [person["id"] for person in values.get("team", ())]
    detail = {"rules": sorted(set(values) - {"team"}), "team": team}
    record_change(rollout, "set rollout rules", district=district, actor=actor, at=at, detail=detail)


@transaction.atomic
def approve_wave(
    *, district: District, public: str, ring: str, week: date, digest: str, actor: str, at: datetime
) -> int:
    """Let a wave go as it was shown: its visits with the fingerprint `digest`; return how many.

    Raise LookupError if there is no such wave, and RolloutRefused if its visits changed since they were shown.
    """
    rollout = get_quiet_rollout(district, public)
    days = (week, week + timedelta(days=6))
    tries = list(RolloutVisit.objects.of(district).filter(rollout=rollout, ring=ring, day__range=days))
    rows = [row for row in tries if row.outcome != NO_ENTRY]
    if not rows:
        raise LookupError("there is no such wave")
    if compute_wave_digest(tries) != digest:
        raise RolloutRefused("wave", "its visits changed since you saw them; look again, then approve")
    approvals = WaveApproval.objects.of(district).filter(rollout=rollout, ring=ring, week=week)
    if approvals.filter(digest=digest).exists():
        raise RolloutRefused("wave", "it is approved already")
    approvals.delete()
    WaveApproval.objects.create(
        district_id=district.pk,
        rollout=rollout,
        ring=ring,
        week=week,
        digest=digest,
        visits=len(rows),
        approved_by=actor,
        approved_at=at,
    )
    if rollout.state in (DRAFT, PLANNED):
        rollout.state = APPROVED
        rollout.save(update_fields=["state"])
    detail = {"ring": ring, "week": week.isoformat(), "visits": len(rows)}
    record_change(rollout, "approve wave", district=district, actor=actor, at=at, detail=detail)
    return len(rows)


@transaction.atomic
def stop_rollout(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Stop a rollout: nothing of it is planned or approved any more. Raise LookupError and RolloutRefused."""
    rollout = get_open_rollout(district, public)
    rollout.state = STOPPED
    rollout.plan_number += 1  # a run that is under way changes nothing any more
    rollout.plan_state = ""
    rollout.save(update_fields=["state", "plan_number", "plan_state"])
    completed = RolloutVisit.objects.of(district).filter(rollout=rollout, outcome=COMPLETED).count()
    detail = {"visits done": completed}
    record_change(rollout, "stop rollout", district=district, actor=actor, at=at, detail=detail)
