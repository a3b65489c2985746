"""Move a visit to another day, time or people: judged at once against every rule, then written, locked and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, WaveApproval
from homeroom.apps.manage.rollouts.records import NO_ENTRY, RolloutRefused, get_quiet_rollout, record_change
from homeroom.apps.manage.rollouts.specs.compiled_specs import load_problem
from homeroom.apps.manage.rollouts.specs.plan_documents import number_waves
from homeroom.apps.manage.rollouts.specs.spec_documents import describe_problem
from homeroom.apps.manage.rollouts.visits.visit_slots import find_visit_slot
from homeroom.apps.manage.rollouts.waves import compute_wave_digest, get_monday
from homeroom.domain.manage.rollouts.moves import MoveVerdict
from homeroom.domain.manage.rollouts.plan import PlannedVisit, PlanObjective
from homeroom.domain.platform.district import District
from homeroom.engines.manage.rollout.moves import MoveJudge
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.ingest.contract.errors import FileRefused


@dataclass(frozen=True, kw_only=True)
class MovedVisit:
    """A visit that was moved, and how many waves lost their approval by that."""

    verdict: MoveVerdict
    voided: int


def load_move_judge(*, district: District, public: str, number: int, at: datetime) -> MoveJudge:
    """Return the judge of a visit's move, as rules and visits are now.

    Raise LookupError if there is no such visit, RolloutRefused if its rules are incomplete, and QueryTimeout.
    """
    problem = load_rules(district=district, public=public)
    return _build_judge(problem, district=district, public=public, number=number, at=at)


def load_rules(*, district: District, public: str) -> RolloutProblem:
    """Return the problem of a rollout; raise LookupError, RolloutRefused if its rules are incomplete, QueryTimeout."""
    try:
        return load_problem(district=district, public=public)
    except FileRefused as error:
        raise RolloutRefused("state", " ".join(map(describe_problem, error.problems[:3])).rstrip(".")) from error


def _build_judge(problem: RolloutProblem, *, district: District, public: str, number: int, at: datetime) -> MoveJudge:
    rows = RolloutVisit.objects.of(district).filter(rollout__public=public)
    row = rows.filter(pk=number).first()
    if row is None or row.outcome == NO_ENTRY:
        raise LookupError(f"there is no visit {number}")
    local = at.astimezone(ZoneInfo(district.timezone))
    visits = list_planned_visits(rows.exclude(outcome=NO_ENTRY))
    return MoveJudge(problem, visits, row.room, not_before=(local.date(), local.hour * 60 + local.minute))


def list_planned_visits(rows: Iterable[RolloutVisit]) -> list[PlannedVisit]:
    """Return rows as visits of a plan."""
    return [
        PlannedVisit(
            room=row.room,
            day=row.day,
            starts=row.starts,
            ends=row.ends,
            people=tuple(row.people),
            class_minutes=row.class_minutes,
            locked=row.locked,
        )
        for row in rows
    ]


def format_cost(objective: PlanObjective) -> str:
    """Return what a plan costs as a text to compare: what was shown, and what it is when it is confirmed."""
    return f"{objective.disrupted_minutes} {objective.finished_on} {objective.travel_minutes}"


def move_visit(
    *,
    district: District,
    public: str,
    number: int,
    day: date,
    starts: int,
    people: Sequence[str],
    cost: str,
    actor: str,
    at: datetime,
) -> MovedVisit:
    """Move a visit and lock it; `cost` is what the plan costs then, as it was shown.

    Raise LookupError, QueryTimeout, and RolloutRefused if it breaks a rule, is over, or costs something else by now.
    """
    problem = load_rules(district=district, public=public)
    with transaction.atomic():
        rollout = get_quiet_rollout(district, public)
        row = RolloutVisit.objects.of(district).select_for_update().filter(rollout=rollout, pk=number).first()
        if row is None:
            raise LookupError(f"there is no visit {number}")
        if row.outcome:
            raise RolloutRefused("outcome", "the visit is over; one that is still to come would fit")
        judge = _build_judge(problem, district=district, public=public, number=number, at=at)
        verdict = judge.judge(day=day, starts=starts, people=people)
        if not verdict.fits:
            rules = ", ".join(item.rule for item in verdict.broken)
            raise RolloutRefused("move", f"it breaks a rule ({rules}); one of the times that fit would fit")
        if cost != format_cost(verdict.after):
            raise RolloutRefused("move", "the plan changed since you saw what it costs; look again")
        weeks = {get_monday(row.day), get_monday(day)}
        approved = _count_approved(district, rollout, row.ring, weeks)
        before = _describe_time(row)
        _write_move(row, verdict, problem)
        _number_waves_again(district, rollout, problem)
        rollout.figures = {**rollout.figures, "objective": _build_figures(verdict.after)}
        rollout.save(update_fields=["figures"])
        detail = {"room": row.room, "was": before, "is": _describe_time(row), "cost": format_cost(verdict.after)}
        record_change(rollout, "move visit", district=district, actor=actor, at=at, detail=detail)
        voided = approved - _count_approved(district, rollout, row.ring, weeks)
    return MovedVisit(verdict=verdict, voided=voided)


def _write_move(row: RolloutVisit, verdict: MoveVerdict, problem: RolloutProblem) -> None:
    visit, spec = verdict.visit, problem.spec
    room = next(item for item in spec.rooms if item.id == visit.room)
    school = next(item for item in spec.schools if item.id == room.school)
    slot = find_visit_slot(visit, room, school, spec)
    row.day, row.starts, row.ends, row.people = visit.day, visit.starts, visit.ends, list(visit.people)
    row.class_minutes, row.slot, row.period, row.locked = visit.class_minutes, slot.kind, slot.period, True
    row.save()


def _number_waves_again(district: District, rollout: Rollout, problem: RolloutProblem) -> None:
    rows = list(RolloutVisit.objects.of(district).filter(rollout=rollout).exclude(outcome=NO_ENTRY))
    rooms = {room.id for room in problem.spec.rooms}
    waves = number_waves([visit for visit in list_planned_visits(rows) if visit.room in rooms], problem.spec)
    changed = [row for row in rows if waves.get(row.room, row.wave) != row.wave]
    for row in changed:
        row.wave = waves[row.room]
    RolloutVisit.objects.of(district).bulk_update(changed, ["wave"], batch_size=200)


def _count_approved(district: District, rollout: Rollout, ring: str, weeks: Iterable[date]) -> int:
    """Return how many waves of a ring in these weeks are approved as their visits are."""
    rows = RolloutVisit.objects.of(district).filter(rollout=rollout, ring=ring)
    approvals = WaveApproval.objects.of(district).filter(rollout=rollout, ring=ring, week__in=weeks)
    return sum(
        compute_wave_digest(rows.filter(day__range=(item.week, item.week + timedelta(days=6)))) == item.digest
        for item in approvals
    )


def _describe_time(row: RolloutVisit) -> str:
    return f"{row.day} {row.starts // 60:02}:{row.starts % 60:02} {', '.join(row.people)}"


def _build_figures(objective: PlanObjective) -> dict[str, object]:
    return {
        "disrupted_minutes": objective.disrupted_minutes,
        "finished_on": objective.finished_on.isoformat() if objective.finished_on else None,
        "travel_minutes": objective.travel_minutes,
    }
