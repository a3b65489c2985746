"""The profiles of a content folder: profiles/<id>.yaml, which change policies for classes of people in a unit.

id         the file's name without .yaml
title      the people that it is for
classes    a list of id, title and units: patterns of the paths of their units in lower case (`*` is anything);
           a unit belongs to the first that matches
changes    a list of
             policies   ids
             for        ids of classes; everybody if it is missing
             requires   a condition that applies instead; if it is missing, the policy is left out
             because    the reason
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.matching import InvalidPattern
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.profiles import BaselineProfile, PeopleClass, ProfileChange
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

FIELDS = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="whom it is for"),
    ContentField(name="classes", type=list, fits="a list of id, title and units"),
    ContentField(name="changes", type=list, fits="a list of policies, for, requires and because"),
)
CLASS = (
    ContentField(name="id", type=str, fits="an id"),
    ContentField(name="title", type=str, fits="a name"),
    ContentField(name="units", type=list, fits="patterns such as '*/students/*'"),
    ContentField(name="accounts", type=dict, fits="columns of accounts and their values", required=False),
)
CHANGE = (
    ContentField(name="policies", type=list, fits="ids of policies"),
    ContentField(name="for", type=list, fits="ids of classes", required=False),
    ContentField(name="requires", type=(dict, list), fits="a condition", required=False),
    ContentField(name="because", type=str, fits="why"),
)


@cache
def load_profiles(directory: Path = BUILTIN_CONTENT) -> tuple[BaselineProfile, ...]:
    """Load every profile under `directory`/profiles, by id; raise ContentRefused."""
    files = sorted((directory / "profiles").glob("*.yaml"))
    loaded, problems = load_files(files, lambda file: _load_profile(file, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def get_profile(name: str, *, directory: Path = BUILTIN_CONTENT) -> BaselineProfile:
    """Return the profile of that id; raise LookupError."""
    match = next((profile for profile in load_profiles(directory) if profile.id == name), None)
    if match is None:
        raise LookupError(
            f"no profile {name!r}; there are {', '.join(profile.id for profile in load_profiles(directory)) or 'none'}"
        )
    return match


def find_unknown_policies(
    profile_list: Iterable[BaselineProfile], *, policy_ids: Collection[str]
) -> list[ContentProblem]:
    """Return a problem for each policy that a profile names and that does not exist."""
    return [
        ContentProblem(file=f"profiles/{profile.id}.yaml", field="changes", message=f"there is no policy {name!r}")
        for profile in profile_list
        for change in profile.changes
        for name in change.policies
        if name not in policy_ids
    ]


def _load_profile(file: Path, root: Path) -> BaselineProfile:
    raw, name = load_yaml(file, root=root), get_relative_name(file, root)
    problems = validate_fields(raw, FIELDS, file=name) or _validate_parts(raw, file.stem, name)
    if problems:
        raise ContentRefused(problems)
    return BaselineProfile(
        id=raw["id"],
        title=raw["title"],
        people=tuple(PeopleClass(**{**entry, "units": tuple(entry["units"])}) for entry in raw["classes"]),
        changes=tuple(_build_change(entry, name) for entry in raw["changes"]),
    )


def _validate_parts(raw: Mapping[str, Any], stem: str, file: str) -> list[ContentProblem]:
    problems = [] if raw["id"] == stem else [ContentProblem(file=file, field="id", message=f"{stem} would fit")]
    for kind, fields in (("classes", CLASS), ("changes", CHANGE)):
        for position, entry in enumerate(raw[kind], start=1):
            under = f"{kind}[{position}]."
            errors = validate_fields(entry, fields, file=file, under=under) if isinstance(entry, dict) else [
                ContentProblem(file=file, field=under[:-1], message="a mapping would fit")
            ]  # fmt: skip
            problems += errors
    class_ids = {entry.get("id") for entry in raw["classes"] if isinstance(entry, dict)}
    references = [name for entry in raw["changes"] if isinstance(entry, dict) for name in entry.get("for") or ()]
    unknown = [name for name in references if name not in class_ids]
    problems += [ContentProblem(file=file, field="changes", message=f"there is no class {name!r}") for name in unknown]
    return problems


def _build_change(raw: Mapping[str, Any], file: str) -> ProfileChange:
    try:
        requires = parse_condition(raw["requires"], where="changes.requires") if "requires" in raw else None
    except InvalidPattern as error:
        raise ContentRefused([ContentProblem(file=file, field="", message=str(error))]) from None
    return ProfileChange(
        policies=tuple(raw["policies"]), people=tuple(raw.get("for", ())), requires=requires, because=raw["because"]
    )
