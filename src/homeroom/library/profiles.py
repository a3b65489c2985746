"""The profiles of a content folder: profiles/<id>.yaml, which change policies for the classes of people in a unit.

id         the file's name without .yaml
title      whom it is for
classes    a list of id, title and units: patterns of the paths of their units in small letters (`*` is anything);
           a unit belongs to the first that fits
changes    a list of
             policies   ids
             for        ids of classes; everybody where it is left out
             requires   a condition that is asked instead; where it is left out, so is the policy
             because    why
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.engines.baselines.parsing import Misfit, parse
from homeroom.engines.baselines.policies import Policy
from homeroom.engines.baselines.profiles import Change, People, Profile
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

FIELDS = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="whom it is for"),
    Field(name="classes", type=list, fits="a list of id, title and units"),
    Field(name="changes", type=list, fits="a list of policies, for, requires and because"),
)
CLASS = (
    Field(name="id", type=str, fits="an id"),
    Field(name="title", type=str, fits="a name"),
    Field(name="units", type=list, fits="patterns such as '*/students/*'"),
    Field(name="accounts", type=dict, fits="columns of accounts and their values", required=False),
)
CHANGE = (
    Field(name="policies", type=list, fits="ids of policies"),
    Field(name="for", type=list, fits="ids of classes", required=False),
    Field(name="requires", type=(dict, list), fits="a condition", required=False),
    Field(name="because", type=str, fits="why"),
)


@cache
def profiles(directory: Path = SHIPPED) -> tuple[Profile, ...]:
    """Every profile under `directory`/profiles, by id. Raises ContentRefused."""
    made: list[Profile] = []
    problems: list[Problem] = []
    for file in sorted((directory / "profiles").glob("*.yaml")):
        try:
            made.append(_profile(file, directory))
        except ContentRefused as refused:
            problems += refused.problems
    if problems:
        raise ContentRefused(problems)
    return tuple(made)


def profile_of(name: str, *, directory: Path = SHIPPED) -> Profile:
    """The profile of that id. Raises LookupError."""
    found = next((one for one in profiles(directory) if one.id == name), None)
    if found is None:
        raise LookupError(
            f"no profile {name!r}; there are {', '.join(one.id for one in profiles(directory)) or 'none'}"
        )
    return found


def unknown_policies(found: tuple[Profile, ...], *, policies: tuple[Policy, ...]) -> list[Problem]:
    """Policies that a profile names and that are not there."""
    known = {one.id for one in policies}
    return [
        Problem(file=f"profiles/{profile.id}.yaml", field="changes", told=f"there is no policy {name!r}")
        for profile in found
        for change in profile.changes
        for name in change.policies
        if name not in known
    ]


def _profile(file: Path, root: Path) -> Profile:
    given, name = read(file, root=root), shown(file, root)
    problems = misfits(given, FIELDS, file=name) or _parts(given, file.stem, name)
    if problems:
        raise ContentRefused(problems)
    return Profile(
        id=given["id"],
        title=given["title"],
        people=tuple(People(**{**one, "units": tuple(one["units"])}) for one in given["classes"]),
        changes=tuple(_change(one, name) for one in given["changes"]),
    )


def _parts(given: Mapping[str, Any], stem: str, file: str) -> list[Problem]:
    problems = [] if given["id"] == stem else [Problem(file=file, field="id", told=f"{stem} would fit")]
    for kind, fields in (("classes", CLASS), ("changes", CHANGE)):
        for place, one in enumerate(given[kind], start=1):
            under = f"{kind}[{place}]."
            told = misfits(one, fields, file=file, under=under) if isinstance(one, dict) else [
                Problem(file=file, field=under[:-1], told="a mapping would fit")
            ]  # fmt: skip
            problems += told
    known = {one.get("id") for one in given["classes"] if isinstance(one, dict)}
    named = [name for one in given["changes"] if isinstance(one, dict) for name in one.get("for") or ()]
    unheard = [name for name in named if name not in known]
    problems += [Problem(file=file, field="changes", told=f"there is no class {name!r}") for name in unheard]
    return problems


def _change(one: Mapping[str, Any], file: str) -> Change:
    try:
        requires = parse(one["requires"], where="changes.requires") if "requires" in one else None
    except Misfit as misfit:
        raise ContentRefused([Problem(file=file, field="", told=str(misfit))]) from None
    return Change(
        policies=tuple(one["policies"]), people=tuple(one.get("for", ())), requires=requires, because=one["because"]
    )
