"""Template filters for actions, subjects and details in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.dateparse import parse_date

from homeroom.apps.posture.catalog.labels import product_word
from homeroom.web.templatetags.homeroom import STATE_LABELS, counted, shown, state_word
from homeroom.web.templatetags.tables import scope_word, stream_word

register = template.Library()

_FORMATTERS = {"source": product_word, "connector": product_word, "stream": stream_word, "scope": scope_word}


@register.filter
def action_words(action: str) -> str:
    """Return an action in words."""
    return action.replace("-", " ").replace("_", " ")


@register.filter
def done_to(subject: str) -> str:
    """Return the subject of an action; the state of a control in words."""
    head, slash, state = subject.partition("/")
    return f"{head}, {state_word(state)}" if slash and state in STATE_LABELS else subject


@register.filter
def told_details(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the non-empty details, each with its name in words."""
    items = (
        (name, _format_detail(name, value)) for name, value in detail.items() if value not in ("", None, {}, [], ())
    )
    return [(name.replace("_", " "), words) for name, words in items]


def _format_detail(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{part}: {words}" for part, words in told_details(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return counted(value)
    if isinstance(value, str) and name in _FORMATTERS:
        return _FORMATTERS[name](value)
    day = _parse_date(value) if isinstance(value, str) and len(value) == len("2026-01-06") else None
    return str(shown(value if day is None else day))


def _parse_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
