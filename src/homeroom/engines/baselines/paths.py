"""Where a value stands in a settings document: `section.field`, from the item at hand, the one around it, or the root.

`a.b` goes down from the item at hand; through a list it collects what the elements have. `.` is the item itself,
`^.a` starts at the item around it, `/a` at the root of the document, `*` within a name stands for any letters
(`a.*` is every value of a mapping), and a dot that belongs to a name is written `\\.`.
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
"""What a path gives where nothing stands; null (None) is something that stands there and says nothing."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The item at hand, the scope around it, and the whole document; null around means the item is the document."""

    item: Any
    root: Any
    around: Scope | None = None

    def within(self, item: Any) -> Scope:
        """The scope of an item inside this one."""
        return Scope(item=item, root=self.root, around=self)


@dataclass(frozen=True, kw_only=True)
class Path:
    """A path as it is written, how many items it steps out first (-1: to the root), and the names it goes down."""

    written: str
    out: int
    names: tuple[str, ...]


@cache
def path(written: str) -> Path:
    """The path that is written; an empty one, or `.`, is the item itself."""
    out, rest = 0, written
    while rest.startswith("^"):
        out, rest = out + 1, rest[1:].removeprefix(".")
    if rest.startswith("/"):
        out, rest = -1, rest[1:]
    names = () if rest in ("", ".") else tuple(name.replace("\\.", ".") for name in _DOT.split(rest))
    return Path(written=written, out=out, names=names)


def found(where: Path, scope: Scope) -> Any:
    """The value there, a list of values where the path leads through a list, or MISSING."""
    start: Any = scope.root
    if where.out >= 0:
        here: Scope | None = scope
        for _ in range(where.out):
            here = here.around if here is not None else None
        start = here.item if here is not None else MISSING
    return _down(start, where.names)


def _down(value: Any, names: tuple[str, ...]) -> Any:
    for place, name in enumerate(names):
        if isinstance(value, list):
            return _through(value, names[place:])
        if not isinstance(value, Mapping):
            return MISSING
        if name in value:
            value = value[name]
        elif "*" in name:
            return _through([one for key, one in value.items() if fnmatchcase(key, name)], names[place + 1 :])
        else:
            return MISSING
    return value


def _through(values: list[Any], names: tuple[str, ...]) -> Any:
    gathered: list[Any] = []
    for value in values:
        inside = _down(value, names)
        if isinstance(inside, list):
            gathered += inside
        elif inside is not MISSING:
            gathered.append(inside)
    return gathered if gathered or not values else MISSING
