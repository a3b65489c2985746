"""Guides to a system's exports: who may make them with the least rights, and how, menu by menu."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class GuideExport:
    """One export: its content, the steps to make it, and the command if one does it."""

    title: str
    steps: tuple[str, ...]
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportGuide:
    """Guide to the exports of one system.

    `connectors` read its exports, and the built-in `mappings` those whose headings are not published; `decides` names
    the kinds of person that it may decide about. `directory` is true if people sign in there, `training` if it is a
    tool for training and drills. `rights` describes the rights that the person who exports needs, and no more;
    `leaves_out` what the export should not hold.
    """

    id: str
    title: str
    gives: str
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
