"""Checks a whole content folder: every file fits, every example holds, every reference resolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from homeroom.library.baselines import policies
from homeroom.library.connectors import connectors
from homeroom.library.controls import control_files, controls
from homeroom.library.examples import example_problems
from homeroom.library.frameworks import frameworks, unresolved
from homeroom.library.guides import guides, unknown_connectors
from homeroom.library.planning import planning_rules
from homeroom.library.profiles import profiles, unknown_policies
from homeroom.library.proving import policy_problems, unknown_goals
from homeroom.library.questionnaires import questionnaires, unknown_controls
from homeroom.library.reading import SHIPPED, ContentRefused, Problem, shown
from homeroom.library.risk import risk_table
from homeroom.library.shipped import shipped_mappings
from homeroom.library.software import products


def content_problems(directory: Path = SHIPPED) -> tuple[Problem, ...]:
    """All that is wrong under that folder; empty where everything holds.

    A folder of a district's own controls may name goals of the shipped frameworks.
    """
    problems: list[Problem] = []
    known = _tried(lambda: frameworks(directory), problems)
    shipped = frameworks(SHIPPED) if directory != SHIPPED else ()
    found = _tried(lambda: controls(directory), problems)
    if (directory / "risk.yaml").exists():
        _tried(lambda: (risk_table(directory),), problems)
    if (directory / "planning.yaml").exists():
        _tried(lambda: (planning_rules(directory),), problems)
    _tried(lambda: products(directory), problems)
    _tried(lambda: shipped_mappings(directory), problems)
    stated = _tried(lambda: policies(directory), problems)
    fitted = _tried(lambda: profiles(directory), problems)
    asked = _tried(lambda: questionnaires(directory), problems)
    guided = _tried(lambda: guides(directory), problems)
    if not problems and not known and not found:
        told = "no content; <area>/<id>.yaml would fit" if directory.is_dir() else "there is no such folder"
        problems.append(Problem(file=directory.as_posix(), field="", told=told))
    later = (
        *example_problems(found),
        *policy_problems(stated),
        *unknown_goals(stated, known=[*shipped, *known]),
        *unknown_policies(fitted, policies=stated),
        *unresolved(found, known=[*shipped, *known]),
        *unknown_controls(asked, controls=found),
        *unknown_connectors(guided, known=frozenset(one.name for one in connectors())),
    )
    return (*problems, *_where_they_stand(later, directory))


def _where_they_stand(problems: tuple[Problem, ...], directory: Path) -> tuple[Problem, ...]:
    """A control knows its area and id; the file may stand elsewhere than those say, without controls/ above it."""
    files = {f"controls/{path.resolve().parent.name}/{path.stem}.yaml": path for path in control_files(directory)}
    return tuple(replace(one, file=shown(files[one.file], directory)) if one.file in files else one for one in problems)


def _tried[T](load: Callable[[], tuple[T, ...]], problems: list[Problem]) -> tuple[T, ...]:
    try:
        return load()
    except ContentRefused as refused:
        problems += refused.problems
        return ()
