"""Improvements of the overall score per hour of work: the framework measure with each control as its own goal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.apps.protect.posture.catalog.controls import SETTINGS
from homeroom.apps.protect.posture.published.queries import AssessedControl
from homeroom.engines.protect.frameworks.compliance import (
    ComplianceCheck,
    Improvement,
    compute_compliance,
    index_checks,
)

OVERALL = "overall"
MAX_IMPROVEMENTS = 20


def build_check(result: AssessedControl, *, goals: Sequence[str]) -> ComplianceCheck:
    """Build a framework check from a control's counts; its minutes close all that fails today."""
    numbers, effort = result.numbers, result.control.effort
    return ComplianceCheck(
        id=result.control.id,
        title=result.control.title,
        problem=result.problem,
        goals=tuple(goals),
        passing=numbers.passing,
        failing=numbers.failing,
        cannot_tell=numbers.cannot_tell,
        excepted=numbers.excepted,
        minutes=effort.minutes_once + effort.minutes_per_subject * numbers.failing,
        policy=result.control.area == SETTINGS,
    )


def rank_improvements(results: Sequence[AssessedControl]) -> tuple[Improvement, ...]:
    """Rank what closing all failing subjects of a control adds to `DayScore.low`, most per hour first."""
    applicable = [result for result in results if result.numbers.population]
    goals = {result.control.id: result.control.title for result in applicable}
    checks = [build_check(result, goals=(f"{OVERALL}:{result.control.id}",)) for result in applicable]
    return compute_compliance(
        framework=OVERALL, goals=goals, mappings={}, checks=index_checks(checks), answers={}
    ).improvements


def serialize_improvements(improvements: Sequence[Improvement]) -> list[dict[str, Any]]:
    """Return [{control, title, gain, minutes, gain_per_hour}], the first twenty; gains are shares from 0 to 1."""
    return [
        {
            "control": improvement.check.id,
            "title": improvement.check.title,
            "problem": improvement.check.problem,
            "gain": round(improvement.gain, 5),
            "minutes": round(improvement.check.minutes),
            "gain_per_hour": round(improvement.per_hour, 5),
        }
        for improvement in improvements[:MAX_IMPROVEMENTS]
    ]
