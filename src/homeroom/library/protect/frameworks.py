"""The frameworks of a content folder: frameworks/<id>.yaml, and a check of the goals that controls name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.frameworks import Framework
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="the framework's name"),
    ContentField(name="version", type=str, fits="its version, in quotes"),
    ContentField(name="source", type=str, fits="where the ids were read"),
    ContentField(name="license", type=str, fits="the terms of the source"),
    ContentField(name="effective", type=date, fits="a day such as 2025-12-11"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    ContentField(name="supersedes", type=str, fits="the id of the older version", required=False),
    ContentField(name="goals", type=dict, fits="our own short wording by id"),
    ContentField(name="parts", type=dict, fits="titles by how the ids of a part begin", required=False),
    ContentField(name="same_as", type=dict, fits="lists of framework:goal by id", required=False),
)


@cache
def load_frameworks(directory: Path = BUILTIN_CONTENT) -> tuple[Framework, ...]:
    """Load every framework under `directory`/frameworks, by id; raise ContentRefused with all problems."""
    files = sorted((directory / "frameworks").glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_framework(path, directory))
    problems += _find_unknown_same_as(loaded, refused=find_refused_frameworks(directory, valid=loaded))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def find_refused_frameworks(directory: Path, *, valid: Iterable[Framework]) -> frozenset[str]:
    """Return the ids of the frameworks that have a file, but an invalid one, so that their goals are unknown."""
    return frozenset(path.stem for path in (directory / "frameworks").glob("*.yaml")) - {entry.id for entry in valid}


def _load_framework(path: Path, root: Path) -> Framework:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file) or _validate_goals(raw["goals"], raw["id"], path, file)
    if problems:
        raise ContentRefused(problems)
    same = {goal: tuple(equivalents) for goal, equivalents in (raw.get("same_as") or {}).items()}
    return Framework(**{**raw, "same_as": same})


def _find_unknown_same_as(loaded: Sequence[Framework], *, refused: Collection[str]) -> list[ContentProblem]:
    """Return goals that a `same_as` names and no framework has; those of a refused framework may exist."""
    goals = {framework.id: framework.goals for framework in loaded}
    return [
        ContentProblem(file=f"frameworks/{framework.id}.yaml", field=f"same_as.{goal}", message=message)
        for framework in loaded
        for goal, equivalents in framework.same_as.items()
        for message in _list_unknown_goals(
            goal, [name for name in equivalents if name.partition(":")[0] not in refused], framework, goals
        )
    ]


def _list_unknown_goals(
    goal: str, equivalents: Sequence[str], framework: Framework, goals: Mapping[str, Mapping[str, str]]
) -> list[str]:
    own_errors = [] if goal in framework.goals else [f"{framework.id} has no goal {goal!r}"]
    return own_errors + [
        _explain_unknown_goal(name, goals)
        for name in equivalents
        if name.partition(":")[2] not in goals.get(name.partition(":")[0], {})
    ]


def _validate_goals(goals: dict[object, object], framework_id: str, path: Path, file: str) -> list[ContentProblem]:
    problems = [
        ContentProblem(
            file=file, field=f"goals.{goal}", message=f"{text!r}; an id in quotes with a short text would fit"
        )
        for goal, text in goals.items()
        if not (isinstance(goal, str) and isinstance(text, str) and text)
    ]
    if framework_id != path.stem:
        problems.append(ContentProblem(file=file, field="id", message=f"{framework_id!r}; {path.stem} would fit"))
    return problems


def find_unknown_control_goals(
    controls: Sequence[Control], *, framework_list: Sequence[Framework], refused: Collection[str] = ()
) -> list[ContentProblem]:
    """Return goals that a control names and no framework has; those of the `refused` frameworks may exist."""
    goals = {framework.id: framework.goals for framework in framework_list}
    return [
        ContentProblem(
            file=f"controls/{control.area}/{control.id}.yaml",
            field="satisfies",
            message=_explain_unknown_goal(name, goals),
        )
        for control in controls
        for name in control.satisfies
        if name.partition(":")[0] not in refused and name.partition(":")[2] not in goals.get(name.partition(":")[0], {})
    ]


def _explain_unknown_goal(name: str, goals: Mapping[str, Mapping[str, str]]) -> str:
    framework, _, goal = name.partition(":")
    if framework not in goals:
        return f"no framework {framework!r}; there are {', '.join(goals)}"
    return f"{framework} has no goal {goal!r}"
