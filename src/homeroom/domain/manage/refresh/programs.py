"""Programs that give districts money for devices, such as E-Rate: how much, for what, and under which rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class ProgramSource:
    """A document that a program's figures are from."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ProgramExample:
    """What a program gives for so many students, or whether it pays for a kind."""

    students: int | None = None
    total: Fraction | None = None
    kind: str | None = None
    fits: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FundingProgram:
    """A program: dollars per student with a floor for all its years, the largest share that it pays, and its kinds.

    `reason` is why it pays for no other kind.
    """

    id: str
    title: str
    effective: date
    until: date
    per_student: Fraction
    floor: Fraction
    pays_at_most: Fraction
    kinds: frozenset[str]
    reason: str
    rules: tuple[str, ...]
    sources: tuple[ProgramSource, ...]
    checked_on: date
    examples: tuple[ProgramExample, ...]

    def compute_total(self, students: int) -> Fraction:
        """Return the dollars for a number of students."""
        return max(self.per_student * students, self.floor)
