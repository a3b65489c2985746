"""Guides to a system's exports: who may make them with the least rights, and how, menu by menu."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class GuideExport:
    """One export: its content, the steps to make it, and the command if one does it.

    `first` is true if it belongs to a district's first hour; `note` is what to know about it besides the steps.
    """

    title: str
    steps: tuple[str, ...]
    command: str = ""
    first: bool = False
    note: str = ""

    @property
    def step_ids(self) -> tuple[tuple[str, str], ...]:
        """Return (id, step) of each step; the id changes only with the text."""
        return tuple((_compute_step_id(self.title, step), step) for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class ExportGuide:
    """Guide to the exports of one system.

    `connectors` read its exports, and the built-in `mappings` those whose headings are not published; `decides` names
    the kinds of person that it may decide about. `directory` is true if people sign in there, `training` if it is a
    tool for training and drills. `start` is "accounts" or "roster" for the systems to begin with. `role` names in a few
    words who can make the exports; `rights` describes the rights that this person needs, and no more; `leaves_out` what
    the export should not hold.
    """

    id: str
    title: str
    gives: str
    role: str
    rights: str
    exports: tuple[GuideExport, ...]
    connectors: tuple[str, ...]
    leaves_out: str
    sources: tuple[str, ...]
    checked_on: date
    decides: tuple[str, ...] = ()
    directory: bool = False
    training: bool = False
    mappings: tuple[str, ...] = ()
    order: int = 50
    start: str = ""

    @property
    def first_exports(self) -> tuple[GuideExport, ...]:
        """Exports of the first hour; all if none is marked."""
        return tuple(export for export in self.exports if export.first) or self.exports

    @property
    def later_exports(self) -> tuple[GuideExport, ...]:
        """Exports that can wait, such as those of an API or of a tool that has to be installed."""
        return tuple(export for export in self.exports if export not in self.first_exports)

    @property
    def step_ids(self) -> frozenset[str]:
        """Ids of the steps of the first hour."""
        return frozenset(step_id for export in self.first_exports for step_id, _ in export.step_ids)


def _compute_step_id(title: str, step: str) -> str:
    return hashlib.sha256(f"{title}\n{step}".encode()).hexdigest()[:10]
