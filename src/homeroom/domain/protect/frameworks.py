"""Frameworks of goals that controls help to meet: ids and our own short wording, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Framework:
    """One framework in one version.

    `goals` maps each id to our own short paraphrase, never the source's text.
    `parts` names groups of goals by how their ids begin. `same_as` maps a goal to equivalent goals of other frameworks
    (`framework:goal`), so that a control that answers those answers this one.
    """

    id: str
    title: str
    version: str
    source: str
    license: str
    effective: date
    checked_on: date
    goals: Mapping[str, str]
    supersedes: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    same_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find_part_title(self, goal: str) -> str:
        """Return the title of the goal's part, the one with the longest prefix; empty if it has none."""
        prefixes = [prefix for prefix in self.parts if goal.startswith(prefix)]
        return self.parts[max(prefixes, key=len)] if prefixes else ""
