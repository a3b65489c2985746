"""Trials of training: who was trained and who was held out by lot, what they missed, and what the training changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from homeroom.domain.manage.estimates.intervals import EstimateInterval


class TrialArm(StrEnum):
    """What the lot gave a person or a school."""

    TRAINED = "trained"
    HELD_OUT = "held_out"


class TrialVerdict(StrEnum):
    """What a trial shows of those trained, from its interval."""

    LOWER = "lower"
    HIGHER = "higher"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
    """A delivered drill of a person with a known outcome.

    `unit` is what was drawn, a person or a school; `stratum` the part in which it was drawn; `cell` the drill and lure,
    since a lure is compared with itself alone.
    """

    person: str
    unit: str
    stratum: str
    cell: str
    arm: TrialArm
    missed: bool


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The outcomes of one term. `draws_people` is whether people were drawn one by one."""

    term: str
    outcomes: tuple[TrialOutcome, ...]
    draws_people: bool


@dataclass(frozen=True, kw_only=True)
class TrialEffect:
    """The share missed by those trained less that of those held out, with its interval of 95 %.

    `people` and `units` are of both arms, trained first. With under ten people in an arm it is `suppressed`: all
    numbers are None.
    """

    term: str
    people: tuple[int, int] | None = None
    units: tuple[int, int] | None = None
    estimate: float | None = None
    interval: EstimateInterval | None = None
    verdict: TrialVerdict = TrialVerdict.INCONCLUSIVE
    smallest_detectable: float | None = None
    suppressed: bool = False
