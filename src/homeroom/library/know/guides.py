"""The guides of a content folder: guides/<id>.yaml, in the order in which a district needs them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.guides import ExportGuide, GuideExport
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
    ContentField(name="title", type=str, fits="the system's name"),
    ContentField(name="gives", type=str, fits="what Homeroom learns from it"),
    ContentField(name="role", type=str, fits="who can make the exports, in a few words"),
    ContentField(name="rights", type=str, fits="what the person who exports needs, and no more"),
    ContentField(name="exports", type=list, fits="a list of exports"),
    ContentField(name="connectors", type=list, fits="names of connectors", required=False),
    ContentField(name="leaves_out", type=str, fits="what the export should not hold"),
    ContentField(name="sources", type=list, fits="where the steps were read"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    ContentField(name="decides", type=list, fits="staff, student", required=False),
    ContentField(name="directory", type=bool, fits="true or false", required=False),
    ContentField(name="training", type=bool, fits="true or false", required=False),
    ContentField(name="mappings", type=list, fits="names of built-in mappings", required=False),
    ContentField(name="start", type=str, fits="accounts or roster, if a district begins with it", required=False),
    ContentField(name="order", type=int, fits="a number; small ones come first", required=False),
)
EXPORT: tuple[ContentField, ...] = (
    ContentField(name="title", type=str, fits="what is exported"),
    ContentField(name="steps", type=list, fits="a list of steps"),
    ContentField(name="command", type=str, fits="the command that does it", required=False),
    ContentField(name="first", type=bool, fits="true if it belongs to the first hour", required=False),
    ContentField(name="note", type=str, fits="what to know about it besides the steps", required=False),
)


@cache
def load_guides(directory: Path = BUILTIN_CONTENT) -> tuple[ExportGuide, ...]:
    """Load every guide, by its order and title; raise ContentRefused with all problems."""
    files = sorted((directory / "guides").glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_guide(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(sorted(loaded, key=lambda guide: (guide.order, guide.title)))


def find_unknown_readers(
    guide_list: Iterable[ExportGuide], *, connector_names: frozenset[str], mapping_names: frozenset[str]
) -> tuple[ContentProblem, ...]:
    """Return a problem for each connector and each mapping that a guide names and that does not exist."""
    return tuple(
        ContentProblem(file=f"guides/{guide.id}.yaml", field=field, message=f"there is no {noun} {name!r}")
        for guide in guide_list
        for field, noun, names, existing in (
            ("connectors", "connector", guide.connectors, connector_names),
            ("mappings", "mapping", guide.mappings, mapping_names),
        )
        for name in names
        if name not in existing
    )


def _load_guide(path: Path, root: Path) -> ExportGuide:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = _validate_guide(raw, path=path, file=file)
    if problems:
        raise ContentRefused(problems)
    return _build_guide(raw)


def _validate_guide(raw: dict[str, Any], *, path: Path, file: str) -> list[ContentProblem]:
    errors = validate_fields(raw, FIELDS, file=file)
    if errors:
        return errors
    for position, item in enumerate(raw["exports"]):
        errors += validate_fields(item, EXPORT, file=file, under=f"exports[{position}].")
        errors += [
            ContentProblem(file=file, field=f"exports[{position}].steps", message=f"{step!r}; a quoted text would fit")
            for step in item.get("steps", ())
            if not isinstance(step, str)
        ]
    if not (raw.get("connectors") or raw.get("mappings")):
        errors.append(
            ContentProblem(file=file, field="connectors", message="is missing; names of connectors would fit")
        )
    if raw.get("start", "") not in ("", "accounts", "roster"):
        errors.append(ContentProblem(file=file, field="start", message=f"{raw['start']!r}; accounts, roster would fit"))
    if raw["id"] != path.stem:
        errors.append(ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {path.stem} would fit"))
    return errors


def _build_guide(raw: dict[str, Any]) -> ExportGuide:
    exports = tuple(
        GuideExport(
            title=item["title"],
            steps=tuple(item["steps"]),
            command=item.get("command", "").strip(),
            first=item.get("first", False),
            note=item.get("note", "").strip(),
        )
        for item in raw["exports"]
    )
    lists = {name: tuple(map(str, raw.get(name, ()))) for name in ("connectors", "sources", "decides", "mappings")}
    return ExportGuide(**{**raw, **lists, "exports": exports})
