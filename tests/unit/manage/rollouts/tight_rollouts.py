"""Invented rollouts that are planned without their last visits, so that a search has to find places for these."""

from __future__ import annotations

import json
from pathlib import Path

from bench.rollouts.broken_rules import count_broken_rules
from bench.rollouts.invented_rollouts import SPEC_NAME, Spec, add_further_rules, invent_rollout
from homeroom.connectors.bell.folders import read_bell_folder
from homeroom.engines.manage.rollout.greedy import GreedyPlanner
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.schedule import RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable
from homeroom.library.manage.rollouts.spec_reader import read_rollout_spec


def fill_tightly(folder: Path, *, seed: int, with_rules: bool = True) -> tuple[Spec, RolloutSchedule, int]:
    """Return an invented rollout that is planned without its last 40 visits, and its last day."""
    spec = invent_rollout(folder, seed=seed, schools=6, rooms=150, technicians=2, helpers=3)
    if with_rules:
        spec = add_further_rules(spec, seed=seed + 1)
        spec["stock"][0]["devices"] *= 2
    (folder / SPEC_NAME).write_text(json.dumps(spec), encoding="utf-8")
    read = read_rollout_spec(folder / SPEC_NAME, read_bells=read_bell_folder, read_busy=lambda _path, _spec: {})
    problem = RolloutProblem(read)
    schedule = RolloutSchedule(problem, StartTable(problem))
    GreedyPlanner(schedule).fill(range(len(schedule.visits)))
    last = sorted(visit.day for visit in schedule.visits if visit is not None)[-40] - 1
    schedule.windows = [(first, min(end, last)) for first, end in schedule.windows]
    for visit in list(schedule.visits):
        if visit is not None and visit.day > last:
            schedule.remove(visit.room)
    return spec, schedule, last


def count_broken(spec: Spec, folder: Path, schedule: RolloutSchedule) -> dict[str, int]:
    """Return how often each rule is broken by the visits of a schedule."""
    names = ("room", "day", "starts", "ends", "people", "class_minutes")
    rows = [{name: getattr(visit, name) for name in names} for visit in schedule.list_planned()]
    return dict(count_broken_rules(spec, folder, rows))
