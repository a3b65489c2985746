"""The files that the demo shows in the Privacy area: the same each time, and about students of the sample."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from homeroom.sample import generate_sample
from homeroom.sample.demo_privacy import write_demo_privacy

TODAY = date(2026, 1, 15)


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_files_are_the_same_each_time_and_name_students_of_the_roster(tmp_path: Path) -> None:
    generate_sample(tmp_path / "sample", students=500, seed=7, today=TODAY)
    first, second = (
        write_demo_privacy(tmp_path / name, sample=tmp_path / "sample", today=TODAY) for name in ("first", "second")
    )
    assert read_files(tmp_path / "first") == read_files(tmp_path / "second")
    with (tmp_path / "sample" / "oneroster" / "users.csv").open(encoding="utf-8", newline="") as file:
        numbers = {row["identifier"] for row in csv.DictReader(file)}
    assert {student.number for student in first.students} <= numbers
    with first.opt_outs.open(encoding="utf-8", newline="") as file:
        assert {row["student"] for row in csv.DictReader(file)} <= numbers
    assert second.drive.joinpath("Archive", "Enrollment backup.zip").is_file()
