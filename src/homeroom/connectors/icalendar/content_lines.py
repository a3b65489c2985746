"""Content lines of a calendar: of all its properties those that are read, so that an odd one costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EVENT_PROPERTIES = frozenset(
    (
        *("UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "STATUS", "SEQUENCE"),
        *("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
    )
)
CALENDAR_PROPERTIES = frozenset(("VERSION", "PRODID", "X-WR-CALNAME", "X-WR-TIMEZONE", "NAME"))
ZONE = "VTIMEZONE"
NO_PROPERTY = "no property of a calendar, and no continuation of one; NAME:value fits"
_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
_EVENT, _CALENDAR = "VEVENT", "VCALENDAR"


@dataclass(frozen=True, kw_only=True)
class ContentLine:
    """One property with its continuation lines, and the physical line that it begins on."""

    text: str
    number: int

    @property
    def name(self) -> str:
        """Name of the property in capitals; empty if the line has none."""
        match = _NAME.match(self.text)
        return match[1].upper() if match else ""


def iter_content_lines(text: str) -> Iterator[ContentLine]:
    """Yield the properties of a calendar; a line that begins with a blank continues the one above."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), start=1):
        physical = line.rstrip("\r")
        if parts and physical[:1] in (" ", "\t"):
            parts.append(physical)
            continue
        if parts:
            yield ContentLine(text="\r\n".join(parts), number=start)
        parts, start = ([physical] if physical.strip() else []), number
    if parts:
        yield ContentLine(text="\r\n".join(parts), number=start)


def select_content(text: str, *, with_zones: bool = True) -> tuple[str, list[int]]:
    """Return the calendar with the properties that are read, and the lines that are no property at all.

    Components other than events and time zones are left out, whatever is in them.
    """
    kept_lines: list[str] = []
    odd_lines: list[int] = []
    open_components: list[str] = []
    for line in iter_content_lines(text):
        if not line.name:
            odd_lines.append(line.number)
        elif line.name == "BEGIN":
            open_components.append(line.text.partition(":")[2].strip().upper())
            if _is_read(open_components, with_zones=with_zones):
                kept_lines.append(line.text)
        elif line.name == "END":
            if _is_read(open_components, with_zones=with_zones):
                kept_lines.append(line.text)
            open_components = open_components[:-1]
        elif _is_read(open_components, with_zones=with_zones) and _is_property_read(line.name, open_components):
            kept_lines.append(line.text)
    return "\r\n".join((*kept_lines, "")), odd_lines


def _is_read(components: list[str], *, with_zones: bool) -> bool:
    is_zone = components[1:2] == [ZONE]
    return components in ([_CALENDAR], [_CALENDAR, _EVENT]) or (with_zones and is_zone)


def _is_property_read(name: str, components: list[str]) -> bool:
    if len(components) == 1:
        return name in CALENDAR_PROPERTIES
    return components[1] == ZONE or name in EVENT_PROPERTIES
