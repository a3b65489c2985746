"""The elements of a content folder: elements/<id>.yaml, the kinds of student data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.comply.privacy.element_words import build_word_key
from homeroom.domain.comply.privacy.elements import DataElement, DataSubject, ElementExample, Sensitivity
from homeroom.domain.comply.privacy.vocabulary import Vocabulary, build_vocabulary, list_repeated_headings
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

FOLDER = "elements"
_ID = re.compile(r"[a-z]+(-[a-z]+)*")
_COLUMN = re.compile(r"(users|roles|userProfiles|demographics|enrollments|results)\.[A-Za-z]+")
_COLUMN_FITS = "a column of a bundle, such as users.email"
SENSITIVITIES, SUBJECTS = ", ".join(Sensitivity), ", ".join(DataSubject)
EXAMPLE_KINDS = ("word", "heading", "scope")
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the element is called"),
    ContentField(name="sensitivity", type=str, fits=SENSITIVITIES),
    ContentField(name="about", type=str, fits=SUBJECTS),
    ContentField(name="directory", type=bool, fits="true or false"),
    ContentField(name="words", type=list, fits="words that name it in agreements"),
    ContentField(name="headings", type=list, fits="headings of columns", required=False),
    ContentField(name="oneroster", type=list, fits=_COLUMN_FITS, required=False),
    ContentField(name="google", type=list, fits="scopes of Google", required=False),
    ContentField(name="graph", type=list, fits="permissions of Microsoft Graph", required=False),
    ContentField(name="examples", type=list, fits="examples, each {word: …, names: true or false}"),
)
_LISTS = ("words", "headings", "oneroster", "google", "graph")


@cache
def load_elements(directory: Path = BUILTIN_CONTENT) -> tuple[DataElement, ...]:
    """Load every element, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_element(path, directory))
    problems += [
        ContentProblem(
            file=f"{FOLDER}/{name}.yaml",
            field="headings",
            message=f"{heading!r} is a heading of another element too; a heading of this one alone would fit",
        )
        for name, heading in list_repeated_headings(loaded)
    ]
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


@cache
def load_vocabulary() -> Vocabulary:
    """Load the elements that ship, looked up by what names them."""
    return build_vocabulary(load_elements())


def find_unproven_elements(elements: Iterable[DataElement]) -> list[ContentProblem]:
    """Return the examples that do not come out as they should, among all elements that ship and these."""
    own = tuple(elements)
    try:
        shipped = {entry.id: entry for entry in load_elements()}
    except ContentRefused as error:
        shipped = {entry.id: entry for entry in error.valid}
    vocabulary = build_vocabulary((shipped | {entry.id: entry for entry in own}).values())
    return [
        ContentProblem(
            file=f"{FOLDER}/{entry.id}.yaml",
            field=f"examples[{position}]",
            message=f"{example.kind} {example.text!r} {'does not name' if example.names else 'names'} {entry.id}; "
            f"names: {str(not example.names).lower()} would fit",
        )
        for entry in own
        for position, example in enumerate(entry.examples)
        if _is_named(entry.id, example, vocabulary) != example.names
    ]


def _is_named(name: str, example: ElementExample, vocabulary: Vocabulary) -> bool:
    if example.kind == "heading":
        return vocabulary.find_heading(example.text) == name
    if example.kind == "scope":
        return any(name in vocabulary.find_granted(example.text, directory=entry) for entry in ("google", "microsoft"))
    return name in vocabulary.read_agreement([example.text]).elements


def _load_element(path: Path, root: Path) -> DataElement:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file) or _validate_values(raw, file, path.stem)
    if problems:
        raise ContentRefused(problems)
    texts = {name: tuple(raw.get(name, ())) for name in _LISTS}
    return DataElement(
        id=raw["id"],
        title=raw["title"],
        sensitivity=Sensitivity(raw["sensitivity"]),
        about=DataSubject(raw["about"]),
        directory=raw["directory"],
        examples=tuple(_build_example(example) for example in raw["examples"]),
        **texts,
    )


def _validate_values(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    checks = (
        ("id", raw["id"] == stem and _ID.fullmatch(raw["id"]) is not None, stem),
        ("sensitivity", raw["sensitivity"] in set(Sensitivity), SENSITIVITIES),
        ("about", raw["about"] in set(DataSubject), SUBJECTS),
    )
    problems = [
        ContentProblem(file=file, field=field, message=f"{raw[field]!r}; {fits} would fit")
        for field, is_valid, fits in checks
        if not is_valid
    ]
    problems += validate_statement(raw["title"], file=file, field="title")
    for name in _LISTS:
        problems += _validate_texts(raw.get(name, []), file, name)
    if problems:
        return problems
    problems += [
        ContentProblem(file=file, field=f"oneroster[{position}]", message=f"{value!r}; {_COLUMN_FITS} would fit")
        for position, value in enumerate(raw.get("oneroster", []))
        if not _COLUMN.fullmatch(value)
    ]
    return problems + _validate_examples(raw["examples"], file)


def _validate_texts(values: Sequence[object], file: str, name: str) -> list[ContentProblem]:
    problems = []
    for position, value in enumerate(values):
        field = f"{name}[{position}]"
        if not isinstance(value, str) or not value.strip():
            problems.append(ContentProblem(file=file, field=field, message=f"{value!r}; a text would fit"))
        elif name in ("words", "headings") and not build_word_key(value):
            message = f"{value!r} has no word that counts; a word that names the element would fit"
            problems.append(ContentProblem(file=file, field=field, message=message))
        elif value in values[:position]:
            problems.append(ContentProblem(file=file, field=field, message=f"{value!r} twice; once would fit"))
    return problems


def _validate_examples(examples: Sequence[object], file: str) -> list[ContentProblem]:
    problems = [
        ContentProblem(
            file=file,
            field=f"examples[{position}]",
            message=f"{example!r}; one of {', '.join(EXAMPLE_KINDS)} with a text, and names: true or false would fit",
        )
        for position, example in enumerate(examples)
        if not _is_example(example)
    ]
    if not problems and {bool(_build_example(example).names) for example in examples} != {True, False}:
        message = "an example that names it and one that does not would fit"
        problems.append(ContentProblem(file=file, field="examples", message=message))
    return problems


def _is_example(example: object) -> bool:
    if not isinstance(example, Mapping) or len(example) != 2 or not isinstance(example.get("names"), bool):
        return False
    return any(isinstance(example.get(kind), str) and example[kind].strip() for kind in EXAMPLE_KINDS)


def _build_example(example: Any) -> ElementExample:
    kind = next(name for name in EXAMPLE_KINDS if name in example)
    return ElementExample(kind=kind, text=example[kind], names=example["names"])
