"""Parse schedules.bell: the named types of day, each with the times at which a period begins.

A type without times is a day without school; `weekend` and `holiday` are that even where the file does not define them.
Of two types with one name the last applies, as in the program that the format comes from. Times are of 24 hours; one
that would be earlier than the line before it is in the afternoon where it reads 1:00 to 6:59 (12:30, 1:15), or where pm
follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from homeroom.domain.schooldays import DEFAULT_NON_CLASS, DayType, Stretch, format_clock_time, list_class_stretches
from homeroom.ingest.contract.errors import FileRefused, build_refusal

FILE = "schedules.bell"
_HEADING = re.compile(r"\*\s*([^\s#]+)\s*#?\s*(.*)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?:\s*([ap])\.?m\b\.?)?(?:\s+(.*))?", re.IGNORECASE)
_NOON, _EVENING = 12 * 60, 7 * 60
IMPLIED_TYPES = ("weekend", "holiday")


@dataclass(frozen=True, kw_only=True)
class DayBells:
    """The bells of one type of day; without classes it is a day without school.

    A bell is HH:MM, `last_bell` null where no line ends it: the last line begins no stretch.
    """

    type: DayType
    classes: bool
    first_bell: str | None
    last_bell: str | None


def parse_day_types(text: str, *, implied: Iterable[str] = IMPLIED_TYPES) -> dict[str, DayBells]:
    """Parse every type of day, by its name; `implied` are those without times that need not be in the file.

    Raise FileRefused with the line of schedules.bell that does not parse.
    """
    day_types = {name: _build_day_bells(name, "", []) for name in implied}
    name, title, times = "", "", list[tuple[int, str]]()
    for number, line in enumerate([*text.split("\n"), "* "], start=1):
        words = line.strip()
        if words.startswith("*"):
            if name:
                day_types[name] = _build_day_bells(name, title, times)
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


def _build_day_bells(name: str, title: str, times: list[tuple[int, str]]) -> DayBells:
    names = [" ".join(label.replace("{", "").replace("}", "").split()) for _, label in times]
    starts = [minute for minute, _ in times]
    stretches = tuple(
        Stretch(starts=begins, ends=ends, name=label)
        for (begins, ends), label in zip(pairwise(starts), names, strict=False)
        if begins < ends
    )
    day_type = DayType(name=name, title=title, stretches=stretches)
    classes = [minute for minute, label in zip(starts, names, strict=True) if DEFAULT_NON_CLASS.is_class(label)]
    ends = [stretch.ends for stretch in list_class_stretches(day_type)]
    unended = bool(names) and DEFAULT_NON_CLASS.is_class(names[-1])
    return DayBells(
        type=day_type,
        classes=bool(classes),
        first_bell=format_clock_time(classes[0]) if classes else None,
        last_bell=format_clock_time(ends[-1]) if ends and not unended else None,
    )


def _build_error(reason: str, line: int, fits: str) -> FileRefused:
    return build_refusal(FILE, reason, line=line, fits=fits)
