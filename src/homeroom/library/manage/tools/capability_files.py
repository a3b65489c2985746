"""The capabilities of a content folder: groups of them in capabilities/<group>.yaml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.domain.suggestions import suggest_names
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
    validate_statement,
)

FOLDER = "capabilities"
AUDIENCES = ", ".join(Audience)
ID_FITS = "small letters, digits and hyphens, such as content-filter"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
GROUP_FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the group is called"),
    ContentField(name="capabilities", type=list, fits="a list of capabilities, each with id, title and audience"),
)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits=ID_FITS),
    ContentField(name="title", type=str, fits="what a tool with it does, as a statement"),
    ContentField(name="audience", type=str, fits=AUDIENCES),
    ContentField(name="needed", type=str, fits="why a district needs it", required=False),
    ContentField(name="controls", type=list, fits="ids of controls that ask for it", required=False),
    ContentField(name="goals", type=list, fits="goals that ask for it, such as cis-8.1:10.1", required=False),
    ContentField(name="laws", type=list, fits="ids of laws that ask for it", required=False),
    ContentField(name="words", type=list, fits="other words for it", required=False),
)
LISTS = ("controls", "goals", "laws", "words")


def is_identifier(text: object) -> bool:
    """Check whether a value can be the id of a capability or tool."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


@cache
def load_capabilities(directory: Path = BUILTIN_CONTENT) -> tuple[Capability, ...]:
    """Load every capability, by group and place in its file; raise ContentRefused with all problems."""
    paths = sorted((directory / FOLDER).glob("*.yaml"))
    groups, problems = load_files(paths, lambda path: _load_group(path, directory))
    loaded = [(file, capability) for file, group in groups for capability in group]
    problems += find_repeated_ids([(file, capability.id) for file, capability in loaded])
    capabilities = tuple(capability for _, capability in loaded)
    if problems:
        raise ContentRefused(problems, valid=capabilities)
    return capabilities


def find_repeated_ids(identifiers: Iterable[tuple[str, str]]) -> list[ContentProblem]:
    """Return a problem for each id, a pair with its file, that an earlier entry has too."""
    files: dict[str, str] = {}
    problems = []
    for file, identifier in identifiers:
        if identifier in files:
            message = f"{identifier!r} is in {files[identifier]} too; an id of its own would fit"
            problems.append(ContentProblem(file=file, field="id", message=message))
        files.setdefault(identifier, file)
    return problems


def find_unknown_capabilities(
    names: Iterable[str], *, capability_ids: Iterable[str], file: str, field: str
) -> list[ContentProblem]:
    """Return a problem for each name that is no capability, with the nearest that are."""
    choices = set(capability_ids)
    return [
        ContentProblem(
            file=file, field=field, message=f"{name!r} is no capability; {suggest_names(name, choices)} would fit"
        )
        for name in names
        if name not in choices
    ]


def find_unknown_references(
    capabilities: Iterable[Capability], *, control_ids: Iterable[str], law_ids: Iterable[str], goals: Iterable[str]
) -> list[ContentProblem]:
    """Return a problem for each control, law or goal of a capability that is none."""
    names = {"controls": set(control_ids), "laws": set(law_ids), "goals": set(goals)}
    return [
        ContentProblem(
            file=FOLDER,
            field=f"{capability.id}.{field}",
            message=f"{name!r} is unknown; {suggest_names(name, choices)} would fit",
        )
        for capability in capabilities
        for field, choices in names.items()
        for name in getattr(capability, field)
        if name not in choices
    ]


def _load_group(path: Path, root: Path) -> tuple[str, list[Capability]]:
    file, entries = load_group(path, root, fields=GROUP_FIELDS, key=FOLDER, validate=_validate_entry)
    return file, [_build_capability(entry) for entry in entries]


def load_group(
    path: Path,
    root: Path,
    *,
    fields: Sequence[ContentField],
    key: str,
    validate: Callable[[Any, str, str], Iterable[ContentProblem]],
) -> tuple[str, list[Any]]:
    """Load a file that holds a group of entries under a key; return its name and the entries.

    `validate` returns the problems of an entry, of the file, under a field. Raise ContentRefused with all problems.
    """
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, fields, file=file)
    if not problems and raw["id"] != path.stem:
        problems.append(ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {path.stem} would fit"))
    problems = problems or [
        problem for position, entry in enumerate(raw[key]) for problem in validate(entry, file, f"{key}[{position}].")
    ]
    if problems:
        raise ContentRefused(problems)
    return file, raw[key]


def _validate_entry(entry: Any, file: str, under: str) -> list[ContentProblem]:
    problems = validate_fields(entry, FIELDS, file=file, under=under)
    if problems:
        return problems
    problems += validate_statement(entry["title"], file=file, field=f"{under}title")
    if not is_identifier(entry["id"]):
        problems.append(ContentProblem(file=file, field=f"{under}id", message=f"{entry['id']!r}; {ID_FITS} would fit"))
    if entry["audience"] not in set(Audience):
        message = f"{entry['audience']!r}; {suggest_names(entry['audience'], Audience)} would fit"
        problems.append(ContentProblem(file=file, field=f"{under}audience", message=message))
    for name in LISTS:
        problems += validate_texts(entry.get(name, []), file=file, field=f"{under}{name}")
    if entry.get("needed") and not any(entry.get(name) for name in ("controls", "goals", "laws")):
        message = "nothing asks for it; a control, goal or law would fit"
        problems.append(ContentProblem(file=file, field=f"{under}needed", message=message))
    return problems


def validate_texts(values: Iterable[object], *, file: str, field: str) -> list[ContentProblem]:
    """Return the problems of values that are no text."""
    return [
        ContentProblem(file=file, field=f"{field}[{position}]", message=f"{value!r}; a text would fit")
        for position, value in enumerate(values)
        if not isinstance(value, str) or not value.strip()
    ]


def _build_capability(entry: Mapping[str, Any]) -> Capability:
    return Capability(
        id=entry["id"],
        title=entry["title"],
        audience=Audience(entry["audience"]),
        needed=entry.get("needed"),
        **{name: tuple(entry.get(name, ())) for name in LISTS},
    )
