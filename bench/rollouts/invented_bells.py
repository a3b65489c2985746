"""Bells of invented schools, as varied as real ones: blocks, late starts, minimum days, finals, testing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

HOLIDAYS = (
    ("2025-09-01", "2025-09-01"),
    ("2025-10-13", "2025-10-13"),
    ("2025-11-11", "2025-11-11"),
    ("2025-11-24", "2025-11-28"),
    ("2025-12-22", "2026-01-02"),
    ("2026-01-19", "2026-01-19"),
    ("2026-02-16", "2026-02-20"),
    ("2026-04-06", "2026-04-10"),
    ("2026-05-25", "2026-05-25"),
)
FIRST_DAY, LAST_DAY = date(2025, 8, 18), date(2026, 6, 5)


def write_bell_folder(folder: Path, seed: int) -> None:
    """Write calendar.bell and schedules.bell of an invented school."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    kind = chance.choice(["periods", "blocks", "mixed", "middle", "elementary"])
    types = _invent_types(chance, kind)
    lines = [line for name, times in types.items() for line in (f"* {name} # {name}", *times, "")]
    (folder / "schedules.bell").write_text("\n".join(lines), encoding="utf-8")
    (folder / "calendar.bell").write_text("\n".join(_invent_calendar(chance, kind, types)) + "\n", encoding="utf-8")


def _invent_types(chance: random.Random, kind: str) -> dict[str, list[str]]:
    begins = chance.choice([470, 480, 485, 495, 510, 525])
    passing = chance.choice([4, 5, 6, 7])
    count = {"elementary": 5}.get(kind, chance.choice([6, 7, 7, 8]))
    label = chance.choice(["{Period %d}", "{Period %d}", "Block %d", "%d{ Period}"])
    names = [label % number for number in range(1, count + 1)]
    if kind == "elementary":
        names = ["Reading", "Math", "Science", "Social Studies", "Specials"]
    length = (chance.choice([370, 385, 400]) - 45 - passing * (count - 1)) // count
    types = {"normal": _lay_out(names, begins, length, passing, chance)}
    if kind in ("blocks", "mixed"):
        long = length * 2 - chance.choice([0, 5])
        types["odd"] = _lay_out(names[0::2], begins, long - (8 if len(names) % 2 else 0), passing, chance)
        types["even"] = _lay_out(names[1::2], begins, long, passing, chance)
    types["late-start"] = _lay_out(names, begins + 90, max(25, length - 13), passing, chance)
    types["minimum"] = _lay_out(names, begins, max(22, length - 20), passing, chance)
    types["finals"] = _lay_out(names[:3], begins, 90, 10, chance)
    testing = [f"{_format_time(begins)} State Testing"]
    types["sbac-testing"] = testing + _lay_out(names[:4], begins + 130, max(25, length - 5), passing, chance)
    return types


def _lay_out(names: list[str], begins: int, length: int, passing: int, chance: random.Random) -> list[str]:
    lines, minute = [], begins
    lunch = len(names) // 2 + chance.choice([0, 0, 1])
    for number, name in enumerate(names):
        if number:
            lines.append(f"{_format_time(minute)} Passing to {name}")
            minute += passing
        lines.append(f"{_format_time(minute)} {name}")
        minute += length
        if number + 1 == lunch and number + 1 < len(names):
            lines.append(f"{_format_time(minute)} Lunch")
            minute += 35
        elif number + 1 == 2 and len(names) > 4:
            lines.append(f"{_format_time(minute)} Brunch")
            minute += 10
    return [*lines, f"{_format_time(minute)} Free"]


def _invent_calendar(chance: random.Random, kind: str, types: dict[str, list[str]]) -> list[str]:
    week = ["normal"] * 5
    if kind == "blocks":
        week = ["odd", "even", "odd", "even", chance.choice(["normal", "odd"])]
    elif kind == "mixed":
        week = ["normal", "odd", "even", "odd", "even"]
    if chance.random() < 0.5:
        week[chance.choice([0, 2, 4])] = chance.choice(["late-start", "minimum"])
    lines = ["* Default Week", "Sun weekend"]
    lines += [f"{day} {name}" for day, name in zip(("Mon", "Tue", "Wed", "Thu", "Fri"), week, strict=True)]
    lines += ["Sat weekend", "", "* Special Days"]
    if chance.random() < 0.8:
        lines += [_format_days(date.fromisoformat(a), date.fromisoformat(b)) + " holiday" for a, b in HOLIDAYS]
    days = [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days)]
    for _ in range(chance.randrange(4, 14)):
        day = chance.choice(days)
        lines.append(f"{_format_days(day, day)} {chance.choice(sorted(types))}")
    first = date(2026, 4, 13) + timedelta(days=7 * chance.randrange(3))
    lines.append(f"{_format_days(first, first + timedelta(days=4))} sbac-testing")
    lines.append(f"{_format_days(date(2025, 12, 17), date(2025, 12, 19))} finals")
    return lines


def _format_days(first: date, last: date) -> str:
    ends = [f"{day:%m/%d/%Y}" for day in dict.fromkeys((first, last))]
    return "-".join(ends)


def _format_time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
