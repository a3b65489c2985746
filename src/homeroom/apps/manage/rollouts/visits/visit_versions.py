"""Versions of visits: whether a visit is still what a person saw who was without a network."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone

from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.visits.teacher_texts import format_clock

_OUTCOME_WORDS = {"done": "done", "left_behind": "something left behind", "no_entry": "could not get in"}


class VisitChanged(RolloutRefused):
    """A visit is no longer what the person saw; the message has what it is now, and `version` is its version."""

    def __init__(self, message: str, *, version: str) -> None:
        super().__init__("seen", message)
        self.version = version


def compute_visit_version(visit: Any) -> str:
    """Return the version of a visit: fingerprints of when and by whom it is planned, and of what was recorded."""
    planned = _hash_values(visit.room, visit.day.isoformat(), visit.starts, *visit.people)
    recorded = _hash_values(visit.outcome, visit.recorded_by, visit.recorded_at and visit.recorded_at.isoformat())
    return f"{planned}-{recorded}"


def check_visit_unchanged(visit: Any, *, version: str, actor: str) -> None:
    """Raise VisitChanged if somebody else changed the visit since the version, by a plan or by a record.

    What `actor` recorded is no reason: it is corrected.
    """
    current = compute_visit_version(visit)
    planned, _, recorded = version.partition("-")
    current_planned, _, current_recorded = current.partition("-")
    if visit.outcome and recorded != current_recorded and visit.recorded_by != actor:
        raise VisitChanged(_describe_record(visit), version=current)
    if not visit.outcome and planned != current_planned:
        raise VisitChanged(_describe_plan(visit), version=current)


def _describe_record(visit: Any) -> str:
    when = timezone.localtime(visit.recorded_at)
    outcome = _OUTCOME_WORDS[visit.outcome]
    clock = format_clock(when.hour * 60 + when.minute)
    return f"{visit.recorded_by} recorded this visit on {when:%B} {when.day} at {clock}: {outcome}."


def _describe_plan(visit: Any) -> str:
    people = ", ".join(visit.people)
    day = f"{visit.day:%A, %B} {visit.day.day}"
    return f"The visit was moved: it is now on {day}, at {format_clock(visit.starts)}, with {people}."


def _hash_values(*values: object) -> str:
    text = "\x1f".join("" if value is None else str(value) for value in values)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
