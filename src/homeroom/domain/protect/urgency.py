"""Urgency of work: the order of Today, Plan and Posture. It ranks work, never people or buildings.

1. What the team pinned to this week.
2. Critical immediate dangers, however few: a working default password, exposure to the internet, a flaw that attackers
   use.
3. Other critical work, and work that is due this week.
4. Immediate dangers of lower severity.
5. Everything else, by risk: severity times exposure times subjects.

Within a level more risk goes first; among the immediate dangers the kind of danger does.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import RiskTable, compute_risk


class Danger(StrEnum):
    """Why a failing control is an immediate danger, in the order of how easily an attacker uses it.

    Anybody signs in with a default password, and anybody on the internet tries what is exposed to it; an exploited flaw
    needs a tool, which exists.
    """

    DEFAULT_PASSWORD = "default-password"
    INTERNET = "internet"
    EXPLOITED = "exploited"


class UrgencyLevel(IntEnum):
    """The level of a piece of work; lower ones go first."""

    PINNED = 0
    CRITICAL_DANGER = 1
    CRITICAL = 2
    DANGER = 3
    BY_RISK = 4


UrgencyKey = tuple[int, int, float]
"""A key to sort by: level, kind of danger, falling risk."""
_DANGERS = tuple(Danger)


def classify_urgency(
    *, severity: Severity, danger: Danger | None, is_due: bool = False, is_pinned: bool = False
) -> UrgencyLevel:
    """Return the level of work on a control; `is_due` means that its deadline is in this week or has passed."""
    if is_pinned:
        return UrgencyLevel.PINNED
    if severity == Severity.CRITICAL and danger is not None:
        return UrgencyLevel.CRITICAL_DANGER
    if severity == Severity.CRITICAL or is_due:
        return UrgencyLevel.CRITICAL
    return UrgencyLevel.BY_RISK if danger is None else UrgencyLevel.DANGER


def build_urgency_key(
    table: RiskTable,
    *,
    severity: Severity,
    danger: Danger | None,
    area: str,
    subjects: int,
    is_due: bool = False,
    is_pinned: bool = False,
) -> UrgencyKey:
    """Return the key that sorts work by urgency, most urgent first."""
    level = classify_urgency(severity=severity, danger=danger, is_due=is_due, is_pinned=is_pinned)
    risk = compute_risk(table, severity=severity, area=area, subjects=subjects)
    is_danger = level in (UrgencyLevel.CRITICAL_DANGER, UrgencyLevel.DANGER)
    return (level, _DANGERS.index(danger) if danger is not None and is_danger else 0, -round(risk, 6))
