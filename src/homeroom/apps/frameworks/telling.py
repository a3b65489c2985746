"""A standing as plain values for `--json`, and as a CSV action plan."""

from __future__ import annotations

import csv
import io
from typing import Any

from homeroom.apps.frameworks.queries import Under
from homeroom.apps.posture.raising import raise_first
from homeroom.domain.spreadsheets import harmless
from homeroom.engines.frameworks.standing import Check, Goal, How

HEADINGS = (
    "goal",
    "goal in words",
    "how known",
    "control or policy",
    "failing",
    "of",
    "cannot tell",
    "minutes",
    "raises by",
)


def as_json(under: Under) -> dict[str, Any]:
    """{framework, at_least, at_most, goals: [{id, how, at_least, at_most, controls}], raise_first: […]}; shares from 0 to 1."""
    found, framework = under.standing, under.framework
    return {
        "framework": framework.id,
        "title": framework.title,
        "version": framework.version,
        "judged": under.of.today if under.of else None,
        "at_least": round(found.low, 4),
        "at_most": round(found.high, 4),
        "counts": {str(how): found.count(how) for how in How},
        "goals": [_goal(goal, framework.part_of(goal.id)) for goal in found.goals],
        "raise_first": raise_first(found.raises),
    }  # fmt: skip


def action_plan(under: Under) -> str:
    """What fails, goal by goal, as CSV: a line for each goal and control, in the order of the framework."""
    gains = {one.check.id: one.gain for one in under.standing.raises}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for goal in under.standing.goals:
        for check in goal.checks:
            if check.failing:
                cells = (
                    goal.id, goal.title, str(goal.how), check.title, check.failing, check.population, check.cannot_tell,
                    round(check.minutes), f"{gains.get(check.id, 0):.2%}",
                )  # fmt: skip
                writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def _goal(goal: Goal, part: str) -> dict[str, Any]:
    return {
        "id": goal.id,
        "title": goal.title,
        "part": part,
        "how": str(goal.how),
        "at_least": round(goal.low, 4),
        "at_most": round(goal.high, 4),
        "attested": str(goal.said) if goal.said else None,
        "controls": [_check(check) for check in goal.checks],
    }


def _check(check: Check) -> dict[str, Any]:
    names = ("passing", "failing", "cannot_tell", "excepted", "population")
    return {"id": check.id, "title": check.title, **{name: getattr(check, name) for name in names}}
