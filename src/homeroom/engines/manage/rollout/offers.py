"""Other deadlines than the one that was asked for, and what they cost or save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from homeroom.domain.manage.rollouts.plan import DeadlineOffer, PlanObjective, RolloutPlan
from homeroom.domain.manage.rollouts.spec import ClassTimes, RolloutSpec
from homeroom.engines.manage.rollout.problem import RolloutProblem

Solve = Callable[[RolloutProblem], RolloutPlan | None]
MOST_OFFERS = 3
LATER_DAYS = (14, 60, 365)


def list_offers(
    problem: RolloutProblem, plan: RolloutPlan, *, solve: Solve, is_late: Callable[[], bool]
) -> tuple[DeadlineOffer, ...]:
    """Return up to three other deadlines by day: without a lesson lost, the earliest of all, and some between.

    Earlier ones may disturb class even where the rollout may not: an offer shows what that would cost.
    """
    search = _OfferSearch(problem, solve, is_late)
    offers: dict[date, DeadlineOffer] = {}
    for offer in search.find_offers(plan):
        # What ends on the same day, or later and at no lower cost, is no other deadline.
        if offer.finished_on != plan.objective.finished_on:
            offers.setdefault(offer.until, offer)
        if len(offers) == MOST_OFFERS:
            break
    return tuple(offers[day] for day in sorted(offers))


class _OfferSearch:
    """Plans for other deadlines."""

    def __init__(self, problem: RolloutProblem, solve: Solve, is_late: Callable[[], bool]) -> None:
        self._problem, self._solve, self._is_late = problem, solve, is_late

    def find_offers(self, plan: RolloutPlan) -> Iterator[DeadlineOffer]:
        """Yield the offers, the most telling ones first."""
        ends = plan.objective.finished_on
        if ends is None:
            return
        undisturbed = self._find_undisturbed() if plan.objective.disrupted_minutes else None
        if undisturbed is not None:
            yield undisturbed
        earliest = self._find_earliest()
        if earliest is not None and earliest.until < ends:
            for day in _list_between(earliest.until, ends):
                offer = self._find_offer(day)
                # What was planned as if there were no class shows that its day is possible, at some cost.
                offer = earliest if offer is None and day == earliest.until else offer
                if offer is not None:
                    yield offer
        if undisturbed is not None and undisturbed.until > ends:
            for day in _list_between(ends, undisturbed.until):
                offer = self._find_offer(day)
                if offer is not None and offer.disrupted_minutes < plan.objective.disrupted_minutes:
                    yield offer

    def _complete(self, spec: RolloutSpec) -> RolloutPlan | None:
        if self._is_late():
            return None
        plan = self._solve(self._problem.change_spec(spec))
        return plan if plan is not None and plan.is_complete else None

    def _find_undisturbed(self) -> DeadlineOffer | None:
        """Return the first day by which all is done without a lesson lost."""
        spec = replace(self._problem.spec, class_costs=False)
        for days in LATER_DAYS:
            plan = self._complete(replace(spec, last=spec.last + timedelta(days=days)))
            if plan is not None:
                return _build_offer(plan)
        return None

    def _find_earliest(self) -> DeadlineOffer | None:
        """Return the first day by which all can be done, whatever class that disturbs, and what it disturbs then."""
        plan = self._complete(_drop_class(self._problem.spec))
        return None if plan is None else _build_offer(replace(plan, objective=self._measure(plan)))

    def _measure(self, plan: RolloutPlan) -> PlanObjective:
        rooms = {room.id: room for room in self._problem.rooms}
        times = ClassTimes(self._problem.spec)
        minutes = sum(
            max(0, min(visit.ends, stretch.ends) - max(visit.starts, stretch.starts))
            for visit in plan.visits
            for stretch in times.list_class(rooms[visit.room], visit.day) or ()
        )
        return replace(plan.objective, disrupted_minutes=minutes)

    def _find_offer(self, until: date) -> DeadlineOffer | None:
        plan = self._complete(replace(self._problem.spec, class_costs=True, last=until))
        return None if plan is None else _build_offer(plan)


def _list_between(first: date, last: date) -> list[date]:
    """Return the first day, the middle, and the quarters on the way to the last day, which is not among them."""
    days = (last - first).days
    return list(dict.fromkeys(first + timedelta(days=days * part // 4) for part in (0, 2, 3, 1)))


def _build_offer(plan: RolloutPlan) -> DeadlineOffer | None:
    ends = plan.objective.finished_on
    if ends is None:
        return None
    return DeadlineOffer(until=ends, disrupted_minutes=plan.objective.disrupted_minutes, finished_on=ends)


def _drop_class(spec: RolloutSpec) -> RolloutSpec:
    """Return the spec with every room free in every stretch, so that only the days count."""
    names = {
        school.id: frozenset(stretch.name for day_type in school.bells.types.values() for stretch in day_type.stretches)
        for school in spec.schools
    }
    return replace(spec, rooms=tuple(replace(room, free=names[room.school]) for room in spec.rooms))
