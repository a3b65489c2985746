"""Urgency of work: the order of Today, Plan and Posture. It ranks work, never people or buildings.

1. What the team pinned to this week.
2. Immediate dangers, however few: a working default password, exposure to the internet, a flaw that attackers use.
3. Critical work, and work that is due this week.
4. Everything else, by risk: severity times exposure times subjects.

Within a level more risk goes first; among the immediate dangers severity does, then the kind of danger.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from homeroom.domain.control_states import Severity
from homeroom.domain.risk import RiskTable, compute_risk


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
    DANGER = 1
    CRITICAL = 2
    BY_RISK = 3


UrgencyKey = tuple[int, int, int, float]
"""A key to sort by: level, severity, kind of danger, falling risk."""
_SEVERITIES, _DANGERS = tuple(Severity), tuple(Danger)


def classify_urgency(
    *, severity: Severity, danger: Danger | None, is_due: bool = False, is_pinned: bool = False
) -> UrgencyLevel:
    """Return the level of work on a control; `is_due` means that its deadline is in this week or has passed."""
    if is_pinned:
        return UrgencyLevel.PINNED
    if danger is not None:
        return UrgencyLevel.DANGER
    return UrgencyLevel.CRITICAL if is_due or severity == Severity.CRITICAL else UrgencyLevel.BY_RISK


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
    is_by_kind = danger is not None and level == UrgencyLevel.DANGER
    return (
        level,
        _SEVERITIES.index(severity) if is_by_kind else 0,
        _DANGERS.index(danger) if danger is not None and is_by_kind else 0,
        -round(risk, 6),
    )
