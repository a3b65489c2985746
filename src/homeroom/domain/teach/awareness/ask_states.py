"""What became of an ask: reported as done, back because a newer list does not show it, or a request for exemption."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

LONGEST_WAIT = timedelta(days=14)
"""How long "I did it" waits for a list that proves it, before the ask is back in any case."""
LONGEST_EXEMPTION = timedelta(days=366)
LEAST_REASON, MOST_REASON = 10, 1_000


class AskState(StrEnum):
    """The state of one ask of one person."""

    OPEN = "open"
    WAITING = "waiting"
    BACK = "back"
    REQUESTED = "requested"


class ExemptionState(StrEnum):
    """The state of a request for exemption."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class AskRefused(ValueError):
    """A form about an ask is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def judge_claim(*, claimed_at: datetime, proven_at: datetime | None, now: datetime) -> AskState:
    """Return the state of an ask that was reported as done and still fails.

    `proven_at` is the time of the oldest of the lists that could prove it, None if there is none.
    """
    if proven_at is not None and proven_at > claimed_at:
        return AskState.BACK
    return AskState.BACK if now - claimed_at > LONGEST_WAIT else AskState.WAITING


def check_reason(text: str, *, field: str = "reason") -> str:
    """Return a reason without spaces around it. Raise AskRefused if it is no sentence."""
    reason = text.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise AskRefused(field, f"a sentence of {LEAST_REASON} to {MOST_REASON:,} characters would fit")
    return reason


def check_end(text: str, *, today: date) -> date:
    """Return the last day of an exemption. Raise AskRefused unless it is within a year from tomorrow."""
    try:
        until = date.fromisoformat(text.strip())
    except ValueError:
        raise AskRefused("until", f"{text.strip()[:20]!r} is no day; one such as 2027-06-30 would fit") from None
    if not today < until <= today + LONGEST_EXEMPTION:
        raise AskRefused("until", f"a day from tomorrow to {today + LONGEST_EXEMPTION} would fit")
    return until
