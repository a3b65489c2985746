"""A YAML file with the line of each key, and the problems of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.manage.refresh.values import Unfit, format_value
from homeroom.library.yaml_loader import StrictLoader, parse_strict_yaml

KeyPath = tuple[str, ...]
MAX_PROBLEMS = 100
MAX_BYTES = 4_000_000
"""A larger file is no problem that a person wrote; its devices are in lists beside it."""


@dataclass(frozen=True, kw_only=True)
class DocumentField:
    """A key of a part: how its value is parsed, what it means, and whether it is required."""

    name: str
    parse: Callable[[Any], Any]
    means: str
    required: bool = False


class YamlDocument:
    """A YAML file that was read, the lines of its keys, and the problems that were noted."""

    def __init__(self, path: Path, *, fits: str) -> None:
        """Read the file. Raise FileRefused if it is no YAML mapping."""
        self.name = path.name
        self.problems: list[Problem] = []
        text = _read_text(path, fits)
        try:
            content = parse_strict_yaml(text)
            self._lines = dict(_iterate_lines(yaml.compose(text, Loader=StrictLoader), ()))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise FileRefused(
                [Problem(file=path.name, reason=f"is not YAML: {error.problem}", line=line, fits=fits)]
            ) from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            reason = f"is not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deep'}"
            raise FileRefused([Problem(file=path.name, reason=reason, fits=fits)]) from None
        if not isinstance(content, dict):
            raise FileRefused([Problem(file=path.name, reason="is no mapping", fits=fits)])
        self.content: dict[Any, Any] = content

    def add_problem(self, path: KeyPath, reason: str, *, value: Any = None, fits: str = "") -> None:
        """Note a problem of a value, or of a key that is missing there."""
        line = next((self._lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self._lines), 1)
        shown = None if value is None else format_value(value)
        self.problems.append(
            Problem(file=self.name, reason=reason, line=line, field=".".join(path) or None, value=shown, fits=fits)
        )

    def raise_problems(self) -> None:
        """Raise FileRefused if there are problems."""
        if self.problems:
            raise FileRefused(self.problems[:MAX_PROBLEMS])

    def parse_part(self, raw: Any, fields: tuple[DocumentField, ...], path: KeyPath) -> dict[str, Any]:
        """Return the parsed values by key; note unknown and missing keys, and values that do not fit."""
        by_name = {field.name: field for field in fields}
        if not isinstance(raw, Mapping):
            self.add_problem(path, "is no mapping", value=raw, fits=f"a mapping with {', '.join(by_name)}")
            return {}
        values: dict[str, Any] = {}
        for key, value in raw.items():
            field = by_name.get(key)
            if field is None:
                fits = ", ".join(by_name)
                self.add_problem((*path, str(key)), "is no key of this part", value=str(key), fits=fits)
                continue
            try:
                values[key] = field.parse(value)
            except Unfit as error:
                self.add_problem(
                    (*path, key), error.reason, value="nothing" if value is None else value, fits=error.fits
                )
        for field in fields:
            if field.required and field.name not in raw:
                self.add_problem((*path, field.name), "is missing", fits=field.means.rstrip("."))
        return values


def _read_text(path: Path, fits: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            reason = f"is larger than {MAX_BYTES // 1_000_000} MB"
            raise FileRefused([Problem(file=path.name, reason=reason, fits=fits)])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileRefused([Problem(file=path.name, reason=f"cannot be read: {error.strerror}", fits=fits)]) from None
    except UnicodeDecodeError:
        raise FileRefused([Problem(file=path.name, reason="is not UTF-8", fits="YAML in UTF-8")]) from None


def _iterate_lines(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _iterate_lines(value, inner)
