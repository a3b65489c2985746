"""The changes that may make a rollout possible, rule by rule, each in steps from the least to the most.

More steps never forbid what fewer steps allow: so the least number that helps is found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from homeroom.domain.manage.rollouts.plan import RelaxedRule
from homeroom.domain.manage.rollouts.spec import (
    RolloutRoom,
    RolloutSchool,
    RolloutSpec,
    StockDelivery,
    TeamMember,
)
from homeroom.domain.schooldays import Span, merge_spans

LATEST_DAYS = 365
HELPER_ID = "one more person"
MINUTES_OF_WEEK = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class SpecChange:
    """A change of a spec in up to `steps` steps.

    `narrow` returns a change that may do with less than so many steps. `parts` are changes that are this one together;
    a few of them may do.
    """

    steps: int
    apply: Callable[[RolloutSpec, int], RolloutSpec]
    describe: Callable[[int], str]
    narrow: Callable[[int], SpecChange] | None = None
    parts: tuple[SpecChange, ...] = ()


def list_changes(spec: RolloutSpec, rule: RelaxedRule) -> list[SpecChange]:
    """Return the changes that relax a rule; empty where the rule limits nothing."""
    listers: Mapping[RelaxedRule, Callable[[RolloutSpec], Iterator[SpecChange]]] = {
        RelaxedRule.UNTIL: _list_later_days,
        RelaxedRule.CLASS_TIME: _list_class_time,
        RelaxedRule.NO_VISITS: _list_no_visits,
        RelaxedRule.AT_ONCE: _list_at_once,
        RelaxedRule.LIMITS: _list_limits,
        RelaxedRule.STOCK: _list_stock,
        RelaxedRule.SOAK: _list_soaks,
        RelaxedRule.TEAM: _list_helpers,
        RelaxedRule.HOURS: _list_hours,
        RelaxedRule.ROOM: _list_room_dates,
    }
    return [change for change in listers[rule](spec) if change.steps > 0]


def _list_later_days(spec: RolloutSpec) -> Iterator[SpecChange]:
    def move(changed: RolloutSpec, steps: int) -> RolloutSpec:
        return replace(changed, last=spec.last + timedelta(days=steps))

    yield SpecChange(
        steps=LATEST_DAYS, apply=move, describe=lambda steps: (spec.last + timedelta(days=steps)).isoformat()
    )


def _list_class_time(spec: RolloutSpec) -> Iterator[SpecChange]:
    if not spec.class_costs:
        yield SpecChange(
            steps=1, apply=lambda changed, _: replace(changed, class_costs=True), describe=lambda _: "costs"
        )


def _list_no_visits(spec: RolloutSpec) -> Iterator[SpecChange]:
    for school in spec.schools:
        for day in sorted(school.no_visit_days):
            if spec.first <= day <= spec.last:
                yield _build_day_change(school.id, day)
        for pattern in school.no_visit_types:
            yield _build_type_change(school.id, pattern)


def _build_day_change(school_id: str, day: date) -> SpecChange:
    def lift(changed: RolloutSpec, _: int) -> RolloutSpec:
        return _change_school(
            changed, school_id, lambda school: replace(school, no_visit_days=school.no_visit_days - {day})
        )

    return SpecChange(steps=1, apply=lift, describe=lambda _: f"{school_id}: {day.isoformat()}")


def _build_type_change(school_id: str, pattern: str) -> SpecChange:
    def lift(changed: RolloutSpec, _: int) -> RolloutSpec:
        return _change_school(
            changed,
            school_id,
            lambda school: replace(
                school, no_visit_types=tuple(item for item in school.no_visit_types if item != pattern)
            ),
        )

    return SpecChange(steps=1, apply=lift, describe=lambda _: f"{school_id}: {pattern}")


def _list_at_once(spec: RolloutSpec) -> Iterator[SpecChange]:
    for school in spec.schools:
        if school.at_once is not None:
            count = sum(room.school == school.id for room in spec.rooms)
            yield _build_at_once_change(school.id, school.at_once, min(count, len(spec.team)) - school.at_once)


def _build_at_once_change(school_id: str, limit: int, steps: int) -> SpecChange:
    def raise_limit(changed: RolloutSpec, step: int) -> RolloutSpec:
        return _change_school(changed, school_id, lambda school: replace(school, at_once=limit + step))

    return SpecChange(steps=steps, apply=raise_limit, describe=lambda step: f"{school_id}: {limit + step}")


def _list_limits(spec: RolloutSpec) -> Iterator[SpecChange]:
    a_day, a_week = spec.limits.visits_a_day_in_a_school, spec.limits.visits_a_week
    if a_week is not None:
        yield SpecChange(
            steps=len(spec.rooms) - a_week,
            apply=lambda changed, step: replace(
                changed, limits=replace(changed.limits, visits_a_week=(a_week or 0) + step)
            ),
            describe=lambda step: f"visits_a_week: {(a_week or 0) + step}",
        )
    if a_day is not None:
        yield SpecChange(
            steps=len(spec.rooms) - a_day,
            apply=lambda changed, step: replace(
                changed, limits=replace(changed.limits, visits_a_day_in_a_school=(a_day or 0) + step)
            ),
            describe=lambda step: f"visits_a_day_in_a_school: {(a_day or 0) + step}",
        )


def _list_stock(spec: RolloutSpec) -> Iterator[SpecChange]:
    if spec.stock is None:
        return
    length = (spec.last - spec.first).days

    def build(devices: int, day: date) -> RolloutSpec:
        return replace(spec, stock=(*(spec.stock or ()), StockDelivery(on=day, devices=devices)))

    def narrow(devices: int) -> SpecChange:
        def deliver(_: RolloutSpec, earlier: int) -> RolloutSpec:
            return build(devices, spec.last - timedelta(days=earlier))

        return SpecChange(
            steps=length,
            apply=deliver,
            describe=lambda earlier: f"{devices} more by {(spec.last - timedelta(days=earlier)).isoformat()}",
        )

    yield SpecChange(
        steps=sum(room.devices for room in spec.rooms),
        apply=lambda _, devices: build(devices, spec.first),
        describe=lambda devices: f"{devices} more by {spec.first.isoformat()}",
        narrow=narrow if length else None,
    )


def _list_soaks(spec: RolloutSpec) -> Iterator[SpecChange]:
    for ring in spec.rings[:-1]:
        yield _build_soak_change(ring.id, ring.soak_days)


def _build_soak_change(ring_id: str, soak_days: int) -> SpecChange:
    def reduce(changed: RolloutSpec, step: int) -> RolloutSpec:
        rings = (replace(ring, soak_days=soak_days - step) if ring.id == ring_id else ring for ring in changed.rings)
        return replace(changed, rings=tuple(rings))

    return SpecChange(steps=soak_days, apply=reduce, describe=lambda step: f"{ring_id}: {soak_days - step}")


def _list_helpers(spec: RolloutSpec) -> Iterator[SpecChange]:
    spans: dict[int, tuple[Span, ...]] = {}
    for person in spec.team:
        for weekday, hours in person.works.items():
            spans[weekday] = merge_spans((*spans.get(weekday, ()), *hours))
    limits = [person.minutes_a_week for person in spec.team]
    minutes = None if None in limits else max((limit or 0 for limit in limits), default=None)
    helper = TeamMember(id=HELPER_ID, works=spans, minutes_a_week=minutes)
    if spans:
        yield SpecChange(
            steps=1,
            apply=lambda changed, _: replace(changed, team=(*changed.team, helper)),
            describe=lambda _: HELPER_ID,
        )


def _list_hours(spec: RolloutSpec) -> Iterator[SpecChange]:
    opens = min((school.opens for school in spec.schools), default=0)
    closes = max((school.closes for school in spec.schools), default=0)
    for person in spec.team:
        if spans := [span for hours in person.works.values() for span in hours]:
            yield _build_time_change(spec, person.id, earlier=0, later=closes - min(end for _, end in spans))
            yield _build_time_change(spec, person.id, earlier=max(begin for begin, _ in spans) - opens, later=0)
        if person.minutes_a_week is not None:
            yield _build_minutes_change(spec, person)
        free = [weekday for weekday in range(7) if not person.works.get(weekday)]
        yield _build_weekday_change(person, free, opens, closes)


def _build_time_change(spec: RolloutSpec, person_id: str, *, earlier: int, later: int) -> SpecChange:
    """Return the change of a person's first start or last end of the day, by a grid's step each, on all days."""
    grid = spec.grid

    def extend(changed: RolloutSpec, step: int) -> RolloutSpec:
        before, after = (step * grid if earlier else 0), (step * grid if later else 0)
        return _change_person(
            changed,
            person_id,
            lambda person: replace(
                person,
                works={
                    weekday: _extend_spans(merge_spans(spans), before, after)
                    for weekday, spans in person.works.items()
                    if spans
                },
            ),
        )

    def describe(step: int) -> str:
        return f"{person_id}: {step * grid} minutes {'earlier' if earlier else 'later'}"

    return SpecChange(steps=-(-max(earlier, later) // grid), apply=extend, describe=describe)


def _extend_spans(spans: Sequence[Span], before: int, after: int) -> tuple[Span, ...]:
    (first, first_ends), *_ = spans
    changed = [(max(0, first - before), first_ends), *spans[1:]]
    last, last_ends = changed[-1]
    changed[-1] = last, min(24 * 60, last_ends + after)
    return tuple(changed)


def _build_minutes_change(spec: RolloutSpec, person: TeamMember) -> SpecChange:
    limit, grid = person.minutes_a_week or 0, spec.grid

    def raise_limit(changed: RolloutSpec, step: int) -> RolloutSpec:
        return _change_person(changed, person.id, lambda item: replace(item, minutes_a_week=limit + step * grid))

    return SpecChange(
        steps=max(0, -(-(MINUTES_OF_WEEK - limit) // grid)),
        apply=raise_limit,
        describe=lambda step: f"{person.id}: {limit + step * grid} minutes a week",
    )


def _build_weekday_change(person: TeamMember, free: Sequence[int], opens: int, closes: int) -> SpecChange:
    """Return the change that somebody works on days of the week that are free so far."""
    usual = [span for spans in person.works.values() for span in spans]
    begins = min((begin for begin, _ in usual), default=opens)
    ends = max((end for _, end in usual), default=closes)
    names = ", ".join(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday] for weekday in free)

    def add(changed: RolloutSpec, _: int) -> RolloutSpec:
        works = {**dict.fromkeys(free, ((begins, ends),))}
        return _change_person(changed, person.id, lambda item: replace(item, works={**item.works, **works}))

    return SpecChange(
        steps=1 if free else 0,
        apply=add,
        describe=lambda _: f"{person.id}: works on {names} too",
        parts=tuple(_build_weekday_change(person, [weekday], opens, closes) for weekday in free if len(free) > 1),
    )


def _list_room_dates(spec: RolloutSpec) -> Iterator[SpecChange]:
    for room in spec.rooms:
        for day in sorted(room.not_on):
            if spec.first <= day <= spec.last:
                yield _build_not_on_change(room.id, day)
        if room.after is not None and room.after >= spec.first:
            yield _build_after_change(room.id, room.after, (min(room.after, spec.last) - spec.first).days + 1, spec)


def _build_not_on_change(room_id: str, day: date) -> SpecChange:
    def lift(changed: RolloutSpec, _: int) -> RolloutSpec:
        return _change_room(changed, room_id, lambda room: replace(room, not_on=room.not_on - {day}))

    return SpecChange(steps=1, apply=lift, describe=lambda _: f"{room_id}: {day.isoformat()}")


def _build_after_change(room_id: str, after: date, steps: int, spec: RolloutSpec) -> SpecChange:
    latest = min(after, spec.last)

    def lift(changed: RolloutSpec, step: int) -> RolloutSpec:
        return _change_room(changed, room_id, lambda room: replace(room, after=latest - timedelta(days=step)))

    return SpecChange(
        steps=steps,
        apply=lift,
        describe=lambda step: f"{room_id}: after {(latest - timedelta(days=step)).isoformat()}",
    )


def _change_school(spec: RolloutSpec, school_id: str, change: Callable[[RolloutSchool], RolloutSchool]) -> RolloutSpec:
    schools = (change(school) if school.id == school_id else school for school in spec.schools)
    return replace(spec, schools=tuple(schools))


def _change_person(spec: RolloutSpec, person_id: str, change: Callable[[TeamMember], TeamMember]) -> RolloutSpec:
    return replace(spec, team=tuple(change(person) if person.id == person_id else person for person in spec.team))


def _change_room(spec: RolloutSpec, room_id: str, change: Callable[[RolloutRoom], RolloutRoom]) -> RolloutSpec:
    return replace(spec, rooms=tuple(change(room) if room.id == room_id else room for room in spec.rooms))
