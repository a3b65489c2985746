"""Cells of evidence rows for people: products by their names, amounts of money, and why a person counts as gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext

from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.library.know.manifests.connector_names import list_connector_names

PRODUCT_COLUMNS = frozenset({"directory", "signs_in_with", "managed_by", "source", "sources", "connector", "tools"})
"""Columns whose values are ids of products or sources, alone or in a list."""
_DEPARTURE = re.compile(r"(?P<system>\S+) (?:says|marks|carried) .+")


def format_evidence_cell(column: str, value: Any) -> Any:
    """Return a cell as people read it; any other value is returned unchanged.

    Amounts in minor units have two decimals, and ids of products become their names.
    """
    if value is None:
        return None
    if column.endswith("_minor") and isinstance(value, int):
        return f"{value / 100:.2f}"
    if column in PRODUCT_COLUMNS:
        return [_format_product(item) for item in value] if isinstance(value, list | tuple) else _format_product(value)
    return describe_departure(value) if column == "left_because" and isinstance(value, str) else value


def describe_departure(text: str) -> str:
    """Describe why a person counts as gone, from the words of evidence: "HR marks them as to be deleted"."""
    match = _DEPARTURE.fullmatch(text)
    if match is None:
        return text
    system = product_word(match["system"])
    words = text.partition(" ")[2]
    for pattern, describe in _DEPARTURES.items():
        if match := pattern.fullmatch(words):
            return describe(system, *match.groups())
    return f"{system} {words}"


def _format_product(value: Any) -> Any:
    return product_word(value) if isinstance(value, str) and value in list_connector_names() else value


def _format_day(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text[:10]), "M j, Y")
    except ValueError:
        return text


_DEPARTURES: Mapping[re.Pattern[str], Callable[..., str]] = {
    re.compile(r"says that they end on (.+)"): lambda system, day: (
        gettext("%(system)s has %(day)s as their last day") % {"system": system, "day": _format_day(day)}
    ),
    re.compile(r"says that their role ended on (.+)"): lambda system, day: (
        gettext("%(system)s has %(day)s as the end of their role") % {"system": system, "day": _format_day(day)}
    ),
    re.compile(r"marks them tobedeleted"): lambda system: (
        gettext("%(system)s marks them as to be deleted") % {"system": system}
    ),
    re.compile(r"marks their role tobedeleted"): lambda system: (
        gettext("%(system)s marks their role as to be deleted") % {"system": system}
    ),
    re.compile(r"says that they are not enabled"): lambda system: (
        gettext("%(system)s has them as inactive") % {"system": system}
    ),
    re.compile(r"carried them in an earlier complete load and does not now"): lambda system: (
        gettext("%(system)s no longer lists them") % {"system": system}
    ),
    re.compile(r"says (.+)"): lambda system, word: (
        gettext("%(system)s has them as “%(word)s”") % {"system": system, "word": word.replace("_", " ")}
    ),
}
"""What evidence has after the system's name, to what people read; the first that fits."""
