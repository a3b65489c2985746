"""Template filters for labels and scores of vulnerabilities."""

from __future__ import annotations

from django import template

from homeroom.apps.protect.vulnerabilities.published.labels import (
    class_word,
    closes_what,
    ends_told,
    ends_when,
    in_days,
    justification_word,
    reached,
    scope_word,
    show_word,
    silent_word,
    why_first,
)
from homeroom.web.shared.exposure_labels import EXPOSURE_LABELS

register = template.Library()


@register.filter
def exposure_word(exposure: str) -> str:
    """Return the label of an exposure."""
    return str(EXPOSURE_LABELS.get(exposure, exposure))


LABEL_FILTERS = (
    why_first,
    closes_what,
    silent_word,
    show_word,
    justification_word,
    scope_word,
    reached,
    class_word,
    in_days,
    ends_when,
    ends_told,
)
for word in LABEL_FILTERS:
    register.filter(word.__name__, word)


@register.filter
def tenths(value: int | None) -> str:
    """Format a score in tenths as a decimal, such as 9.8; empty for None."""
    return "" if value is None else f"{value / 10:.1f}"


@register.filter
def percentile(value: int | None) -> str:
    """Format parts per million as whole percents, rounded down so that none reads 100; empty for None."""
    return "" if value is None else f"{value // 10_000}%"
