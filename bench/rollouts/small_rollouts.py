"""Small rollouts against a search that tries everything: best plans, rules that help, snow days; and one at full size.

60 problems of 5 to 7 rooms on real bells (`HOMEROOM_SHARED`, else invented ones) have a complete plan, 24 have none. A
problem that is too large to try everything gets a room less. What differs is printed.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import process_time

from bench.rollouts.broken_rules import count_broken_rules
from bench.rollouts.exhaustive import FEW_STATES, ExhaustiveSearch, PlanFigures, TooManyStates
from bench.rollouts.invented_rollouts import SPEC_NAME, invent_rollout
from bench.rollouts.relaxed_specs import RULES, Spec, apply_relaxation, lift_rule, list_elsewhere, list_lesser
from bench.rollouts.rollout_plan import SIZE, list_readable_bells
from bench.rollouts.small_problems import KINDS, SmallProblem, invent_problem, provide_bells
from bench.rollouts.visit_options import VisitChoice
from bench.support.goals import Goal, require_exactly
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.engines.manage.rollout.engine import plan_completely
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.replan import count_moved

COMPLETE, INCOMPLETE, SNOW_DAYS, FULL_SNOW_DAYS = 60, 24, 20, 24
SMALL_SECONDS, PLAN_SECONDS, REPLAN_SECONDS = 120.0, 20.0, 30.0
LEAST_ROOMS = 5
MOST_LEFT_OUT = 2
SEEDS = range(10_000)
GOALS = {
    "problems": require_exactly(COMPLETE),
    "plans_differ": require_exactly(0),
    "bounds_above": require_exactly(0),
    "bounds_below": require_exactly(0),
    "incomplete_problems": require_exactly(INCOMPLETE),
    "rooms_left_out_differ": require_exactly(0),
    "rules_that_do_not_help": require_exactly(0),
    "rules_undecided": require_exactly(0),
    "rules_missing": require_exactly(0),
    "changes_not_least": require_exactly(0),
    "relaxed_plans_differ": require_exactly(0),
    "snow_days": require_exactly(SNOW_DAYS),
    "snow_days_differ": require_exactly(0),
    "rules_broken": require_exactly(0),
    "full_size_fell_out": Goal(at_least=1),
    "full_size_moved_besides": require_exactly(0),
    "full_size_left_out": require_exactly(0),
    "full_size_rules_broken": require_exactly(0),
    "full_size_cpu_seconds": Goal(at_most=60),
}


def measure(*, runs: int = 3) -> dict[str, float]:
    """Return the figures of one run: the problems are always the same."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-small-rollouts-") as temporary:
        folder = Path(temporary)
        comparison = SmallComparison(folder, provide_bells(folder, list_readable_bells()))
        comparison.compare_complete(COMPLETE)
        comparison.compare_incomplete(INCOMPLETE)
        comparison.compare_snow_days(SNOW_DAYS)
        names = [name for name in GOALS if not name.startswith("full_size")]
        figures = {name: float(comparison.counts[name]) for name in (*names, *sorted({*comparison.counts} - {*names}))}
        return figures | comparison.seconds | _measure_full_size(folder / "full")


@dataclass
class SmallComparison:
    """Compares plans with the exhaustive search, counts what differs and prints it."""

    folder: Path
    bells: Sequence[str]
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def compare_complete(self, count: int, *, first_seed: int = 0) -> None:
        """Compare plans of problems that have a complete plan: all figures, and the bound."""
        for name, problem, best in self._list_problems(count, is_tight=False, first_seed=first_seed):
            plan = self._plan(problem, "plans_cpu_seconds")
            self.counts["problems"] += 1
            if (figures := _measure_plan(plan)) != best:
                self._report("plans_differ", f"{name}: {figures}, not {best}")
            bound, last = plan.bound, plan.bound.finished_on.toordinal() if plan.bound.finished_on else 0
            bounds = bound.disrupted_minutes, last, bound.travel_minutes or 0
            own = best.class_minutes, best.last, best.travel
            if bounds[0] > own[0] or (bounds[0] == own[0] and (bounds[1] > own[1] or bounds[1:] > own[1:])):
                self._report("bounds_above", f"{name}: {bounds}, above {own}")
            if bounds != own:
                self._report("bounds_below", f"{name}: {bounds}, below {own}")

    def compare_incomplete(self, count: int) -> None:
        """Compare the rules that are named with what the search finds when they are relaxed."""
        for name, problem, best in self._list_incomplete(count):
            plan = self._plan(problem, "relax_cpu_seconds")
            self.counts["incomplete_problems"] += 1
            if (figures := _measure_plan(plan)) != best:
                self._report("rooms_left_out_differ", f"{name}: {figures}, not {best}")
            named = {str(item.rule): item for item in plan.relax}
            for rule in RULES:
                if rule in named:
                    then = named[rule].then
                    last = then.finished_on.toordinal() if then.finished_on else 0
                    figures = PlanFigures(0, 0, then.disrupted_minutes, last, then.travel_minutes)
                    self._compare_rule(name, problem, rule, named[rule].to, figures)
                elif self._is_possible(problem, lift_rule(problem.spec, rule)):
                    self._report("rules_missing", f"{name}: {rule}")

    def _compare_rule(self, name: str, problem: SmallProblem, rule: str, to: str, then: PlanFigures) -> None:
        self.counts[f"named_{rule}"] += 1
        relaxed = apply_relaxation(problem.spec, rule, to)
        is_possible = self._is_possible(problem, relaxed)
        self.counts["rules_undecided"] += is_possible is None
        if is_possible is False:
            self._report("rules_that_do_not_help", f"{name}: {rule} to {to}")
            return
        for lesser in list_lesser(problem.spec, rule, to):
            if self._is_possible(problem, lesser):
                self._report("changes_not_least", f"{name}: {rule} to {to}")
        for lesser in list_elsewhere(problem.spec, rule, to):
            if self._is_possible(problem, lesser):
                self._report("changes_not_least", f"{name}: {rule} to {to}, less elsewhere")
        try:
            best = ExhaustiveSearch(relaxed, problem.folder, problem.busy).find_best()
        except TooManyStates:
            self.counts["undecided"] += 1
            return
        if best != then:
            self._report("relaxed_plans_differ", f"{name}: {rule} to {to}: {then}, not {best}")

    def _is_possible(self, problem: SmallProblem, spec: Spec) -> bool | None:
        """Return whether there is a plan with all rooms; None if it cannot be decided."""
        try:
            return ExhaustiveSearch(spec, problem.folder, problem.busy).is_possible()
        except TooManyStates:
            self.counts["undecided"] += 1
            return None

    def compare_snow_days(self, count: int, *, first_seed: int = 500) -> None:
        """Compare plans made again: all figures, and visits moved before all others."""
        for name, problem, _ in self._list_problems(count, is_tight=False, first_seed=first_seed):
            old = self._plan(problem, "plans_cpu_seconds")
            self._compare_snow_day(name, problem, old, random.Random(name))
            self.counts["snow_days"] += 1

    def _compare_snow_day(self, name: str, problem: SmallProblem, old: RolloutPlan, chance: random.Random) -> None:
        day = chance.choice(sorted({visit.day for visit in old.visits}))
        moment = (day, chance.choice((0, 9 * 60 + 30)))
        earlier = EarlierPlan(visits=old.visits, day=moment[0], minute=moment[1])
        changed = problem.change(**_change_something(problem.spec, day, chance))
        plan = self._plan(changed, "snow_days_cpu_seconds", earlier)
        fixed = [visit for visit in old.visits if earlier.has_begun(visit)]
        movable = [visit for visit in old.visits if not earlier.has_begun(visit)]
        schools = {room["id"]: room["school"] for room in problem.spec["rooms"]}
        best = ExhaustiveSearch(
            changed.spec, problem.folder, problem.busy,
            fixed=[_convert(visit, schools) for visit in fixed],
            wanted={visit.room: _convert(visit, schools) for visit in movable},
            since=(day.toordinal(), moment[1]),
        ).find_best()  # fmt: skip
        placed = {visit.room for visit in plan.visits}
        movable_placed = EarlierPlan(
            visits=tuple(v for v in movable if v.room in placed), day=moment[0], minute=moment[1]
        )
        self.counts["snow_day_visits_moved"] += best.moved
        if (figures := _measure_plan(plan, moved=count_moved(movable_placed, plan))) != best:
            self._report("snow_days_differ", f"{name}: {figures}, not {best}")
        if not set(fixed) <= set(plan.visits):
            self._report("snow_days_differ", f"{name}: a visit that began has moved")

    def _list_incomplete(self, count: int) -> Iterator[tuple[str, SmallProblem, PlanFigures]]:
        """Yield problems without a complete plan; each rule in turn is the one that makes one possible."""
        problems = self._list_problems(len(SEEDS), is_tight=True)
        left = [RULES[number % len(RULES)] for number in range(count)]
        for name, problem, best in problems:
            if best.left_out > MOST_LEFT_OUT:
                continue
            rule = next((rule for rule in left if self._is_possible(problem, lift_rule(problem.spec, rule))), None)
            if rule is not None:
                left.remove(rule)
                yield name, problem, best
            if not left:
                return

    def _list_problems(
        self, count: int, *, is_tight: bool, first_seed: int = 0
    ) -> Iterator[tuple[str, SmallProblem, PlanFigures]]:
        """Yield as many problems with a complete plan (or without one, if tight), of each kind in turn."""
        count_so_far = 0
        for seed in SEEDS:
            for kind in KINDS:
                problem = invent_problem(self.folder, self.bells, kind=kind, seed=first_seed + seed, is_tight=is_tight)
                shrunk = self._shrink(problem)
                if shrunk is None or (shrunk[1].left_out > 0) != is_tight:
                    continue
                yield f"{kind} {first_seed + seed}", *shrunk
                count_so_far += 1
                if count_so_far == count:
                    return

    def _shrink(self, problem: SmallProblem) -> tuple[SmallProblem, PlanFigures] | None:
        """Return the problem with as many rooms as the search can decide, and the best figures."""
        started = process_time()
        try:
            while len(problem.spec["rooms"]) >= LEAST_ROOMS:
                try:
                    search = ExhaustiveSearch(problem.spec, problem.folder, problem.busy, most_states=FEW_STATES)
                    return problem, search.find_best()
                except TooManyStates:
                    problem = problem.change(rooms=problem.spec["rooms"][:-1])
            return None
        finally:
            self.seconds["search_cpu_seconds"] += process_time() - started

    def _plan(self, problem: SmallProblem, clock: str, earlier: EarlierPlan | None = None) -> RolloutPlan:
        started = process_time()
        plan = plan_completely(
            RolloutProblem(problem.load()), seconds=SMALL_SECONDS, is_late=lambda: False, report=lambda _plan: None,
            earlier=earlier,
        )  # fmt: skip
        self.seconds[clock] += process_time() - started
        broken = count_broken_rules(problem.spec, problem.folder, [_build_row(visit) for visit in plan.visits])
        if broken and earlier is None:
            self._report("rules_broken", str(dict(broken)))
        return plan

    def _report(self, name: str, text: str) -> None:
        self.counts[name] += 1
        print(f"{name}: {text}", file=sys.stderr, flush=True)


def _change_something(spec: Spec, day: date, chance: random.Random) -> Spec:
    """Return what is different in a spec: a school closes, somebody falls ill, rooms do not suit, longer walks."""
    change = chance.randrange(4)
    text = day.isoformat()
    if change == 0:
        at = chance.randrange(len(spec["schools"]))
        schools = [dict(school) for school in spec["schools"]]
        schools[at]["closed"] = [*schools[at].get("closed", []), text]
        return {"schools": schools}
    if change == 1:
        team = [dict(person) for person in spec["team"]]
        at = chance.randrange(len(team))
        team[at]["away"] = [*team[at].get("away", []), text]
        return {"team": team}
    if change == 2:
        rooms = [dict(room) for room in spec["rooms"]]
        for at in (0, 1, 2):
            rooms[at]["not_on"] = [*rooms[at].get("not_on", []), text]
        return {"rooms": rooms}
    return {"until": (date.fromisoformat(spec["until"]) + timedelta(days=1)).isoformat(), "walk": spec["walk"] + 5}


def _convert(visit: PlannedVisit, schools: dict[str, str]) -> VisitChoice:
    return VisitChoice(
        visit.room, schools[visit.room], visit.day.toordinal(), visit.starts, visit.ends, visit.people,
        visit.class_minutes,
    )  # fmt: skip


def _measure_plan(plan: RolloutPlan, *, moved: int = 0) -> PlanFigures:
    last = plan.objective.finished_on
    return PlanFigures(
        left_out=len(plan.left_out),
        moved=moved,
        class_minutes=plan.objective.disrupted_minutes,
        last=last.toordinal() if last else 0,
        travel=plan.objective.travel_minutes,
    )


def _build_row(visit: PlannedVisit) -> dict[str, object]:
    names = ("room", "day", "starts", "ends", "people", "class_minutes")
    return {name: getattr(visit, name) for name in names}


def _measure_full_size(folder: Path) -> dict[str, float]:
    """Close a school for three days and let somebody fall ill, on several days of a rollout of full size."""
    spec = invent_rollout(folder, seed=1, **SIZE, bells=list_readable_bells())
    old = _plan_full_size(spec, folder, PLAN_SECONDS)
    figures: Counter[str] = Counter()
    slowest = 0.0
    for number in range(FULL_SNOW_DAYS):
        chance = random.Random(number)
        day = chance.choice(sorted({visit.day for visit in old.visits})[1:-1])
        seconds, counts = _measure_full_snow_day(spec, folder, old, day, chance.choice(spec["team"])["id"])
        figures.update(counts)
        slowest = max(slowest, seconds)
    return {name: float(count) for name, count in figures.items()} | {"full_size_cpu_seconds": slowest}


def _measure_full_snow_day(
    spec: Spec, folder: Path, old: RolloutPlan, day: date, person: str
) -> tuple[float, dict[str, int]]:
    """Return the CPU-seconds of a plan made again, and what fell out, moved besides, and broke a rule."""
    school = Counter(visit.room[:3] for visit in old.visits if visit.day == day).most_common(1)[0][0]
    closed = [(day + timedelta(days=number)).isoformat() for number in range(3)]
    schools = [item | {"closed": closed} if item["id"] == school else item for item in spec["schools"]]
    team = [item | {"away": [day.isoformat()]} if item["id"] == person else item for item in spec["team"]]
    changed = {**spec, "schools": schools, "team": team}
    fell_out = {
        visit.room
        for visit in old.visits
        if (visit.room[:3] == school and visit.day.isoformat() in closed)
        or (person in visit.people and visit.day == day)
    }
    started = process_time()
    plan = _plan_full_size(changed, folder, REPLAN_SECONDS, EarlierPlan(visits=old.visits, day=day, minute=0))
    seconds = process_time() - started
    places = {visit.room: visit for visit in plan.visits}
    moved = {visit.room for visit in old.visits if places.get(visit.room) != visit}
    broken = count_broken_rules(changed, folder, [_build_row(visit) for visit in plan.visits])
    return seconds, {
        "full_size_fell_out": len(fell_out),
        "full_size_moved_besides": len(moved - fell_out),
        "full_size_left_out": len(plan.left_out),
        "full_size_rules_broken": sum(broken.values()),
    }


def _plan_full_size(spec: Spec, folder: Path, seconds: float, earlier: EarlierPlan | None = None) -> RolloutPlan:
    path = folder / SPEC_NAME
    path.write_text(json.dumps(spec), encoding="utf-8")
    return plan_completely(
        RolloutProblem(load_spec(path)), seconds=seconds, is_late=lambda: False, report=lambda _plan: None,
        earlier=earlier,
    )  # fmt: skip
