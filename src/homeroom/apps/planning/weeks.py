"""One week of the team: what it plans, what waits and what that costs, what was done and whether it is proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from homeroom.apps.planning.acts import DONE, PLANNED, Told, acts_since, folded, newest
from homeroom.apps.planning.calendar import school_days
from homeroom.apps.planning.hours import Hours, seats, team_hours
from homeroom.apps.planning.jobs import Open, jobs_of, learned, together
from homeroom.apps.planning.proof import Proof, proofs
from homeroom.apps.posture.queries import Judgement, OpenFinding, judgement, open_findings
from homeroom.domain.work import Seat
from homeroom.engines.plan.engine import plan
from homeroom.engines.plan.plan import Capacity, Item, LeftOut, Plan
from homeroom.engines.plan.quiet import SchoolDay, next_day_without_class, windows
from homeroom.library.planning import planning_rules
from homeroom.library.risk import risk_table

UNTOLD = Told(item="", week=date.min)


@dataclass(frozen=True, kw_only=True)
class PlannedItem:
    """One item of the week with what people said about it."""

    item: Item
    open: Open
    told: Told
    share: float

    @property
    def planned(self) -> bool:
        """Whether the team put it into its week, rather than that it is proposed."""
        return self.told.state == PLANNED


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One job that is left out, and the share of all risk that stays with it."""

    left: LeftOut
    open: Open
    told: Told
    share: float


@dataclass(frozen=True, kw_only=True)
class Week:
    """The team's week. `judgement` and `plan` are None before the first judgement.

    `assumed` says that nobody told hours yet, `calendar` whether the calendar knows the week, `usual_week` whether it
    knows only the schools' usual weeks. `proofs` are those of this week and the four before it, the newest first.
    """

    monday: date
    judgement: Judgement | None
    plan: Plan | None
    items: tuple[PlannedItem, ...] = ()
    left_out: tuple[Waiting, ...] = ()
    proofs: tuple[Proof, ...] = ()
    team: tuple[Hours, ...] = ()
    assumed: bool = False
    calendar: bool = False
    usual_week: bool = False
    free_day: SchoolDay | None = None
    titles: Mapping[str, Open] | None = None

    @property
    def names(self) -> dict[str, str]:
        """By user name, what people are called."""
        return {one.person: one.name for one in self.team}


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def week_of(
    *,
    district: Any,
    today: date,
    week: date | None = None,
    minutes: int | None = None,
    afresh: bool = False,
    of: Judgement | None = None,
    findings: tuple[OpenFinding, ...] | None = None,
) -> Week:
    """The week of that day, or the given one. `minutes` stands in for the team's hours, all of them still to give.

    `afresh` plans without what stands in the plan already. `of` and `findings` save asking for what is known.
    """
    monday = monday_of(week or today)
    team = team_hours(district=district)
    of = of or judgement(district=district)
    if of is None:
        return Week(monday=monday, judgement=None, plan=None, team=team)
    open_now = together(findings if findings is not None else open_findings(district=district, of=of))
    told = folded(acts_since(district=district, week=monday))
    claims = proofs(district=district, of=of, told=told.values())
    known, rules = school_days(district=district, week=monday), planning_rules()
    given = _seats(team, told, monday) if minutes is None else (Seat(person="", role="", minutes=minutes),)
    jobs = jobs_of(
        open_now, week=monday, told=told, said=newest(told.values()), claims=claims, ratio=learned(district=district)
    )
    capacity = Capacity(seats=given, windows=_windows(known.days, monday, today), long_keeps=rules.long_keeps)
    if afresh:
        jobs = tuple(replace(job, kept=False) for job in jobs)
    made = plan(jobs, capacity=capacity, week=monday, table=risk_table())
    here = {item: one for (item, at), one in told.items() if at == monday}
    return Week(
        monday=monday,
        judgement=of,
        plan=made,
        items=tuple(_planned(item, open_now, here, made) for item in made.items),
        left_out=tuple(_waiting(left, open_now, here, made) for left in made.left_out),
        proofs=claims,
        team=team,
        assumed=minutes is None and all(one.minutes is None for one in team),
        calendar=capacity.windows is not None,
        usual_week=known.assumed,
        free_day=next_day_without_class(known.days, after=monday + timedelta(days=6), rules=rules),
        titles=open_now,
    )


def _seats(team: tuple[Hours, ...], told: Mapping[tuple[str, date], Told], monday: date) -> tuple[Seat, ...]:
    """The seats, less what was done in that week already; done by nobody in particular, it is whose most is left."""
    left = {seat.person: seat for seat in seats(team)}
    for (_, week), one in sorted(told.items(), key=lambda pair: pair[0]):
        if week == monday and one.state == DONE and left:
            person = one.person if one.person in left else max(sorted(left), key=lambda name: left[name].minutes)
            spent = one.estimated if one.actual is None else one.actual
            seat = left[person]
            left[person] = replace(
                seat, minutes=max(0, seat.minutes - spent), spent=min(seat.spent + spent, seat.spent + seat.minutes)
            )
    return tuple(left.values())


def _windows(days: Mapping[date, SchoolDay], monday: date, today: date) -> tuple[Any, ...] | None:
    """The quiet times that are left of that week; None where the calendar lists no day of it or after it."""
    if not days:
        return None
    return windows(days.values(), week=monday, today=today, rules=planning_rules())


def _planned(item: Item, open_now: Mapping[str, Open], here: Mapping[str, Told], made: Plan) -> PlannedItem:
    name = item.job.id
    return PlannedItem(item=item, open=open_now[name], told=here.get(name, UNTOLD), share=_share(item.risk, made))


def _waiting(left: LeftOut, open_now: Mapping[str, Open], here: Mapping[str, Told], made: Plan) -> Waiting:
    name = left.job.id
    return Waiting(left=left, open=open_now[name], told=here.get(name, UNTOLD), share=_share(left.risk, made))


def _share(risk: float, made: Plan) -> float:
    return risk / made.risk_before if made.risk_before else 0.0
