"""Paths to values in a settings document, from the current item, the one around it, or the root.

`a.b` goes down from the current item; through a list it collects the elements' values. `.` is the item itself,
`^.a` starts at the item around it, `/a` at the root of the document, `*` within a name matches any letters
(`a.*` is every value of a mapping), and a backslash escapes a dot that belongs to a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

_DOT = re.compile(r"(?<!\\)\.")


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()
"""The result of a path without a value; null (None) is a value that is present but empty."""


@dataclass(frozen=True, kw_only=True)
class DocumentScope:
    """The current item, the scope around it, and the full document; without a parent the item is the document."""

    item: Any
    root: Any
    parent: DocumentScope | None = None

    def enter_item(self, item: Any) -> DocumentScope:
        """Return the scope of an item inside this one."""
        return DocumentScope(item=item, root=self.root, parent=self)


@dataclass(frozen=True, kw_only=True)
class SettingPath:
    """A path: its text, how many items it steps out first (-1: to the root), and the names it follows."""

    text: str
    levels_up: int
    names: tuple[str, ...]


@cache
def parse_path(text: str) -> SettingPath:
    """Parse a path; an empty one, or `.`, is the item itself."""
    levels_up, rest = 0, text
    while rest.startswith("^"):
        levels_up, rest = levels_up + 1, rest[1:].removeprefix(".")
    if rest.startswith("/"):
        levels_up, rest = -1, rest[1:]
    names = () if rest in ("", ".") else tuple(name.replace("\\.", ".") for name in _DOT.split(rest))
    return SettingPath(text=text, levels_up=levels_up, names=names)


def get_value(path: SettingPath, scope: DocumentScope) -> Any:
    """Return the value at a path, a list of values where the path leads through a list, or MISSING."""
    start: Any = scope.root
    if path.levels_up >= 0:
        enclosing: DocumentScope | None = scope
        for _ in range(path.levels_up):
            enclosing = enclosing.parent if enclosing is not None else None
        start = enclosing.item if enclosing is not None else MISSING
    return _follow_names(start, path.names)


def _follow_names(value: Any, names: tuple[str, ...]) -> Any:
    for position, name in enumerate(names):
        if isinstance(value, list):
            return _collect_values(value, names[position:])
        if not isinstance(value, Mapping):
            return MISSING
        if name in value:
            value = value[name]
        elif "*" in name:
            return _collect_values(
                [inner for key, inner in value.items() if fnmatchcase(key, name)], names[position + 1 :]
            )
        else:
            return MISSING
    return value


def _collect_values(values: list[Any], names: tuple[str, ...]) -> Any:
    collected: list[Any] = []
    for value in values:
        inner = _follow_names(value, names)
        if isinstance(inner, list):
            collected += inner
        elif inner is not MISSING:
            collected.append(inner)
    return collected if collected or not values else MISSING
