"""Codes of authenticator apps: six digits of a shared secret and the time (RFC 4226 and RFC 6238)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1
"""Steps before and after the current one whose codes are accepted, for clocks that differ (RFC 6238, section 5.2)."""


def compute_code(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of a time step, with leading zeros (RFC 4226, section 5.3, with SHA-1)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def compute_step(at: datetime) -> int:
    """Return the time step of a time."""
    return int(at.timestamp()) // STEP_SECONDS


def find_matching_step(secret: bytes, code: str, *, at: datetime, after: int = 0) -> int | None:
    """Return the newest accepted step later than `after` that has this code; None if there is none.

    All accepted steps are compared, so that the time of the answer reveals nothing of the code.
    """
    current = compute_step(at)
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    typed = code.encode("utf-8", "surrogatepass")
    matching = [step for step in steps if hmac.compare_digest(compute_code(secret, step).encode(), typed)]
    return max((step for step in matching if step > after), default=None)
