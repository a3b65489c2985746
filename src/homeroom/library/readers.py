"""The readers of connectors by their names, imported when they are first asked: a load asks one or two of a hundred."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Late:
    """A function of a module, which is imported when it is called."""

    module: str
    name: str

    def __call__(self, *given: Any) -> Any:
        """What the function makes of the same."""
        return getattr(import_module(self.module), self.name)(*given)


def readers_of(
    kinds: Sequence[Mapping[str, Any]], *, module: str, takes: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any]:
    """The readers by name of those kinds of a manifest that `takes` says yes to."""
    return {item["reader"]: Late(module=module, name=item["reader"]) for item in kinds if takes(item)}


def lacking(reader: str, *, module: str, source: Path) -> str:
    """What to say of a reader that the module does not have; empty text where it has it.

    Its name is looked for in the source, and the module imported only where it is not there: importing all of them would
    be a tenth of a start. A test imports them all.
    """
    if source.exists() and re.search(rf"\b{re.escape(reader)}\b", source.read_text(encoding="utf-8")):
        return ""
    there = import_module(module)
    if callable(getattr(there, reader, None)):
        return ""
    return f"reading.py has no function {reader}; it has {', '.join(_functions(there))}"


def _functions(module: ModuleType) -> list[str]:
    mine = vars(module).items()
    return [name for name, value in mine if getattr(value, "__module__", "") == module.__name__ and name[0].islower()]
