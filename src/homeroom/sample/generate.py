"""Generate the invented district: plan it, write each part in one pass, and write its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from homeroom.sample.devices.chromebooks import DeviceWriter
from homeroom.sample.devices.computers import ComputerWriter
from homeroom.sample.devices.network import NetworkWriter
from homeroom.sample.devices.unassigned_devices import UnassignedDeviceWriter
from homeroom.sample.district_records import DistrictRecords
from homeroom.sample.export_files import ExportFiles
from homeroom.sample.people.staff_accounts import StaffWriter
from homeroom.sample.people.students import StudentWriter
from homeroom.sample.plan.case_rates import MAX_STUDENTS, MIN_STUDENTS
from homeroom.sample.plan.district import DistrictPlan, assign_chromebook_cases, assign_student_cases, plan_district
from homeroom.sample.plan.school_calendar import SampleCalendar, choose_today
from homeroom.sample.plan.staff import Employee, plan_staff

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class GeneratedSample:
    """The result: exported files (without truth.json), records by name, and the path of truth.json."""

    files: tuple[Path, ...]
    counts: Mapping[str, int]
    truth: Path
    today: date


def generate_sample(
    folder: Path, *, students: int, seed: int, progress: Progress | None = None, today: date | None = None
) -> GeneratedSample:
    """Write an invented district's exports and truth.json into an empty or new folder.

    The same students, seed and today give the same files, byte for byte. `progress` receives (step, students done, all
    students). Raise ValueError for fewer than 500 or more than 1,000,000 students or a negative seed, and
    FileExistsError if the folder is not empty.
    """
    if not MIN_STUDENTS <= students <= MAX_STUDENTS:
        raise ValueError(f"students must be {MIN_STUDENTS:,} to {MAX_STUDENTS:,}, not {students:,}")
    if seed < 0:
        raise ValueError(f"the seed must not be negative, and {seed} is")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; the sample needs a folder of its own")
    district = plan_district(students=students, seed=seed, calendar=SampleCalendar(today or choose_today(seed)))
    return _write_district(folder, district, progress or _ignore_progress)


def _ignore_progress(step: str, done: int, total: int) -> None:
    """Ignore the progress."""


def _write_district(folder: Path, district: DistrictPlan, progress: Progress) -> GeneratedSample:
    exports = ExportFiles(folder, district)
    staff, students = plan_staff(district), assign_student_cases(district)
    records = DistrictRecords(folder=folder, district=district, exports=exports, staff=staff)
    devices = DeviceWriter(district=district, exports=exports, deck=assign_chromebook_cases(district, students))
    computers = ComputerWriter(devices=devices, staff=staff.employees)
    writer = StudentWriter(
        district=district,
        exports=exports,
        deck=students,
        devices=devices,
        computers=computers,
        employees=staff.employees,
    )
    for school in district.schools:
        progress("students", school.first, district.students)
        writer.write_school(school)
    progress("staff", district.students, district.students)
    StaffWriter(
        district=district, exports=exports, staff=staff, computers=computers, first_key_number=district.students + 1
    ).write_all()
    _write_class_teachers(exports, district, staff.employees)
    unassigned = UnassignedDeviceWriter(devices=devices)
    unassigned.write_carts()
    unassigned.write_spares()
    computers.write_shared_devices()
    NetworkWriter(devices=devices).write_all()
    records.write_all()
    files = exports.close()
    truth = _write_truth(folder, district, exports)
    progress("done", district.students, district.students)
    return GeneratedSample(
        files=tuple(files), counts=exports.count_records(), truth=truth, today=district.calendar.today
    )


def _write_class_teachers(exports: ExportFiles, district: DistrictPlan, employees: list[Employee]) -> None:
    """Write a class of their school for each teacher who is active in the roster."""
    teacher_counts = [0] * len(district.schools)
    for person in employees:
        if person.role != "teacher" or person.roster != "active" or person.school < 0:
            continue
        school, turn = district.schools[person.school], teacher_counts[person.school]
        teacher_counts[person.school] += 1
        exports.roster.write_enrollment(
            person=person.roster_key,
            school=school,
            grade=school.level.grades[turn % len(school.level.grades)],
            group=0,
            position=turn // len(school.level.grades) % exports.roster.per_student,
            role="teacher",
        )


def _write_truth(folder: Path, district: DistrictPlan, exports: ExportFiles) -> Path:
    path = folder / "truth.json"
    exports.truth.close()
    header = {
        "homeroom": "truth",
        "today": district.calendar.today.isoformat(),
        "students": district.students,
        "seed": district.seed,
        "counts": exports.count_records(),
    }
    exports.truth.write(path, header=header)
    return path
