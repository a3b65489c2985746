"""The facts that laws may ask for: laws/facts.yaml of a content folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from homeroom.domain.comply.laws.facts import INCIDENT, FactField, build_fact_field
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_yaml,
    validate_fields,
)

FILE = "laws/facts.yaml"
TYPES = ("text", "texts", "integer", "truth")
SECTIONS: tuple[ContentField, ...] = (
    ContentField(name="facts", type=dict, fits="the facts of a district by name"),
    ContentField(name=INCIDENT, type=dict, fits="what is known of an incident, by name"),
)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="type", type=str, fits=", ".join(TYPES)),
    ContentField(name="asks", type=str, fits="the question for a person"),
    ContentField(name="fits", type=str, fits="what would fit, in words"),
    ContentField(name="choices", type=list, fits="the values that it may have", required=False),
    ContentField(name="pattern", type=str, fits="a regular expression", required=False),
)


@cache
def load_fact_fields(directory: Path = BUILTIN_CONTENT) -> Mapping[str, FactField]:
    """Load the facts by name, those of an incident as incident.<name>; raise ContentRefused with all problems."""
    raw = load_yaml(directory / FILE, root=directory)
    problems = validate_fields(raw, SECTIONS, file=FILE)
    problems = problems or [
        problem
        for section in (field.name for field in SECTIONS)
        for name, item in raw[section].items()
        for problem in _validate_fact(item, f"{section}.{name}")
    ]
    if problems:
        raise ContentRefused(problems)
    facts = [build_fact_field(name, item) for name, item in raw["facts"].items()]
    facts += [build_fact_field(f"{INCIDENT}.{name}", item) for name, item in raw[INCIDENT].items()]
    return {fact.name: fact for fact in facts}


def find_fact_fields(directory: Path) -> Mapping[str, FactField]:
    """Load the facts of a content folder, or the built-in ones if it has none; raise ContentRefused."""
    return load_fact_fields(directory if (directory / FILE).is_file() else BUILTIN_CONTENT)


def _validate_fact(item: object, field: str) -> list[ContentProblem]:
    problems = validate_fields(item, FIELDS, file=FILE, under=f"{field}.")
    if problems:
        return problems
    assert isinstance(item, dict)
    if item["type"] not in TYPES:
        message = f"{item['type']!r}; {', '.join(TYPES)} would fit"
        problems.append(ContentProblem(file=FILE, field=f"{field}.type", message=message))
    if not _is_expression(item.get("pattern", "")):
        message = f"{item['pattern']!r}; a regular expression would fit"
        problems.append(ContentProblem(file=FILE, field=f"{field}.pattern", message=message))
    if not all(isinstance(choice, str) for choice in item.get("choices", [])):
        problems.append(ContentProblem(file=FILE, field=f"{field}.choices", message="a list of texts would fit"))
    return problems


def _is_expression(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
