"""Lots: who is trained and who is held out, drawn so that anybody can draw it again."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.domain.teach.awareness.trials import TrialArm


class LotRefused(ValueError):
    """A lot cannot be drawn; the message states what would fit."""


@dataclass(frozen=True, kw_only=True)
class LotUnit:
    """What is drawn: the name of a person or a school, and the stratum within which it is drawn."""

    name: str
    stratum: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnUnit:
    """A unit with its arm. `stratum` is that of the lot, in which small strata are joined; `score` orders the lot."""

    name: str
    stratum: str
    score: str
    arm: TrialArm
