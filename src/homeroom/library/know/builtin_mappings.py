"""The mappings that come with Homeroom: lists of named products whose makers publish no headings.

content/mappings/<name>.yaml is a mapping file (`ingest.mapping`) plus what a person has to know: the product, how the
list is exported, and how reliably its headings are known. Such headings do not identify the product, so a person names
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.ingest.contract.connector import Connector
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.mappings.mapping_file import build_mapped_connector
from homeroom.ingest.mappings.mapping_targets import parse_headings
from homeroom.ingest.rows.field_table import normalize_heading
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

DESCRIPTION_FIELDS = (
    ContentField(name="product", type=str, fits="the product's name"),
    ContentField(name="export", type=list, fits="the steps that make the list"),
    ContentField(name="headings", type=str, fits="how far the headings are known, in a sentence"),
    ContentField(name="checked_on", type=date, fits="a date"),
)


@dataclass(frozen=True, kw_only=True)
class BuiltinMapping:
    """One built-in mapping; `document` is the mapping file without its description."""

    name: str
    product: str
    export: tuple[str, ...]
    headings: str
    checked_on: date
    document: Mapping[str, Any]
    connector: Connector

    @property
    def table(self) -> str:
        """Canonical table that the mapping fills."""
        return str(self.document["table"])

    def match_columns(self, headings: Sequence[str]) -> dict[str, str]:
        """Return {canonical column: the list's heading} for every column with a matching heading, ignoring case."""
        heading_by_key = {normalize_heading(heading): heading for heading in reversed(headings)}
        matches = {
            column: next(
                (
                    heading_by_key[normalize_heading(candidate)]
                    for candidate in parse_headings(definition.get("from"))
                    if normalize_heading(candidate) in heading_by_key
                ),
                "",
            )
            for column, definition in self.document["columns"].items()
        }
        return {column: heading for column, heading in matches.items() if heading}


@cache
def load_builtin_mappings(directory: Path = BUILTIN_CONTENT) -> tuple[BuiltinMapping, ...]:
    """Load every mapping under `directory`/mappings, by name; raise ContentRefused with all problems."""
    files = sorted((directory / "mappings").glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_mapping(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def get_builtin_mapping(name: str) -> BuiltinMapping:
    """Return the mapping of that name; raise LookupError with the valid names."""
    for mapping in load_builtin_mappings():
        if mapping.name == name:
            return mapping
    names = ", ".join(mapping.name for mapping in load_builtin_mappings())
    raise LookupError(f"no mapping comes under the name {name!r}; {names} do")


def _load_mapping(path: Path, root: Path) -> BuiltinMapping:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    description = {field.name: raw[field.name] for field in DESCRIPTION_FIELDS if field.name in raw}
    document = {name: value for name, value in raw.items() if name not in description}
    problems = validate_fields(description, DESCRIPTION_FIELDS, file=file)
    if "name" in raw and raw["name"] != path.stem:
        message = f"{raw['name']!r}; {path.stem} would fit"
        problems.append(ContentProblem(file=file, field="name", message=message))
    try:
        connector = build_mapped_connector(document, file=file)
    except FileRefused as error:
        raise ContentRefused([*problems, *(_convert_problem(problem, file) for problem in error.problems)]) from None
    if problems:
        raise ContentRefused(problems)
    return _build_mapping(description, document=document, connector=connector)


def _convert_problem(problem: Problem, file: str) -> ContentProblem:
    fits = f"; {problem.fits} would fit" if problem.fits else ""
    return ContentProblem(file=file, field=problem.field or "", message=f"{problem.reason}{fits}")


def _build_mapping(
    description: Mapping[str, Any], *, document: Mapping[str, Any], connector: Connector
) -> BuiltinMapping:
    return BuiltinMapping(
        name=document["name"],
        product=description["product"],
        export=tuple(str(step) for step in description["export"]),
        headings=description["headings"],
        checked_on=description["checked_on"],
        document=document,
        connector=connector,
    )
