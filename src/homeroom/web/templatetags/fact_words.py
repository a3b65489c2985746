"""Template filter for where a fact of the district is from, in the visitor's language."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def fact_origin(origin: str) -> str:
    """Return where a fact is from, in words."""
    words = {
        "entered": gettext("entered by hand"),
        "people": gettext("counted from the lists that decide who belongs"),
        "file": gettext("from the district’s file"),
    }
    return words.get(origin, gettext("not known"))
