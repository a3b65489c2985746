"""Generate a fortnight: cast its stories, write the ordinary days around them, then files and truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from homeroom.sample.fortnights.background.google import GoogleRoutine
from homeroom.sample.fortnights.background.microsoft import MicrosoftRoutine
from homeroom.sample.fortnights.background.windows import WindowsRoutine
from homeroom.sample.fortnights.district.plan import FortnightDistrict, plan_fortnight
from homeroom.sample.fortnights.intrusions.catalog import choose_intrusions
from homeroom.sample.fortnights.lists import write_lists
from homeroom.sample.fortnights.logs.log_book import LogBook
from homeroom.sample.fortnights.logs.log_files import split_by_day, write_log_files
from homeroom.sample.fortnights.logs.vendors import VendorLogs
from homeroom.sample.fortnights.look_alikes.catalog import choose_look_alikes
from homeroom.sample.fortnights.story import Announcement, Scene, Story, StoryTeller
from homeroom.sample.fortnights.truth import write_truth

STAFF: Final = 60
STUDENTS: Final = 400


@dataclass(frozen=True, kw_only=True)
class GeneratedFortnight:
    """The result: folder of the lists, folder of the logs, the truth, and the number of records by log."""

    lists: Path
    logs: Path
    truth: Path
    counts: Mapping[str, int]


def generate_fortnight(
    folder: Path,
    *,
    seed: int,
    staff: int = STAFF,
    students: int = STUDENTS,
    with_intrusions: bool = True,
    by_day: bool = False,
) -> GeneratedFortnight:
    """Write the fortnight of a seed into an empty or new folder: lists/, logs/ and truth.json.

    The same seed and sizes give the same files, byte for byte. Without intrusions the ordinary days and the look-alikes
    remain. `by_day` writes the logs of each day into a folder of its own, such as logs/2026-10-05/. Raise
    FileExistsError if the folder is not empty, and ValueError for fewer than 50 employees or 100 students or for a
    negative seed.
    """
    if staff < 50 or students < 100 or seed < 0:
        raise ValueError(
            f"a fortnight needs 50 employees, 100 students and a seed from 0, not {staff}, {students}, {seed}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; a fortnight needs a folder of its own")
    district = plan_fortnight(seed=seed, staff=staff, students=students)
    book = LogBook(end=district.calendar.end)
    logs = VendorLogs(district, book)
    announcements: list[Announcement] = []
    look_alikes = _write_stories(district, logs, choose_look_alikes(seed), announcements)
    intrusions = _write_stories(district, logs, choose_intrusions(seed), announcements) if with_intrusions else []
    GoogleRoutine(district, logs.google).write_days()
    MicrosoftRoutine(district, logs).write_days()
    WindowsRoutine(district, logs.windows).write_days()
    book.close()
    write_lists(folder / "lists", district, announcements)
    if by_day:
        for day, entries in split_by_day(book, district.calendar).items():
            write_log_files(folder / "logs" / day.isoformat(), district, entries)
    else:
        write_log_files(folder / "logs", district, book.entries)
    truth = folder / "truth.json"
    write_truth(truth, district, book, intrusions=intrusions, look_alikes=look_alikes)
    return GeneratedFortnight(lists=folder / "lists", logs=folder / "logs", truth=truth, counts=book.count_records())


def _write_stories(
    district: FortnightDistrict,
    logs: VendorLogs,
    tellers: Sequence[StoryTeller],
    announcements: list[Announcement],
) -> list[Story]:
    return [
        tell(
            Scene(
                district=district,
                logs=logs,
                dice=district.create_dice(tell.__name__),
                announcements=announcements,
            )
        )
        for tell in tellers
    ]
