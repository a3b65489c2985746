"""The framework goals that a control helps to meet."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.domain.protect.controls import Control
from homeroom.library.comply.laws.law_frameworks import load_law_frameworks
from homeroom.library.protect.frameworks import load_frameworks


@dataclass(frozen=True, kw_only=True)
class SatisfiedGoal:
    """One goal of one framework: `framework` and `title` in words, `code` as the framework writes it."""

    framework: str
    code: str
    title: str


def list_satisfied_goals(control: Control) -> tuple[SatisfiedGoal, ...]:
    """Return every goal that the control helps to meet, by framework."""
    frameworks_by_id = {framework.id: framework for framework in (*load_frameworks(), *load_law_frameworks())}
    goals = []
    for reference in sorted(control.satisfies):
        name, _, code = reference.partition(":")
        framework = frameworks_by_id.get(name)
        title = framework.goals.get(code, "") if framework else ""
        goals.append(SatisfiedGoal(framework=framework.title if framework else name, code=code, title=title))
    return tuple(goals)
