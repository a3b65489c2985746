"""A small rollout as a folder: two schools with bells, four rooms, two people."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

CALENDAR = """* Default Week
Sun weekend
Mon normal
Tue normal
Wed short
Thu normal
Fri normal
Sat weekend

* Special Days
11/11/2025 holiday # Veterans Day
10/20/2025-10/22/2025 holiday
10/17/2025 finals-fri
10/16/2025 mystery
"""
SCHEDULES = """* weekend
* holiday
* normal
8:00 {Period 1}
8:50 Passing to {Period 2}
8:55 {Period 2}
9:45 Lunch
10:20 {Period 3}
11:10 Free

* short
8:00 {Period 1}
8:30 Free

* finals-fri
8:00 Exam Block
10:00 Free
"""
SPEC: dict[str, Any] = {
    "rollout": "Swap every cart",
    "zone": "America/Los_Angeles",
    "from": "2025-10-13",
    "until": "2025-10-31",
    "grid": 5,
    "walk": 5,
    "class_time": "never",
    "schools": [
        {"id": "s01", "bells": "bells", "opens": "07:00", "closes": "17:00", "no_visits": {"types": ["*FINALS*"]}},
        {"id": "s02", "bells": "bells", "opens": "07:00", "closes": "17:00", "closed": ["2025-10-14..2025-10-15"]},
    ],
    "rooms": [
        {"id": "101", "school": "s01", "minutes": 25, "free": ["period 2"], "devices": 30},
        {"id": "102", "school": "s01", "minutes": 30, "hands": 2},
        {"id": "201", "school": "s02", "minutes": 25, "after": "2025-10-13"},
        {"id": "202", "school": "s02", "minutes": 25, "not_on": ["2025-10-13"]},
    ],
    "team": [
        {"id": "kim", "works": {day: ["07:30", "15:30"] for day in ("mon", "tue", "wed", "thu", "fri")}},
        {"id": "lee", "works": {"mon": ["08:00", "12:00"], "thu": ["08:00", "12:00"]}, "away": ["2025-10-16"]},
    ],
    "travel": {"default": 30, "s01": {"s02": 10}},
}


def write_spec(folder: Path, **changes: Any) -> Path:
    """Write the spec, with some of its parts changed (None removes one), and its bells; return its path."""
    bells = folder / "bells"
    bells.mkdir(exist_ok=True)
    (bells / "calendar.bell").write_text(CALENDAR)
    (bells / "schedules.bell").write_text(SCHEDULES)
    document = deepcopy(SPEC) | changes
    path = folder / "spec.json"
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return path
