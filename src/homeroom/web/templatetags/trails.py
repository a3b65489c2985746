"""Template filters for actions, subjects and details in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy

from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.web.templatetags.homeroom import STATE_LABELS, counted, shown, state_word
from homeroom.web.templatetags.tables import scope_word, stream_word

register = template.Library()

_FORMATTERS = {"source": product_word, "connector": product_word, "stream": stream_word, "scope": scope_word}
ACTION_LABELS = {
    "answer setup": gettext_lazy("answered setup"),
    "ask for sync": gettext_lazy("started sync"),
    "choose rows of fix file": gettext_lazy("chose rows of fix file"),
    "connect console": gettext_lazy("added connection"),
    "defer work": gettext_lazy("snoozed work"),
    "disconnect console": gettext_lazy("removed connection"),
    "drop files": gettext_lazy("uploaded files"),
    "drop rows of fix file": gettext_lazy("left rows out of fix file"),
    "enter facts for laws": gettext_lazy("entered legal facts"),
    "fail to sign in": gettext_lazy("failed to sign in"),
    "hand out fix file": gettext_lazy("downloaded fix file"),
    "hand over report": gettext_lazy("downloaded report"),
    "hold load": gettext_lazy("held load for approval"),
    "list subjects": gettext_lazy("viewed rows"),
    "list vulnerable devices": gettext_lazy("viewed vulnerable devices"),
    "make calendar feed": gettext_lazy("created calendar feed"),
    "name the list that decides": gettext_lazy("set source of truth"),
    "open report": gettext_lazy("viewed report"),
    "resolve": gettext_lazy("matched records"),
    "try connection": gettext_lazy("tested connection"),
}
"""Labels of actions whose stored name does not say in a technician's words what was done."""


@register.filter
def action_words(action: str) -> str:
    """Return an action in words."""
    return str(ACTION_LABELS.get(action) or action.replace("-", " ").replace("_", " "))


def find_actions(words: str) -> tuple[str, ...]:
    """Return the stored names of the actions whose label contains the words."""
    return tuple(action for action, label in ACTION_LABELS.items() if words.casefold() in str(label).casefold())


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
