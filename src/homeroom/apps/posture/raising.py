"""What would raise the overall standing most for an hour of work: the measure of frameworks, each control a goal of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.apps.posture.queries import Result
from homeroom.apps.posture.shelf import SETTINGS
from homeroom.engines.frameworks.standing import Check, Raise, standing

OVERALL = "overall"
FIRST = 20


def check_of(one: Result, *, goals: Sequence[str]) -> Check:
    """A control's numbers, speaking of those goals; its minutes close all that fails today."""
    numbers, effort = one.numbers, one.control.effort
    return Check(
        id=one.control.id,
        title=one.control.title,
        goals=tuple(goals),
        passing=numbers.passing,
        failing=numbers.failing,
        cannot_tell=numbers.cannot_tell,
        excepted=numbers.excepted,
        minutes=effort.minutes_once + effort.minutes_per_subject * numbers.failing,
        policy=one.control.area == SETTINGS,
    )


def raises(found: Sequence[Result]) -> tuple[Raise, ...]:
    """What closing all that fails of a control adds to `overall.Day.low`, the most for an hour first."""
    asked = [one for one in found if one.numbers.population]
    goals = {one.control.id: one.control.title for one in asked}
    checks = [check_of(one, goals=(f"{OVERALL}:{one.control.id}",)) for one in asked]
    return standing(framework=OVERALL, goals=goals, maps={}, checks=checks, said={}).raises


def raise_first(found: Sequence[Raise]) -> list[dict[str, Any]]:
    """[{control, title, gain, minutes, gain_per_hour}], the first twenty; gains are shares from 0 to 1."""
    return [
        {
            "control": one.check.id,
            "title": one.check.title,
            "gain": round(one.gain, 5),
            "minutes": round(one.check.minutes),
            "gain_per_hour": round(one.per_hour, 5),
        }
        for one in found[:FIRST]
    ]
