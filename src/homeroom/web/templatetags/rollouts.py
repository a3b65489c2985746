"""Template filters for visits: times on a clock, and names of rooms."""

from __future__ import annotations

from django import template

from homeroom.apps.rollouts.visits.teacher_texts import format_clock, name_room

register = template.Library()
register.filter("clock", format_clock)


@register.filter
def room_title(name: str) -> str:
    """Return the name of a room; a number is preceded by Room."""
    return name_room(name)
