"""The bell schedule of one school: the schedule of each day, and the class times of each schedule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.person_names import convert_to_ascii
from homeroom.sample.plan.school_calendar import ClosedDays

_WEEK: Final = """\
* Default Week
Sun weekend
Mon normal
Tue normal
Wed early-release
Thu normal
Fri normal
Sat weekend

* Special Days
"""
_SCHEDULES: Final = """\
* normal # Normal Schedule
8:10 Passing to {Period 1}
8:15 {Period 1}
9:10 {Period 2}
10:05 Break
10:20 {Period 3}
11:15 Lunch
11:55 {Period 4}
12:50 {Period 5}
13:45 {Period 6}
14:40 Free

* early-release # Early Release
8:15 {Period 1}
8:55 {Period 2}
9:35 {Period 3}
10:15 {Period 4}
10:55 {Period 5}
11:35 {Period 6}
12:15 Free

* weekend # Weekend

* holiday # Holiday
"""


def write_bell_schedule(folder: Path, district: DistrictPlan) -> list[Path]:
    """Write the bundle of the district's last school, a high school."""
    school = district.schools[-1]
    target = folder / convert_to_ascii(school.name)
    target.mkdir(parents=True, exist_ok=True)
    days = "".join(f"{_format_span(closed)} holiday # {closed.title}\n" for closed in district.calendar.closed)
    about = {"name": school.name, "periods": [f"Period {number}" for number in range(1, 7)]}
    texts = {
        "calendar.bell": _WEEK + days,
        "schedules.bell": _SCHEDULES,
        "meta.json": json.dumps(about, indent=4, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    return [target / name for name in texts]


def _format_span(closed: ClosedDays) -> str:
    first, last = (f"{day:%m/%d/%Y}" for day in (closed.first, closed.last))
    return first if first == last else f"{first}-{last}"
