"""A framework of goals that controls help to meet: ids and our own short wording, with where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Framework:
    """One framework in one version. `goals` maps each id to our own short paraphrase, never the source's text.

    `parts` names groups of goals by how their ids begin. `same_as` leads a goal to goals of other frameworks
    (`framework:goal`) that ask the same, so that a control which answers those answers this one.
    """

    id: str
    title: str
    version: str
    source: str
    licence: str
    effective: date
    checked_on: date
    goals: Mapping[str, str]
    supersedes: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    same_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def part_of(self, goal: str) -> str:
        """The title of the goal's part, the one with the longest beginning; empty text where it has none."""
        fits = [beginning for beginning in self.parts if goal.startswith(beginning)]
        return self.parts[max(fits, key=len)] if fits else ""
