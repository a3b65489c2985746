"""How pages write the schedule of a connection."""

from __future__ import annotations

from django import template

from homeroom.web import sources_consoles_words as words

register = template.Library()
register.filter(words.every_word)


@register.filter
def quiet_word(word: str) -> str:
    """When a connection is asked."""
    return str(words.QUIET.get(word, word))
