"""schedules.bell: the named types of day, each with the times at which something begins.

A type without times is a day without school; `weekend` and `holiday` are that even where nobody wrote them down. Of two
types of one name the last stands, as for the program that the format comes from. Times are of 24 hours; one that would be
earlier than the line before it is of the afternoon where it reads 1:00 to 6:59 (12:30, 1:15), or where pm stands at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from homeroom.ingest.problems import Refused, refused

FILE = "schedules.bell"
_HEADING = re.compile(r"\*\s*([^\s#]+)\s*#?\s*(.*)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?:\s*([ap])\.?m\b\.?)?(?:\s+(.*))?", re.IGNORECASE)
_NOON, _EVENING = 12 * 60, 7 * 60
# What is no class, by the words that its name begins with, or that are all of it.
BETWEEN = (
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "advisory lunch",
    "before school", "after school", "student arrival", "arrival", "dismissal", "staggered dismissal", "office hours",
    "counselor drop in", "student work time", "course information", "club", "transition", "travel",
)  # fmt: skip
_BETWEEN = re.compile(rf"(?:{'|'.join(BETWEEN)})\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class DayType:
    """One type of day. Without classes it is a day without school; a bell is HH:MM, `last_bell` null where no line ends it."""

    name: str
    title: str
    classes: bool
    first_bell: str | None
    last_bell: str | None


def types_of(text: str) -> dict[str, DayType]:
    """Every type of day by its name. Raises Refused with line, of schedules.bell, for what is none."""
    found = {name: _type(name, "", []) for name in ("weekend", "holiday")}
    name, title, times = "", "", list[tuple[int, str]]()
    for number, line in enumerate([*text.split("\n"), "* "], start=1):
        words = line.strip()
        if words.startswith("*"):
            if name:
                found[name] = _type(name, title, times)
            heading = _HEADING.fullmatch(words)
            if heading is None and words != "*":
                raise _misfit("is no heading of a type of day", number, "* normal # Normal Schedule")
            name, title, times = (heading[1], heading[2], []) if heading else ("", "", [])
        elif words and not words.startswith("#"):
            times.append(_time(words, times, number, known=bool(name)))
    return found


def _time(words: str, before: list[tuple[int, str]], number: int, *, known: bool) -> tuple[int, str]:
    found = _TIME.fullmatch(words)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _misfit("is no time of a day", number, "8:30 {Period 1}")
    if not known:
        raise _misfit("is a time under no type of day", number, "a heading such as * normal before it")
    minute = 60 * int(found[1]) + int(found[2])
    last = before[-1][0] if before else 0
    if minute < _NOON and ((found[3] or "").lower() == "p" or (60 <= minute < min(last, _EVENING))):
        minute += _NOON
    if minute < last:
        raise _misfit("is earlier than the line before it", number, "times of 24 hours in their order")
    return minute, found[4] or ""


def _type(name: str, title: str, times: list[tuple[int, str]]) -> DayType:
    classes = [minute for minute, what in times if _is_class(what)]
    ends = [until for (_, what), (until, _) in pairwise(times) if _is_class(what)]
    unended = bool(times) and _is_class(times[-1][1])
    return DayType(
        name=name,
        title=title,
        classes=bool(classes),
        first_bell=_clock(classes[0]) if classes else None,
        last_bell=_clock(ends[-1]) if ends and not unended else None,
    )


def _is_class(what: str) -> bool:
    return bool(what) and not _BETWEEN.match(what)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _misfit(reason: str, line: int, fits: str) -> Refused:
    return refused(FILE, reason, line=line, fits=fits)
