"""Parse fields of a form that have a line for each thing; a line that does not fit is named with what would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from homeroom.library.manage.rollouts.spec_values import UnfitValue

MAX_LINES = 200


def convert_number(text: str) -> Any:
    """Return a number from digits; another text as it is."""
    return int(text) if text.isdecimal() and len(text) < 12 else text


def parse_lines[T](text: str, parse: Callable[[str], T], name: str, errors: dict[str, str], *, fits: str) -> list[T]:
    """Return what the lines of the field `name` hold; the first one that does not fit goes into `errors`."""
    items = []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MAX_LINES:
        errors[name] = gettext("There are too many lines; at most %(most)d would fit.") % {"most": MAX_LINES}
    for number, line in lines[:MAX_LINES]:
        try:
            items.append(parse(line))
        except UnfitValue as error:
            values = {"number": number, "line": line[:60], "reason": error.reason, "fits": error.fits or fits}
            errors.setdefault(name, gettext("Line %(number)d, %(line)s: %(reason)s. Use: %(fits)s") % values)
    return items
