"""The readers of connectors by name, imported when they are first called: a load calls one or two of a hundred."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from homeroom.ingest.contract.connector import Reader, Reading


@dataclass(frozen=True, kw_only=True)
class LazyReader:
    """A function of a module that is imported when the function is called."""

    module: str
    name: str

    def __call__(self, *arguments: object) -> Reading:
        """Return what the function returns for the same arguments."""
        reading: Reading = getattr(import_module(self.module), self.name)(*arguments)
        return reading


def build_readers(names: Iterable[str], *, module: str) -> dict[str, Reader]:
    """Build the readers of these names."""
    return {name: LazyReader(module=module, name=name) for name in names}


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
