"""What the demo shows under Awareness: a term of phishing drills that were sent to the sample's staff.

The staff are those of a district that `generate_sample` wrote; what they do with a drill is invented, and so are the
machines that look at their mail.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from homeroom.sample.drills.behavior import Habits, send_drill, simulate_people
from homeroom.sample.drills.events import Drill, Recipient
from homeroom.sample.drills.formats.gophish import write_campaign
from homeroom.sample.drills.forwards import forward_to_technician
from homeroom.sample.drills.machines import (
    fetch_by_proxy,
    look_after_reports,
    scan_at_click,
    scan_at_delivery,
    scan_at_night,
)
from homeroom.sample.drills.near_misses import click_fast
from homeroom.sample.drills.noise import add_noise
from homeroom.sample.drills.people import invent_habits
from homeroom.sample.drills.vendors import PHONES, build_edge, draw_address

SEED: Final = 19
_EXITS: Final = ("203.0.113.10", "203.0.113.11")
_DRILLS: Final = (
    # lure, days before today, mean chance of a click, chance of a report
    ("Package at the front office", 74, 0.13, 0.16),
    ("Updated salary schedule", 46, 0.21, 0.2),
    ("Shared document", 18, 0.15, 0.27),
)
"""Three lures that differ, so that none of their shares says anything about another."""


@dataclass(frozen=True, kw_only=True)
class DemoDrills:
    """The files of the drills, and the days on which the term begins and ends."""

    files: tuple[Path, ...]
    begins: date
    ends: date


def write_demo_drills(folder: Path, *, sample: Path, today: date) -> DemoDrills:
    """Write a gophish campaign for each drill of the term. `sample` is the folder of a generated sample."""
    random = Random(SEED)  # noqa: S311  (invented people)
    people = _invent_staff(random, sample)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, (lure, days, clicks, reports) in enumerate(_DRILLS, start=1):
        launched = datetime.combine(today - timedelta(days=days), time(15, 10 * number), UTC)
        drill = Drill(
            name=f"{lure}, {launched:%B}",
            lure=lure,
            launched=launched,
            ends=launched + timedelta(days=8),
            people=people,
        )
        _run_drill(random, drill, Habits(clicks=clicks, reports=reports))
        path = folder / f"campaign-{number}.json"
        write_campaign(path, drill, number)
        files.append(path)
    return DemoDrills(
        files=tuple(files),
        begins=today - timedelta(days=_DRILLS[0][1] + 2),
        ends=today - timedelta(days=_DRILLS[-1][1] - 10),
    )


def _run_drill(random: Random, drill: Drill, habits: Habits) -> None:
    send_drill(random, drill)
    simulate_people(random, drill, habits)
    click_fast(random, drill)
    fetch_by_proxy(random, drill)
    scan_at_delivery(random, drill, share=0.4)
    scan_at_click(random, drill)
    scan_at_night(random, drill)
    look_after_reports(random, drill)
    forward_to_technician(random, drill, count=12, browser=build_edge("154"), address=_EXITS[0])
    add_noise(random, drill)


def _invent_staff(random: Random, sample: Path) -> Sequence[Recipient]:
    phones = [draw_address(random, PHONES) for _ in range(30)]
    with (sample / "hr" / "staff.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Status"] == "Active" and row["Email"]]
    return [invent_habits(random, row["Email"], "", exits=_EXITS, phones=phones, gmail=0.6) for row in rows]
