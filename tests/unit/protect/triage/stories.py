"""Detections for tests of triage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, FoldedDetection, Part, Role

MONDAY = datetime(2026, 9, 14, 13, tzinfo=UTC)


def make_account(name: str, *, part: Part = Part.ACTOR, role: Role = Role.STAFF, id: str = "") -> Entity:
    """Return an account."""
    return Entity(kind=EntityKind.ACCOUNT, name=name, id=id, part=part, role=role)


def make_detection(
    rule: str = "odd-sign-in", *entities: Entity, minutes: float = 0, key: str = "", **values: Any
) -> FoldedDetection:
    """Return a detection so many minutes after Monday morning."""
    time = MONDAY + timedelta(minutes=minutes)
    event = EventReference(source="google", log="login", key=key or f"{rule}/{minutes}", time=time)
    defaults = {"title": rule.replace("-", " ").capitalize(), "level": "high", "stage": "access"}
    return FoldedDetection(rule=rule, event=event, entities=entities, **{**defaults, **values})
