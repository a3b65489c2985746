"""Makes the invented district: plans it, writes each part in one pass, and says what is true of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from homeroom.sample.accounts import StaffWriter
from homeroom.sample.computers import Computers
from homeroom.sample.days import Calendar, today_of
from homeroom.sample.figures import FEWEST, MOST
from homeroom.sample.fleet import Fleet
from homeroom.sample.kept import Kept
from homeroom.sample.network import Network
from homeroom.sample.people import Employee, staff_of
from homeroom.sample.plan import District, chromebook_deck, district_of, pupil_deck
from homeroom.sample.pupils import PupilWriter
from homeroom.sample.shelves import Shelves
from homeroom.sample.sinks import Sinks

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was made: the exports (truth.json not among them), their records by name, and where the truth stands."""

    files: tuple[Path, ...]
    counts: Mapping[str, int]
    truth: Path
    today: date


def make(
    folder: Path, *, students: int, seed: int, progress: Progress | None = None, today: date | None = None
) -> Made:
    """Write an invented district's exports and truth.json into an empty or new folder.

    The same students, seed and today give the same files, byte for byte. `progress` hears (step, pupils done, pupils in
    all). Raises ValueError for fewer than 500 or more than 1,000,000 students or a negative seed, FileExistsError where
    the folder holds anything.
    """
    if not FEWEST <= students <= MOST:
        raise ValueError(f"students must be {FEWEST:,} to {MOST:,}, not {students:,}")
    if seed < 0:
        raise ValueError(f"the seed must not be negative, and {seed} is")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; the sample needs a folder of its own")
    district = district_of(students=students, seed=seed, calendar=Calendar(today or today_of(seed)))
    return _written(folder, district, progress or _silent)


def _silent(step: str, done: int, total: int) -> None:
    """Nobody listens."""


def _written(folder: Path, district: District, progress: Progress) -> Made:
    sinks = Sinks(folder, district)
    staff, pupils = staff_of(district), pupil_deck(district)
    kept = Kept(folder=folder, district=district, sinks=sinks, staff=staff)
    fleet = Fleet(district=district, sinks=sinks, deck=chromebook_deck(district, pupils))
    computers = Computers(fleet=fleet, staff=staff.employees)
    writer = PupilWriter(
        district=district, sinks=sinks, deck=pupils, fleet=fleet, computers=computers, employees=staff.employees
    )
    for school in district.schools:
        progress("pupils", school.first, district.students)
        writer.school(school)
    progress("staff", district.students, district.students)
    StaffWriter(
        district=district, sinks=sinks, staff=staff, computers=computers, first=district.students + 1
    ).everyone()
    _teaching(sinks, district, staff.employees)
    shelves = Shelves(fleet=fleet)
    shelves.carts()
    shelves.spares()
    computers.shared()
    Network(fleet=fleet).everything()
    kept.everything()
    files = sinks.close()
    truth = _truth(folder, district, sinks)
    progress("done", district.students, district.students)
    return Made(files=tuple(files), counts=sinks.counts(), truth=truth, today=district.calendar.today)


def _teaching(sinks: Sinks, district: District, employees: list[Employee]) -> None:
    """Each teacher has a class of their school, so far as the roster carries them now."""
    turns = [0] * len(district.schools)
    for person in employees:
        if person.role != "teacher" or person.roster != "active" or person.school < 0:
            continue
        school, turn = district.schools[person.school], turns[person.school]
        turns[person.school] += 1
        sinks.roster.enrollment(
            person=person.roster_key,
            school=school,
            grade=school.level.grades[turn % len(school.level.grades)],
            group=0,
            place=turn // len(school.level.grades) % sinks.roster.per_pupil,
            role="teacher",
        )


def _truth(folder: Path, district: District, sinks: Sinks) -> Path:
    path = folder / "truth.json"
    sinks.truth.close()
    head = {
        "homeroom": "truth",
        "today": district.calendar.today.isoformat(),
        "students": district.students,
        "seed": district.seed,
        "counts": sinks.counts(),
    }
    sinks.truth.write(path, head=head)
    return path
