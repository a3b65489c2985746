"""Detections: a rule and the events that it fired on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import RuleHeading


@dataclass(frozen=True, kw_only=True, slots=True)
class EventPlace:
    """Where an event was read."""

    file: str
    record: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """A rule that fired: `matched` has the fields that made it true; `events` those of a correlation, in order."""

    rule: RuleHeading
    event: LogEvent
    matched: Mapping[str, Any]
    events: tuple[EventPlace, ...] = ()
