"""Class time of 2,400 rooms for a school year, and 4,000 moments at the edges of periods and both changes of the clock.

The schools are real ones (`HOMEROOM_SHARED`, data/calendars/schools). The moments are answered through `answer_moments`
and compared with a reader of the bells that shares no code with it.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.support.goals import Goal, require_exactly
from homeroom.apps.manage.rollouts.specs.moments import answer_moments
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.spec import ClassTimes
from homeroom.ingest.contract.errors import FileRefused

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
BELLS = SHARED / "data" / "calendars" / "schools"
ROOMS, SCHOOLS, MOMENTS = 2_400, 60, 4_000
FIRST, LAST = date(2025, 9, 2), date(2026, 6, 5)
CLOCK_CHANGES = (date(2025, 11, 2), date(2026, 3, 8))
ZONE = ZoneInfo("America/Los_Angeles")
GOALS = {
    "rooms": require_exactly(ROOMS),
    "moments": require_exactly(MOMENTS),
    "moments_wrong": require_exactly(0),
    "class_time_cpu_seconds": Goal(at_most=2.0),
}
# The words of the built-in list, as the documentation has them.
NO_CLASS = {
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "arrival",
    "dismissal", "club", "transition", "travel", "advisory lunch", "before school", "after school", "student arrival",
    "staggered dismissal", "office hours", "counselor drop in", "student work time", "course information",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Bells:
    """A school's bells, read naively: lines of each type, types of weekdays, and special days in their order."""

    lines: dict[str, list[tuple[int, str]]]
    week: dict[str, str]
    special: list[tuple[date, date, str]]

    def name_type(self, day: date) -> str:
        """Return the type of a day."""
        names = [name for first, last, name in self.special if first <= day <= last]
        return names[-1] if names else self.week[day.strftime("%a")]

    def answer(self, at: datetime, free: list[str]) -> str:
        """Return whether there is class at a local time."""
        lines = self.lines.get(self.name_type(at.date()))
        if lines is None:
            return "cannot tell"
        minute = at.hour * 60 + at.minute
        for (begins, name), (ends, _) in pairwise(lines):
            if begins <= minute < ends and name and name.lower() not in {item.lower() for item in free}:
                words = re.findall(r"\w+", name.lower())
                starts = {" ".join(words[:count]) for count in range(1, len(words) + 1)}
                return "no" if starts & NO_CLASS else "yes"
        return "no"


def read_bells(folder: Path) -> Bells:
    """Read a folder whose files are sound."""
    lines: dict[str, list[tuple[int, str]]] = {}
    name = ""
    for text in (folder / "schedules.bell").read_text().splitlines():
        if heading := re.match(r"\*\s*([^\s#]+)", text):
            name = heading[1]
            lines[name] = []
        elif clock := re.match(r"\s*(\d+):(\d\d)\s*(.*)", text):
            minute = int(clock[1]) * 60 + int(clock[2])
            if lines[name] and minute < lines[name][-1][0]:
                minute += 720
            lines[name].append((minute, re.sub(r"[{}]", "", clock[3]).strip()))
    week, special = {}, []
    for text in (folder / "calendar.bell").read_text().splitlines():
        if usual := re.match(r"(Sun|Mon|Tue|Wed|Thu|Fri|Sat)\s+(\S+)", text):
            week[usual[1]] = usual[2]
        elif days := re.match(r"(\d+/\d+/\d+)(?:\s*-\s*(\d+/\d+/\d+))?\s+(\S+)", text):
            ends = [datetime.strptime(day, "%m/%d/%Y").replace(tzinfo=UTC).date() for day in days.groups()[:2] if day]
            special.append((ends[0], ends[-1], days[3]))
    return Bells(lines=lines, week=week, special=special)


def measure(*, runs: int = 3) -> dict[str, float | None]:
    """Return the CPU-seconds for class time (the smallest of `runs`), and how many moments are answered wrong."""
    if not BELLS.is_dir():
        return dict.fromkeys(GOALS)
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        spec_path = Path(folder) / "spec.json"
        rooms = write_spec(spec_path)
        wrong = count_wrong_moments(spec_path, rooms)
        spec = load_spec(spec_path)
        days = spec.list_days()
        seconds = []
        for _ in range(runs):
            begin = time.process_time()
            class_times = ClassTimes(spec)
            for room in spec.rooms:
                for day in days:
                    class_times.list_class(room, day)
            seconds.append(time.process_time() - begin)
    return {
        "rooms": len(rooms),
        "days": len(days),
        "moments": MOMENTS,
        "moments_wrong": wrong,
        "class_time_cpu_seconds": min(seconds),
    }


def write_spec(path: Path) -> dict[str, tuple[Path, list[str]]]:
    """Write a rollout of real schools; return the bell folder and free periods of each room."""
    chance = random.Random(2)
    folders = [folder for folder in sorted(BELLS.iterdir()) if _is_sound(folder, path)]
    schools, rooms = [], {}
    for number in range(SCHOOLS):
        folder = folders[number % len(folders)]
        names = sorted({name for lines in read_bells(folder).lines.values() for _, name in lines if name})
        schools.append({"id": f"s{number:02}", "bells": str(folder), "opens": "07:00", "closes": "17:00"})
        for room in range(ROOMS // SCHOOLS):
            rooms[f"s{number:02}-{room}"] = folder, chance.sample(names, min(2, len(names)))
    _write_document(path, schools, rooms)
    return rooms


def _is_sound(folder: Path, path: Path) -> bool:
    """Return True if Homeroom reads the folder: four of the fifty are links saved as text, one runs backwards."""
    _write_document(
        path, [{"id": "s00", "bells": str(folder), "opens": "07:00", "closes": "17:00"}], {"s00-1": (folder, [])}
    )
    try:
        load_spec(path)
    except FileRefused:
        return False
    return True


def _write_document(path: Path, schools: list[dict[str, str]], rooms: dict[str, tuple[Path, list[str]]]) -> None:
    document = {
        "zone": str(ZONE),
        "from": FIRST.isoformat(),
        "until": LAST.isoformat(),
        "schools": schools,
        "rooms": [
            {"id": name, "school": name.partition("-")[0], "minutes": 25, "free": free}
            for name, (_, free) in rooms.items()
        ],
        "team": [{"id": "kim", "works": {"mon": ["07:30", "15:30"]}}],
    }
    path.write_text(json.dumps(document))


def count_wrong_moments(spec_path: Path, rooms: dict[str, tuple[Path, list[str]]]) -> int:
    """Return how many moments at the edges of stretches are not answered as by the naive reader."""
    chance = random.Random(3)
    calendars = {folder: read_bells(folder) for folder, _ in rooms.values()}
    span = (LAST - FIRST).days + 1
    lines, expected = [], []
    while len(lines) < MOMENTS:
        name = chance.choice(list(rooms))
        folder, free = rooms[name]
        bells = calendars[folder]
        near = chance.choice(CLOCK_CHANGES) + timedelta(days=chance.randint(-3, 3))
        day = near if len(lines) % 4 == 0 else FIRST + timedelta(days=chance.randrange(span))
        edges = [minute for minute, _ in bells.lines.get(bells.name_type(day), [])] or [chance.randrange(1440)]
        minute = min(1439, max(0, chance.choice(edges) + chance.choice((-1, 0, 0, 1))))
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZONE)
        offset = chance.choice((UTC, ZONE, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-9))))
        lines.append((name, local.astimezone(offset).isoformat()))
        expected.append(bells.answer(local, free))
    path = spec_path.with_name("moments.csv")
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("room", "at"), *lines])
    answers = answer_moments(load_spec(spec_path), path).answers
    return sum(item.answer != right for item, right in zip(answers, expected, strict=True))
