"""Laws and their duties, in our own words, with where and when they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.comply.laws.clocks import DeadlineDoubt, DutyClock, TimeExtension
from homeroom.domain.comply.laws.holidays import BusinessCalendar
from homeroom.domain.matching import AllOf, PatternNode

EVERYBODY: PatternNode = AllOf(parts=())
"""The condition that every district meets."""


class LawStanding(StrEnum):
    """Whether a law is in force; only one that is applies."""

    IN_FORCE = "in force"
    PROPOSED = "proposed"
    STAYED = "stayed"


class LawDepth(StrEnum):
    """How much of a law is in its file: all of it, its clocks, or only what it is called and asks for."""

    WHOLE = "whole"
    CLOCKS = "clocks"
    NAMED = "named"


@dataclass(frozen=True, kw_only=True)
class LawDuty:
    """One thing that a law asks for: who does it, to whom, what triggers it, and its clock.

    `proven_by` are ids of controls, `attested_by` is the question to attest.
    """

    id: str
    title: str
    citation: str
    who: str
    to: str
    trigger: str
    clock: DutyClock
    applies_to: PatternNode = EVERYBODY
    extension: TimeExtension | None = None
    doubt: DeadlineDoubt | None = None
    ask_first: tuple[str, ...] = ()
    proven_by: tuple[str, ...] = ()
    attested_by: str = ""
    effort: int = 0
    penalty: str = ""


@dataclass(frozen=True, kw_only=True)
class RollRule:
    """The rule by which a deadline on a weekend or holiday moves to the next business day."""

    citation: str


@dataclass(frozen=True, kw_only=True)
class EffectiveDoubt:
    """The later of two first days of a law, where sources differ, and what they state."""

    text: str
    or_effective: date


@dataclass(frozen=True, kw_only=True)
class Law:
    """One law in one version, with its duties.

    `supersedes` is the id of the version that it replaces on its first day, `effective`.
    """

    id: str
    title: str
    version: str
    citation: str
    source: str
    license: str
    effective: date
    checked_on: date
    standing: LawStanding
    depth: LawDepth
    applies_to: PatternNode
    business: BusinessCalendar
    duties: tuple[LawDuty, ...]
    rolls: RollRule | None = None
    supersedes: str = ""
    doubt: EffectiveDoubt | None = None

    def get_duty(self, name: str) -> LawDuty | None:
        """Return the duty of that id, or None."""
        return next((duty for duty in self.duties if duty.id == name), None)
