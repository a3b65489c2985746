"""Template filters for the schedule of a connection."""

from __future__ import annotations

from django import template

from homeroom.web.shared import connection_labels as words

register = template.Library()
register.filter(words.every_word)


@register.filter
def quiet_word(word: str) -> str:
    """Return the label of the hours in which a connection syncs."""
    return str(words.QUIET.get(word, word))
