"""What is open, as jobs to plan: one a control, with estimates that learned from what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from homeroom.apps.planning.acts import DEFERRED, DONE, LEARNED_FROM, PLANNED, REMEMBERED, TAKEN_BACK, Told
from homeroom.apps.planning.models import Work
from homeroom.apps.planning.proof import WAITING, Proof
from homeroom.apps.posture.queries import OpenFinding
from homeroom.apps.posture.shelf import control_of
from homeroom.domain.controls import Control
from homeroom.domain.work import Job
from homeroom.engines.plan.learning import Outcome, ratios
from homeroom.library.planning import planning_rules

CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Open:
    """Everything that is open under one control, in however many findings."""

    control: Control
    findings: tuple[OpenFinding, ...]

    @property
    def members(self) -> int:
        """The subjects of all its findings."""
        return sum(one.members for one in self.findings)

    @property
    def since(self) -> date | None:
        """The first day on which any of them was open."""
        return min((one.since for one in self.findings if one.since), default=None)


def learned(*, district: Any) -> Mapping[str, float]:
    """By control, what its estimate is multiplied by; of each outcome only its item and minutes are read."""
    later = Work.objects.of(district).filter(item=OuterRef("item"), week=OuterRef("week"), pk__gt=OuterRef("pk"))
    rows = Work.objects.of(district).filter(~Exists(later.filter(act__in=TAKEN_BACK)), act=DONE, actual__isnull=False)
    told = rows.order_by("-pk").values_list("item", "basis", "actual")[:LEARNED_FROM]
    outcomes = [Outcome(job=item, estimated=basis, actual=actual or 0) for item, basis, actual in told]
    return ratios(outcomes, learning=planning_rules().learning)


def together(findings: Iterable[OpenFinding]) -> dict[str, Open]:
    """By control, what is open and not accepted as a whole."""
    found: dict[str, list[OpenFinding]] = {}
    for one in findings:
        if one.members and one.accepted_until is None:
            found.setdefault(one.control.id, []).append(one)
    return {
        name: Open(control=some[0].control, findings=tuple(sorted(some, key=lambda one: (-one.members, one.group))))
        for name, some in sorted(found.items())
    }


def jobs_of(
    open_now: Mapping[str, Open],
    *,
    week: date,
    told: Mapping[tuple[str, date], Told],
    said: Mapping[str, Told],
    claims: Iterable[Proof],
    ratio: Mapping[str, float],
) -> tuple[Job, ...]:
    """The jobs of the week. What somebody called done is left out until newer data was judged.

    `told` are the acts by item and week, `said` what was last said about each item.
    """
    waiting = {
        one.told.item: one.told.subjects for one in claims if one.state == WAITING and said[one.told.item] == one.told
    }
    return tuple(
        _job(one, week=week, told=told, said=said.get(name), done=waiting.get(name, 0), ratio=ratio.get(name, 1.0))
        for name, one in open_now.items()
        if one.members > waiting.get(name, 0)
    )


def _job(
    one: Open, *, week: date, told: Mapping[tuple[str, date], Told], said: Told | None, done: int, ratio: float
) -> Job:
    control, effort = one.control, one.control.effort
    now = told.get((control.id, week))
    recent = [row for row in told.values() if row.state == DONE and row.week >= week - REMEMBERED]
    spent = sum(row.actual or row.estimated for row in recent if control_of(row.item).setup == control.setup)
    stands = bool(now and now.state == PLANNED)
    part = bool(now and stands and now.subjects < now.open_then)
    days = planning_rules().due_days.get(control.severity)
    return Job(
        id=control.id,
        severity=control.severity,
        area=control.area,
        subjects=one.members - done,
        each=effort.minutes_per_subject * ratio,
        once=max(0.0, effort.minutes_once * ratio - spent),
        setup=control.setup,
        who=control.who,
        assigned=now.person if now else "",
        due_on=one.since + timedelta(days=days) if days and one.since else None,
        quiet=control.disturbs == CLASS,
        begun=part or any(row.partial for row in recent if row.item == control.id),
        kept=stands and not part,
        deferred_until=said.until if said and said.state == DEFERRED else None,
    )
