"""How the audit trail writes what was done to what, and the details of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.dateparse import parse_date

from homeroom.apps.posture.words import product_word
from homeroom.web.templatetags.homeroom import STATE, counted, shown, state_word
from homeroom.web.templatetags.tables import scope_word, stream_word

register = template.Library()

_NAMED = {"source": product_word, "connector": product_word, "stream": stream_word, "scope": scope_word}


@register.filter
def action_words(action: str) -> str:
    """What was done, as words."""
    return action.replace("-", " ").replace("_", " ")


@register.filter
def done_to(subject: str) -> str:
    """What it was done to; the state of a control in words."""
    head, slash, state = subject.partition("/")
    return f"{head}, {state_word(state)}" if slash and state in STATE else subject


@register.filter
def told_details(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The details that say something, each with its name in words."""
    found = ((name, _words(name, value)) for name, value in detail.items() if value not in ("", None, {}, [], ()))
    return [(name.replace("_", " "), words) for name, words in found]


def _words(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{part}: {words}" for part, words in told_details(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return counted(value)
    if isinstance(value, str) and name in _NAMED:
        return _NAMED[name](value)
    day = _day(value) if isinstance(value, str) and len(value) == len("2026-01-06") else None
    return str(shown(value if day is None else day))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
