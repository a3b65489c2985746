"""The readers of connectors by name, imported when they are first called: a load calls one or two of a hundred."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LazyReader:
    """A function of a module that is imported when the function is called."""

    module: str
    name: str

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns for the same arguments."""
        return getattr(import_module(self.module), self.name)(*arguments)


def build_readers(
    kinds: Sequence[Mapping[str, Any]], *, module: str, takes: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any]:
    """Build the readers, by name, of those kinds of a manifest for which `takes` is true."""
    return {item["reader"]: LazyReader(module=module, name=item["reader"]) for item in kinds if takes(item)}


def explain_missing_reader(reader: str, *, module: str, source: Path) -> str:
    """Explain that the module does not have the reader; empty text if it has it.

    The name is searched for in the source, and the module is imported only if it is not found: importing all of them
    would be a tenth of a start. A test imports them all.
    """
    if source.exists() and re.search(rf"\b{re.escape(reader)}\b", source.read_text(encoding="utf-8")):
        return ""
    reader_module = import_module(module)
    if callable(getattr(reader_module, reader, None)):
        return ""
    return f"readers.py has no function {reader}; it has {', '.join(_list_functions(reader_module))}"


def _list_functions(module: ModuleType) -> list[str]:
    members = vars(module).items()
    return [
        name for name, value in members if getattr(value, "__module__", "") == module.__name__ and name[0].islower()
    ]
