"""Compliance results as plain values for `--json`, and as a CSV action plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from homeroom.apps.protect.frameworks.queries import FrameworkCompliance
from homeroom.apps.protect.posture.published.improvements import serialize_improvements
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.engines.protect.frameworks.compliance import Basis, ComplianceCheck, GoalResult

CSV_HEADINGS = (
    "goal",
    "goal in words",
    "how known",
    "control or policy",
    "problem",
    "failing",
    "of",
    "cannot tell",
    "minutes",
    "raises by",
)


def convert_to_json(compliance: FrameworkCompliance) -> dict[str, Any]:
    """Return {framework, at_least, at_most, goals: [{id, how, at_least, at_most, controls}], raise_first: […]}.

    Shares are from 0 to 1.
    """
    result, definition = compliance.result, compliance.framework
    return {
        "framework": definition.id,
        "title": definition.title,
        "version": definition.version,
        "judged": compliance.assessment.today if compliance.assessment else None,
        "at_least": round(result.low, 4),
        "at_most": round(result.high, 4),
        "counts": {str(basis): result.count_goals(basis) for basis in Basis},
        "goals": [_convert_goal(goal, definition.find_part_title(goal.id)) for goal in result.goals],
        "raise_first": serialize_improvements(result.improvements),
    }  # fmt: skip


def render_action_plan(compliance: FrameworkCompliance) -> str:
    """Render the failing checks as CSV: a line per goal and control, in the order of the framework."""
    return "".join(iterate_csv_lines([CSV_HEADINGS, *_iter_action_rows(compliance)]))


def _iter_action_rows(compliance: FrameworkCompliance) -> Iterator[list[Any]]:
    gain_by_check = {improvement.check.id: improvement.gain for improvement in compliance.result.improvements}
    for goal in compliance.result.goals:
        for check in goal.checks:
            if check.failing:
                cells = (
                    goal.id,
                    goal.title,
                    str(goal.basis),
                    check.title,
                    check.problem,
                    check.failing,
                    check.population,
                    check.cannot_tell,
                    round(check.minutes),
                    f"{gain_by_check.get(check.id, 0):.2%}",
                )
                yield [escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]


def _convert_goal(goal: GoalResult, part: str) -> dict[str, Any]:
    return {
        "id": goal.id,
        "title": goal.title,
        "part": part,
        "how": str(goal.basis),
        "at_least": round(goal.low, 4),
        "at_most": round(goal.high, 4),
        "attested": str(goal.answer) if goal.answer else None,
        "controls": [_convert_check(check) for check in goal.checks],
    }


def _convert_check(check: ComplianceCheck) -> dict[str, Any]:
    names = ("passing", "failing", "cannot_tell", "excepted", "population")
    return {
        "id": check.id,
        "title": check.title,
        "problem": check.problem,
        **{name: getattr(check, name) for name in names},
    }
