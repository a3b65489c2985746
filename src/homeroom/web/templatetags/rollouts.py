"""Template filters for rollouts: times on a clock, names of rooms, and the rollout that remedies a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from homeroom.apps.manage.planning.visits import RolloutRemedy
from homeroom.apps.manage.planning.words import describe_remedy, format_hours
from homeroom.apps.manage.rollouts.visits.teacher_texts import format_clock, name_room

register = template.Library()
register.filter("clock", format_clock)
register.filter("exact_hours", format_hours)
register.filter("remedy_words", describe_remedy)


@register.filter
def room_title(name: str) -> str:
    """Return the name of a room; a number is preceded by Room."""
    return name_room(name)


@register.filter
def remedy_of(planned: Mapping[str, RolloutRemedy], finding: Any) -> RolloutRemedy | None:
    """Return the rollout that remedies a finding, of those that are planned; None if there is none."""
    return planned.get(finding.public) if planned else None
