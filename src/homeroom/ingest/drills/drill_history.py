"""Which drills of a console are read again, and the day on which one began."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from homeroom.ingest.drills.drill_events import UnfitEvent, parse_moment

HISTORY = timedelta(days=400)
"""Drills that began longer ago are not read again: their outcomes are stored, and each of them costs requests."""


def is_recent(began: object, *, now: datetime | None) -> bool:
    """Return whether a drill that began then (RFC 3339) is read; also where one of the times is unknown."""
    moment = _parse_began(began)
    return now is None or moment is None or moment >= now.replace(tzinfo=None) - HISTORY


def parse_first_day(began: object) -> date | None:
    """Return the day (UTC) on which a drill began; None if that is no time."""
    moment = _parse_began(began)
    return moment.date() if moment else None


def _parse_began(began: object) -> datetime | None:
    try:
        return parse_moment(began, field_name="began")
    except UnfitEvent:
        return None
