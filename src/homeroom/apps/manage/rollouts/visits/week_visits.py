"""Visits as the weekly plan has them: the hours that they take of people, and the findings that rollouts remedy."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Max, Q

from homeroom.apps.manage.planning.visits import RolloutRemedy
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.manage.rollouts.records import APPROVED, DONE, RUNNING
from homeroom.domain.manage.rollouts.working_days import TimedVisit
from homeroom.domain.platform.district import District

BINDING_STATES = (APPROVED, RUNNING, DONE)
"""States of a rollout whose plan takes hours: a plan that nobody approved is a trial."""


class RolloutVisits:
    """The visits of all rollouts of a district."""

    def list_visits(self, *, district: District, monday: date) -> tuple[TimedVisit, ...]:
        """Return the visits of a week that take hours; of a stopped rollout those that were made."""
        rows = (
            RolloutVisit.objects.of(district)
            .filter(Q(rollout__state__in=BINDING_STATES) | ~Q(outcome=""))
            .filter(day__range=(monday, monday + timedelta(days=6)))
            .values_list("day", "starts", "ends", "people")
        )
        return tuple(TimedVisit(day=day, starts=starts, ends=ends, people=people) for day, starts, ends, people in rows)

    def list_remedies(self, *, district: District) -> tuple[RolloutRemedy, ...]:
        """Return the findings of rollouts that are done, then of those under way: the newest rollout is the last."""
        rows = (
            Rollout.objects.of(district)
            .filter(state__in=BINDING_STATES)
            .exclude(finding="")
            .annotate(last_day=Max("visits__day"), done_at=Max("visits__recorded_at"))
            .order_by("made_at", "pk")
        )
        ordered = sorted(rows, key=lambda row: row.state != DONE)
        return tuple(
            RolloutRemedy(
                finding=row.finding,
                rollout=row.public,
                title=row.title,
                last_day=row.last_day,
                done_at=row.done_at if row.state == DONE else None,
            )
            for row in ordered
        )
