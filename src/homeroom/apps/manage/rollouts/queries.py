"""Queries over rollouts: the list, one with its plan by school and week, its rooms, and visits of a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom, WaveApproval
from homeroom.apps.manage.rollouts.records import ACTIVE_RUNS, COMPLETED, ENDED_STATES, NO_ENTRY
from homeroom.apps.manage.rollouts.visits.visit_versions import compute_visit_version
from homeroom.apps.manage.rollouts.waves import compute_wave_digest, get_monday
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class RolloutSummary:
    """A rollout in the list, with how many of its rooms have a visit that is done."""

    public: str
    title: str
    state: str
    rooms: int
    visits: int
    completed: int
    finished_on: date | None
    disrupted_minutes: int | None
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class RolloutView:
    """A rollout as pages show it; `figures` are those of the plan document."""

    public: str
    title: str
    state: str
    kind: str
    noun: str
    noun_es: str
    action: str
    finding: str
    rules: Mapping[str, Any]
    figures: Mapping[str, Any]
    made_by: str
    made_at: datetime
    planned_at: datetime | None
    plan_state: str
    plan_step: str
    plan_problems: Sequence[str]
    plan_request: Mapping[str, Any]
    unplaced: Mapping[str, int]
    rooms: int
    devices: int

    @property
    def is_planning(self) -> bool:
        """Return True while a run of the planner is not over."""
        return self.plan_state in ACTIVE_RUNS

    @property
    def is_over(self) -> bool:
        """Return True if the rollout is done or stopped."""
        return self.state in ENDED_STATES


@dataclass(frozen=True, kw_only=True)
class VisitView:
    """A visit as pages show it, with its room."""

    number: int
    room: str
    school: str
    name: str
    devices: int
    day: date
    starts: int
    ends: int
    people: Sequence[str]
    class_minutes: int
    ring: str
    wave: int
    slot: str
    period: str
    locked: bool
    outcome: str
    checks: Mapping[str, bool]
    left_behind: int
    began_at: datetime | None
    ended_at: datetime | None
    note: str
    installed: Sequence[str]
    taken: Sequence[str]
    recorded_by: str
    recorded_at: datetime | None
    not_on: Sequence[str]
    version: str

    @property
    def minutes_late(self) -> int | None:
        """Return how many minutes after its time it began, negative if before; None if not noted or on another day."""
        local = timezone.localtime(self.began_at) if self.began_at else None
        return local.hour * 60 + local.minute - self.starts if local and local.date() == self.day else None

    @property
    def minutes_taken(self) -> int | None:
        """Return how many minutes it took; None if nobody noted when it began."""
        if self.began_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.began_at).total_seconds() // 60)


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The visits of a ring in the week of a Monday. `approved_by` is empty if they were not approved as they are.

    `was_changed` is whether they were approved and then changed. `first` is the day of the first visit,
    and `to_do` counts those without an outcome.
    """

    number: int
    ring: str
    week: date
    visits: int
    completed: int
    to_do: int
    class_minutes: int
    digest: str
    first: date
    approved_by: str = ""
    approved_at: datetime | None = None
    was_changed: bool = False


@dataclass(frozen=True, kw_only=True)
class SchoolLine:
    """A line of the plan: a school, with visits and class minutes of each week, in the plan's order of weeks."""

    school: str
    rooms: int
    cells: Sequence[tuple[int, int]]
    class_minutes: int


@dataclass(frozen=True, kw_only=True)
class SchoolRooms:
    """The rooms of a school in a rollout; `minutes` of all people, and how many have `free` periods. Empty: all."""

    school: str
    rooms: int
    devices: int
    minutes: int
    free: int


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """The plan of a rollout: its weeks, schools and waves, and how many visits each person has a day.

    `last` are the visits of the last day.
    """

    weeks: Sequence[date] = ()
    lines: Sequence[SchoolLine] = ()
    waves: Sequence[Wave] = ()
    visits: int = 0
    completed: int = 0
    people: Sequence[tuple[str, Sequence[tuple[date, int]]]] = ()
    totals: Sequence[int] = field(default=())
    last: Sequence[VisitView] = ()


def list_rollouts(*, district: District) -> tuple[RolloutSummary, ...]:
    """Return the rollouts of a district, those that are not over first, then by age."""
    counts = TargetRoom.objects.of(district).order_by().values_list("rollout").annotate(rooms=Count("pk"))
    rooms = dict(counts)
    visits = {
        rollout: (planned, completed)
        for rollout, planned, completed in RolloutVisit.objects.of(district)
        .order_by()
        .values_list("rollout")
        .annotate(planned=Count("pk", filter=~Q(outcome=NO_ENTRY)), completed=Count("pk", filter=Q(outcome=COMPLETED)))
    }
    summaries = [
        _build_summary(row, rooms.get(row.pk, 0), *visits.get(row.pk, (0, 0)))
        for row in Rollout.objects.of(district).order_by("-made_at", "-pk")
    ]
    return tuple(sorted(summaries, key=lambda item: item.state in ENDED_STATES))


def _build_summary(row: Rollout, rooms: int, visits: int, completed: int) -> RolloutSummary:
    objective = row.figures.get("objective", {})
    finished_on = objective.get("finished_on")
    return RolloutSummary(
        public=row.public,
        title=row.title,
        state=row.state,
        rooms=rooms,
        visits=visits,
        completed=completed,
        finished_on=date.fromisoformat(finished_on) if finished_on else None,
        disrupted_minutes=objective.get("disrupted_minutes"),
        made_by=row.made_by,
        made_at=row.made_at,
    )


def find_rollout(*, district: District, public: str) -> RolloutView | None:
    """Return one rollout; None if the district has no such rollout."""
    row = Rollout.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    devices = TargetRoom.objects.of(district).filter(rollout=row).values_list("devices", flat=True)
    copied = {name: getattr(row, name) for name in RolloutView.__dataclass_fields__ if hasattr(row, name)}
    return RolloutView(**copied | {"rooms": len(devices), "devices": sum(devices)})


def list_rollout_rooms(*, district: District, public: str) -> tuple[TargetRoom, ...]:
    """Return the rooms of a rollout by school and name."""
    rows = TargetRoom.objects.of(district).filter(rollout__public=public)
    return tuple(rows.order_by("school", "name"))


def sum_rooms_by_school(rooms: Iterable[TargetRoom]) -> tuple[SchoolRooms, ...]:
    """Return the rooms, devices and minutes of each school by name, with the totals as the last line."""
    rows = list(rooms)
    schools = sorted({room.school for room in rows})
    groups = [(school, [room for room in rows if room.school == school]) for school in schools] + [("", rows)]
    return tuple(
        SchoolRooms(
            school=school,
            rooms=len(members),
            devices=sum(room.devices for room in members),
            minutes=sum(room.minutes * room.hands for room in members),
            free=sum(bool(room.free) for room in members),
        )
        for school, members in groups
    )


def list_visits(
    *, district: District, public: str, day: date | None = None, week: date | None = None
) -> tuple[VisitView, ...]:
    """Return the visits of a rollout in the order of time: all, or those of a day, or of the week of a Monday."""
    rows = RolloutVisit.objects.of(district).filter(rollout__public=public)
    if day is not None:
        rows = rows.filter(day=day)
    if week is not None:
        rows = rows.filter(day__range=(week, week + timedelta(days=6)))
    rooms = {room.room: room for room in TargetRoom.objects.of(district).filter(rollout__public=public)}
    return tuple(
        _build_visit(row, rooms[row.room]) for row in rows.order_by("day", "starts", "room") if row.room in rooms
    )


def find_visit(*, district: District, public: str, number: int) -> VisitView | None:
    """Return one visit of a rollout; None if there is none."""
    row = RolloutVisit.objects.of(district).filter(rollout__public=public, pk=number).first()
    room = row and TargetRoom.objects.of(district).filter(rollout=row.rollout_id, room=row.room).first()
    return _build_visit(row, room) if row and room else None


def find_current_visit(*, district: District, public: str, room: str) -> VisitView | None:
    """Return the visit of a room that is still to come, or else its last one; None if the room has none."""
    rows = RolloutVisit.objects.of(district).filter(rollout__public=public, room=room)
    row = rows.filter(outcome="").first() or rows.order_by("-day", "-pk").first()
    return find_visit(district=district, public=public, number=row.pk) if row else None


def _build_visit(row: RolloutVisit, room: TargetRoom) -> VisitView:
    of_visit = {name: getattr(row, name) for name in VisitView.__dataclass_fields__ if hasattr(row, name)}
    of_room = {"school": room.school, "name": room.name, "devices": room.devices, "not_on": room.not_on}
    return VisitView(**of_visit | of_room | {"number": row.pk, "version": compute_visit_version(row)})


def load_plan(*, district: District, public: str) -> PlanView:
    """Return the plan of a rollout by school and week, with its waves."""
    tries = list_visits(district=district, public=public)
    visits = [visit for visit in tries if visit.outcome != NO_ENTRY]
    weeks = sorted({get_monday(visit.day) for visit in visits})
    lines = _build_lines(visits, weeks, list_rollout_rooms(district=district, public=public))
    people: dict[str, Counter[date]] = defaultdict(Counter)
    for visit in visits:
        for person in visit.people:
            people[person][visit.day] += 1
    return PlanView(
        weeks=weeks,
        lines=lines,
        waves=_build_waves(tries, WaveApproval.objects.of(district).filter(rollout__public=public)),
        visits=len(visits),
        completed=sum(visit.outcome == COMPLETED for visit in visits),
        people=[(person, sorted(days.items())) for person, days in sorted(people.items())],
        totals=[sum(line.cells[number][0] for line in lines) for number in range(len(weeks))],
        last=[visit for visit in visits if visit.day == visits[-1].day],
    )


def _build_lines(visits: Iterable[VisitView], weeks: Sequence[date], rooms: Iterable[TargetRoom]) -> list[SchoolLine]:
    counts: Counter[tuple[str, date]] = Counter()
    minutes: Counter[tuple[str, date]] = Counter()
    for visit in visits:
        counts[visit.school, get_monday(visit.day)] += 1
        minutes[visit.school, get_monday(visit.day)] += visit.class_minutes
    sizes = Counter(room.school for room in rooms)
    return [
        SchoolLine(
            school=school,
            rooms=size,
            cells=[(counts[school, week], minutes[school, week]) for week in weeks],
            class_minutes=sum(minutes[school, week] for week in weeks),
        )
        for school, size in sorted(sizes.items())
    ]


def _build_waves(visits: Iterable[VisitView], approvals: Iterable[WaveApproval]) -> list[Wave]:
    """Return the waves in order. A door that was closed voids no approval, and counts as no visit."""
    groups: dict[tuple[date, str], list[VisitView]] = defaultdict(list)
    for visit in visits:
        groups[get_monday(visit.day), visit.ring].append(visit)
    approved = {(row.week, row.ring): row for row in approvals}
    planned = [item for item in groups.items() if any(visit.outcome != NO_ENTRY for visit in item[1])]
    ordered = sorted(planned, key=lambda item: (item[0][0], min(visit.wave for visit in item[1])))
    return [
        _build_wave(number, key, members, approved.get(key)) for number, (key, members) in enumerate(ordered, start=1)
    ]


def _build_wave(number: int, key: tuple[date, str], tries: Sequence[VisitView], approval: WaveApproval | None) -> Wave:
    digest = compute_wave_digest(tries)
    members = [visit for visit in tries if visit.outcome != NO_ENTRY]
    is_approved = approval is not None and approval.digest == digest
    return Wave(
        number=number,
        week=key[0],
        ring=key[1],
        visits=len(members),
        completed=sum(visit.outcome == COMPLETED for visit in members),
        to_do=sum(not visit.outcome for visit in members),
        class_minutes=sum(visit.class_minutes for visit in members),
        digest=digest,
        first=min(visit.day for visit in members),
        approved_by=approval.approved_by if approval and is_approved else "",
        approved_at=approval.approved_at if approval and is_approved else None,
        was_changed=approval is not None and not is_approved,
    )
