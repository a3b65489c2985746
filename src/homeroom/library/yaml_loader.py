"""Read content files strictly: what is invalid is refused with file, field and what would fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from homeroom.domain.problem_texts import COUNT, ProblemText

BUILTIN_CONTENT = Path(__file__).resolve().parent.parent / "content"
"""The content that comes with Homeroom."""


@dataclass(frozen=True, kw_only=True)
class ContentProblem:
    """The reason why a file is refused: the file, the field, and what would fit."""

    file: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.message}" if self.field else f"{self.file}: {self.message}"


class ContentRefused(Exception):
    """Content is invalid: `problems` has every reason, `valid` what the other files of the kind hold."""

    def __init__(self, problems: Sequence[ContentProblem], *, valid: Sequence[Any] = ()) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.valid = tuple(valid)


_PADDED = re.compile(r"[-+]?0[0-9_]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")


@dataclass(frozen=True, kw_only=True)
class ContentField:
    """One field of a content file: its type, whether it is required, and what would fit, in words."""

    name: str
    type: type | tuple[type, ...]
    fits: str
    required: bool = True


PROBLEM_TEXTS = (
    ContentField(name="one", type=str, fits="what is wrong with one: {n} account has no password"),
    ContentField(name="other", type=str, fits="what is wrong with several: {n} accounts have no password"),
)


class StrictLoader(yaml.SafeLoader):
    """YAML loader that refuses repeated keys, which plain YAML drops silently; `on` and `no` are words (YAML 1.2)."""


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same with libyaml, if PyYAML has it: every start reads fifty files, and this takes a fifth of the time."""


def _construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    unique_keys = set()
    for key, (key_node, _) in zip(keys, node.value, strict=True):
        if not isinstance(key, Hashable):
            raise yaml.constructor.ConstructorError(None, None, "a key that is no word", key_node.start_mark)
        if key in unique_keys:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        unique_keys.add(key)
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


def _construct_day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    """Return a day; what only looks like one, such as 2026-02-30, stays text, which its reader refuses by name."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


def _construct_number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    """Return a whole number; digits after a zero, such as the room 0101, stay text (YAML 1.1 reads 65)."""
    return node.value if _PADDED.fullmatch(node.value) else loader.construct_yaml_int(node)


for _loader in (StrictLoader, _FastLoader):
    _loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_day)
    _loader.add_constructor("tag:yaml.org,2002:int", _construct_number)
    _loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)
    _loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def get_relative_name(path: Path, root: Path) -> str:
    """Return the file's name relative to the content folder, with slashes on every system."""
    return path.relative_to(root).as_posix()


def parse_strict_yaml(text: str) -> Any:
    """Parse YAML strictly. Raise yaml.YAMLError if a key is repeated or the text is not YAML."""
    return yaml.load(text, Loader=_FastLoader)  # noqa: S506 a SafeLoader that is stricter


def load_yaml(path: Path, *, root: Path) -> dict[str, Any]:
    """Load the mapping in the file; raise ContentRefused."""
    try:
        content = parse_strict_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentRefused(
            [ContentProblem(file=get_relative_name(path, root), field="", message=f"not YAML: {error}")]
        ) from None
    if not isinstance(content, dict):
        raise ContentRefused(
            [ContentProblem(file=get_relative_name(path, root), field="", message="a mapping of fields would fit")]
        )
    return content


def load_files[T](files: Iterable[Path], load: Callable[[Path], T]) -> tuple[list[T], list[ContentProblem]]:
    """Load each file; return what the valid ones hold, and the problems of the others."""
    valid: list[T] = []
    problems: list[ContentProblem] = []
    for path in files:
        try:
            valid.append(load(path))
        except ContentRefused as error:
            problems += error.problems
    return valid, problems


def validate_fields(raw: object, fields: Sequence[ContentField], *, file: str, under: str = "") -> list[ContentProblem]:
    """Return the problems of fields that are missing, of another type, empty, or unknown.

    What is no mapping has none of the fields.
    """
    values: Mapping[Any, Any] = raw if isinstance(raw, Mapping) else {}
    names = {field.name for field in fields}
    problems = [
        ContentProblem(
            file=file, field=f"{under}{name}", message=f"no such field; there are {', '.join(sorted(names))}"
        )
        for name in values
        if name not in names
    ]
    for field in fields:
        value = values.get(field.name)
        if field.name not in values and not field.required:
            continue
        if not _has_type(value, field.type) or (field.required and value in ("", [])):
            problems.append(
                ContentProblem(file=file, field=f"{under}{field.name}", message=f"{value!r}; {field.fits} would fit")
            )
    return problems


def _has_type(value: Any, expected: type | tuple[type, ...]) -> bool:
    types = expected if isinstance(expected, tuple) else (expected,)
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types) and (date in types or not isinstance(value, date))


def validate_statement(text: str, *, file: str, field: str) -> list[ContentProblem]:
    """Return the problem of a title or problem text that is a question, or that ends like a sentence of a paragraph."""
    if "?" in text:
        return [ContentProblem(file=file, field=field, message=f"{text!r}; a statement would fit, not a question")]
    if text != " ".join(text.split()) or text.endswith("."):
        message = f"{text!r}; one line without spaces around it and without a period would fit"
        return [ContentProblem(file=file, field=field, message=message)]
    return []


def validate_problem_texts(
    raw: Mapping[str, Any], *, file: str, field: str, title: str, placeholders: Sequence[str] = (COUNT,)
) -> list[ContentProblem]:
    """Return the problems of the texts of a control that fails: {one: …, other: …}, each with all placeholders."""
    problems = validate_fields(raw, PROBLEM_TEXTS, file=file, under=f"{field}.")
    if problems:
        return problems
    for name, text in raw.items():
        problems += validate_problem_text(
            text, file=file, field=f"{field}.{name}", title=title, placeholders=placeholders
        )
    if not problems and raw["one"] == raw["other"]:
        message = "the same as one; its own words for several would fit"
        problems.append(ContentProblem(file=file, field=f"{field}.other", message=message))
    return problems


def validate_problem_text(
    text: str, *, file: str, field: str, title: str, placeholders: Sequence[str] = ()
) -> list[ContentProblem]:
    """Return the problems of one problem text: each placeholder once and no other, and other words than the title."""
    problems = validate_statement(text, file=file, field=field)
    if sorted(_PLACEHOLDER.findall(text)) != sorted(placeholders):
        fits = f"{' and '.join(placeholders)}, once each," if placeholders else "a text without placeholders"
        problems.append(ContentProblem(file=file, field=field, message=f"{text!r}; {fits} would fit"))
    if _remove_placeholders(text) == _remove_placeholders(title):
        message = "the same as the title; what is wrong would fit, the title says what should be true"
        problems.append(ContentProblem(file=file, field=field, message=message))
    return problems


def build_problem_text(raw: Mapping[str, str]) -> ProblemText:
    """Build a problem text from its two forms."""
    return ProblemText(singular=raw["one"], plural=raw["other"])


def _remove_placeholders(text: str) -> str:
    """Return the words of a text in lower case."""
    return " ".join(_PLACEHOLDER.sub("", text).casefold().split())
