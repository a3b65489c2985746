"""Parse schedules.bell: the named types of day, each with the times at which a period begins.

A type without times is a day without school; `weekend` and `holiday` are that even where the file does not define them.
Of two types with one name the last applies, as in the program that the format comes from. Times are of 24 hours; one
that would be earlier than the line before it is in the afternoon where it reads 1:00 to 6:59 (12:30, 1:15), or where pm
follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from homeroom.ingest.contract.errors import FileRefused, build_refusal

FILE = "schedules.bell"
_HEADING = re.compile(r"\*\s*([^\s#]+)\s*#?\s*(.*)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?:\s*([ap])\.?m\b\.?)?(?:\s+(.*))?", re.IGNORECASE)
_NOON, _EVENING = 12 * 60, 7 * 60
# Labels that are not classes: the words that begin them, or that are all of them.
BETWEEN = (
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "advisory lunch",
    "before school", "after school", "student arrival", "arrival", "dismissal", "staggered dismissal", "office hours",
    "counselor drop in", "student work time", "course information", "club", "transition", "travel",
)  # fmt: skip
_BETWEEN = re.compile(rf"(?:{'|'.join(BETWEEN)})\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class DayType:
    """One type of day; without classes it is a day without school.

    A bell is HH:MM, `last_bell` null where no line ends it.
    """

    name: str
    title: str
    classes: bool
    first_bell: str | None
    last_bell: str | None


def parse_day_types(text: str) -> dict[str, DayType]:
    """Parse every type of day, by its name. Raise FileRefused with the line of schedules.bell that does not parse."""
    day_types = {name: _build_day_type(name, "", []) for name in ("weekend", "holiday")}
    name, title, times = "", "", list[tuple[int, str]]()
    for number, line in enumerate([*text.split("\n"), "* "], start=1):
        words = line.strip()
        if words.startswith("*"):
            if name:
                day_types[name] = _build_day_type(name, title, times)
            heading = _HEADING.fullmatch(words)
            if heading is None and words != "*":
                raise _build_error("is no heading of a type of day", number, "* normal # Normal Schedule")
            name, title, times = (heading[1], heading[2], []) if heading else ("", "", [])
        elif words and not words.startswith("#"):
            times.append(_parse_time(words, times, number, has_type=bool(name)))
    return day_types


def _parse_time(words: str, before: list[tuple[int, str]], number: int, *, has_type: bool) -> tuple[int, str]:
    match = _TIME.fullmatch(words)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise _build_error("is no time of a day", number, "8:30 {Period 1}")
    if not has_type:
        raise _build_error("is a time under no type of day", number, "a heading such as * normal before it")
    minute = 60 * int(match[1]) + int(match[2])
    last = before[-1][0] if before else 0
    if minute < _NOON and ((match[3] or "").lower() == "p" or (60 <= minute < min(last, _EVENING))):
        minute += _NOON
    if minute < last:
        raise _build_error("is earlier than the line before it", number, "times of 24 hours in their order")
    return minute, match[4] or ""


def _build_day_type(name: str, title: str, times: list[tuple[int, str]]) -> DayType:
    classes = [minute for minute, label in times if _is_class(label)]
    ends = [until for (_, label), (until, _) in pairwise(times) if _is_class(label)]
    unended = bool(times) and _is_class(times[-1][1])
    return DayType(
        name=name,
        title=title,
        classes=bool(classes),
        first_bell=_format_clock(classes[0]) if classes else None,
        last_bell=_format_clock(ends[-1]) if ends and not unended else None,
    )


def _is_class(label: str) -> bool:
    return bool(label) and not _BETWEEN.match(label)


def _format_clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _build_error(reason: str, line: int, fits: str) -> FileRefused:
    return build_refusal(FILE, reason, line=line, fits=fits)
