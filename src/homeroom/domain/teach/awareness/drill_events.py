"""Events of a drill, which is one sending of one lure: what happened, and whose event it is."""

from __future__ import annotations

from enum import StrEnum


class DrillEventKind(StrEnum):
    """What a tool has in its log."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    POSTED = "posted"
    REPORTED = "reported"
    REPLIED = "replied"


TOUCHES = (DrillEventKind.OPENED, DrillEventKind.CLICKED, DrillEventKind.POSTED)
"""Events of which it is judged whose they are."""


class EventOrigin(StrEnum):
    """Who caused an event: the recipient, a program, another person, or it is unknown."""

    OWN = "own"
    MACHINE = "machine"
    OTHER = "other"
    CANNOT_TELL = "cannot tell"


class JudgingRule(StrEnum):
    """A rule that takes an event from the recipient, or that leaves it open."""

    KNOWN_NETWORK = "known-network"
    KNOWN_PROGRAM = "known-program"
    TOOK_BAIT = "took-bait"
    TOO_FAST = "too-fast"
    NO_SCRIPT = "no-script"
    SERVES_MANY = "serves-many"
    LOOKED_AGAIN = "looked-again"
    AFTER_REPORT = "after-report"
    TOO_SOON = "too-soon"
    MANY_IN_A_SITTING = "many-in-a-sitting"
    FIRST_TIME_ONLY = "first-time-only"
