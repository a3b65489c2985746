"""Waves of a rollout: the visits of a ring in one week, as one approval lets them go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any


def get_monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def compute_wave_digest(visits: Iterable[Any]) -> str:
    """Return a fingerprint of visits: their rooms, times and people; equal for the same visits in any order."""
    lines = sorted(f"{visit.room}|{visit.day}|{visit.starts}|{visit.ends}|{sorted(visit.people)}" for visit in visits)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
