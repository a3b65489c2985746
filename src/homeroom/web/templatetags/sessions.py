"""Template filters for sessions of users."""

from __future__ import annotations

from django import template

from homeroom.web.users.session_labels import METHODS, REASONS

register = template.Library()


@register.filter
def method_word(method: str) -> str:
    """Return the label of a sign-in method; a dash for an unknown one."""
    return str(METHODS.get(method, method or "–"))


@register.filter
def end_word(reason: str) -> str:
    """Return the label of why a session ended."""
    return str(REASONS.get(reason, reason))
