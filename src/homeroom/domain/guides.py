"""A guide to one system's exports: who may make them with the least rights, and how, menu by menu."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Export:
    """One export: what it gives, the steps to make it, and the command where one does it."""

    title: str
    steps: tuple[str, ...]
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Guide:
    """One system. `connectors` read its exports; `decides` names the kinds of person that it may decide about.

    `directory` is true where people sign in there. `rights` says what the person who exports needs, and no more;
    `leaves_out` what the export should not hold.
    """

    id: str
    title: str
    gives: str
    rights: str
    exports: tuple[Export, ...]
    connectors: tuple[str, ...]
    leaves_out: str
    sources: tuple[str, ...]
    checked_on: date
    decides: tuple[str, ...] = ()
    directory: bool = False
    order: int = 50
