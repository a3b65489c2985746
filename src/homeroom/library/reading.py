"""Reads content files strictly: what does not fit is refused with file, field and what would fit."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).resolve().parent.parent / "content"
"""The content that comes with Homeroom."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a file is refused: where it stands, which field, and what would fit."""

    file: str
    field: str
    told: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.told}" if self.field else f"{self.file}: {self.told}"


class ContentRefused(Exception):
    """Content does not fit; `problems` has every reason that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a content file: its type, whether it must be there, and what would fit, in words."""

    name: str
    type: type | tuple[type, ...]
    fits: str
    required: bool = True


class Strict(yaml.SafeLoader):
    """YAML without repeated keys, which plain YAML drops in silence, and in which `on` and `no` are words (YAML 1.2)."""


class _Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same over libyaml, where PyYAML has it: every start reads fifty files, and this takes a fifth of the time."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    seen = set()
    for key, (written, _) in zip(keys, node.value, strict=True):
        if not isinstance(key, Hashable):
            raise yaml.constructor.ConstructorError(None, None, "a key that is no word", written.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", written.start_mark)
        seen.add(key)
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


for _loader in (Strict, _Quick):
    _loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    _loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def shown(path: Path, root: Path) -> str:
    """The file's name from the content folder on, with slashes on every system."""
    return path.relative_to(root).as_posix()


def read(path: Path, *, root: Path) -> dict[str, Any]:
    """The mapping that the file holds. Raises ContentRefused."""
    try:
        given = yaml.load(path.read_text(encoding="utf-8"), Loader=_Quick)  # noqa: S506 a SafeLoader that is stricter
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentRefused([Problem(file=shown(path, root), field="", told=f"not YAML: {error}")]) from None
    if not isinstance(given, dict):
        raise ContentRefused([Problem(file=shown(path, root), field="", told="a mapping of fields would fit")])
    return given


def misfits(given: Mapping[str, Any], fields: Sequence[Field], *, file: str, under: str = "") -> list[Problem]:
    """Fields that are missing, of another type, empty, or not known."""
    known = {field.name for field in fields}
    problems = [
        Problem(file=file, field=f"{under}{name}", told=f"no such field; there are {', '.join(sorted(known))}")
        for name in given
        if name not in known
    ]
    for field in fields:
        value = given.get(field.name)
        if field.name not in given and not field.required:
            continue
        if not _fits(value, field.type) or (field.required and value in ("", [])):
            problems.append(Problem(file=file, field=f"{under}{field.name}", told=f"{value!r}; {field.fits} would fit"))
    return problems


def _fits(value: Any, wanted: type | tuple[type, ...]) -> bool:
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds) and (date in kinds or not isinstance(value, date))
