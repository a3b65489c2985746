"""The frameworks of a content folder: frameworks/<id>.yaml, and whether the goals that controls name are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.controls import Control
from homeroom.domain.frameworks import Framework
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="the framework's name"),
    Field(name="version", type=str, fits="its version, in quotes"),
    Field(name="source", type=str, fits="where the ids were read"),
    Field(name="licence", type=str, fits="the terms of the source"),
    Field(name="effective", type=date, fits="a day such as 2025-12-11"),
    Field(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    Field(name="supersedes", type=str, fits="the id of the older version", required=False),
    Field(name="goals", type=dict, fits="our own short wording by id"),
    Field(name="parts", type=dict, fits="titles by how the ids of a part begin", required=False),
    Field(name="same_as", type=dict, fits="lists of framework:goal by id", required=False),
)


@cache
def frameworks(directory: Path = SHIPPED) -> tuple[Framework, ...]:
    """Every framework under `directory`/frameworks, by id. Raises ContentRefused with all that does not fit."""
    found: list[Framework] = []
    problems: list[Problem] = []
    for path in sorted((directory / "frameworks").glob("*.yaml")):
        given, file = read(path, root=directory), shown(path, directory)
        wrong = misfits(given, FIELDS, file=file) or _worded(given["goals"], given["id"], path, file)
        problems += wrong
        if not wrong:
            found.append(_framework(given))
    problems += _astray(found)
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


def _framework(given: Mapping[str, Any]) -> Framework:
    same = {goal: tuple(others) for goal, others in (given.get("same_as") or {}).items()}
    return Framework(**{**given, "same_as": same})


def _astray(found: Sequence[Framework]) -> list[Problem]:
    """Goals that a `same_as` names and that are nowhere."""
    goals = {one.id: one.goals for one in found}
    return [
        Problem(file=f"frameworks/{one.id}.yaml", field=f"same_as.{goal}", told=told)
        for one in found
        for goal, others in one.same_as.items()
        for told in _lost(goal, others, one, goals)
    ]


def _lost(goal: str, others: Sequence[str], one: Framework, goals: Mapping[str, Mapping[str, str]]) -> list[str]:
    own = [] if goal in one.goals else [f"{one.id} has no goal {goal!r}"]
    return own + [
        _told(name, goals) for name in others if name.partition(":")[2] not in goals.get(name.partition(":")[0], {})
    ]


def _worded(goals: dict[object, object], named: str, path: Path, file: str) -> list[Problem]:
    problems = [
        Problem(file=file, field=f"goals.{goal}", told=f"{text!r}; an id in quotes with a short text would fit")
        for goal, text in goals.items()
        if not (isinstance(goal, str) and isinstance(text, str) and text)
    ]
    if named != path.stem:
        problems.append(Problem(file=file, field="id", told=f"{named!r}; {path.stem} would fit"))
    return problems


def unresolved(controls: Sequence[Control], *, known: Sequence[Framework]) -> list[Problem]:
    """Goals that a control names and no framework has."""
    goals = {framework.id: framework.goals for framework in known}
    return [
        Problem(file=f"controls/{control.area}/{control.id}.yaml", field="satisfies", told=_told(name, goals))
        for control in controls
        for name in control.satisfies
        if name.partition(":")[2] not in goals.get(name.partition(":")[0], {})
    ]


def _told(name: str, goals: Mapping[str, Mapping[str, str]]) -> str:
    framework, _, goal = name.partition(":")
    if framework not in goals:
        return f"no framework {framework!r}; there are {', '.join(goals)}"
    return f"{framework} has no goal {goal!r}"
