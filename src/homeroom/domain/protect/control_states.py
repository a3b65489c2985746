"""The states of a subject under a control, and how severe a control is."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """State of one subject under one control.

    A missing value is never a pass and never a fail.
    """

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"
    NOT_APPLICABLE = "not_applicable"
    EXCEPTED = "excepted"


class Severity(StrEnum):
    """How much harm a failing subject can do, most first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class MemberVisibility(StrEnum):
    """Visibility of an open member of a finding in the newest assessment."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    STALE = "stale"


class CloseReason(StrEnum):
    """Why a member of a finding closed."""

    FIXED = "fixed"
    GONE = "gone"
    NO_LONGER_APPLIES = "no_longer_applies"
    ACCEPTED = "accepted"
