"""Template filters for the numbers of charts."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def svg(value: float) -> str:
    """Format a position for SVG: a point as decimal separator in every language."""
    return f"{value:g}"


@register.filter
def tick_count(value: float) -> str:
    """Format a count beside a plot, with the separators of the language."""
    return number_format(value, decimal_pos=0 if value == int(value) else 1, force_grouping=True)


@register.filter
def tick_share(value: float) -> str:
    """Format a share between 0 and 1 beside a plot as percent."""
    return f"{round(100 * value)}%"
