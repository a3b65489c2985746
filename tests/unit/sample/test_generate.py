"""Generation of a sample is repeatable, of the requested size, and refused where it would overwrite files."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from homeroom.sample import generate_sample
from homeroom.sample.plan.school_calendar import SampleCalendar, choose_today
from tests.unit.sample.exports import SampleExports

pytestmark = pytest.mark.scale


def _hash_files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("seed", [2, 3])
def test_the_same_seed_makes_the_same_bytes(tmp_path: Path, seed: int) -> None:
    generate_sample(tmp_path / "once", students=700, seed=seed)
    generate_sample(tmp_path / "twice", students=700, seed=seed)
    assert _hash_files(tmp_path / "once") == _hash_files(tmp_path / "twice")


def test_another_seed_makes_another_district(tmp_path: Path) -> None:
    generate_sample(tmp_path / "one", students=500, seed=1)
    generate_sample(tmp_path / "five", students=500, seed=5)
    same = {name for name, _ in _hash_files(tmp_path / "one").items() & _hash_files(tmp_path / "five").items()}
    assert not same & {"truth.json", "hr/staff.csv", "snipeit/assets.csv", "google/users.csv", "oneroster/users.csv"}


def test_it_says_what_it_made(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    sample = generate_sample(tmp_path, students=500, seed=1, progress=lambda *step: steps.append(step))
    exports = SampleExports(tmp_path)
    assert set(sample.files) | {sample.truth} == {path for path in tmp_path.rglob("*") if path.is_file()}
    assert sample.counts["google/users"] == len(exports.users)
    assert sample.counts["oneroster/users"] == len(exports.roster_users)
    assert sample.counts["snipeit/assets"] == len(exports.assets)
    assert sample.today.isoformat() == exports.truth["today"]
    assert steps[-1] == ("done", 500, 500)


@pytest.mark.parametrize("students", [500, 1300, 6000])
def test_sizes_follow_the_number_of_students(tmp_path: Path, students: int) -> None:
    sample = generate_sample(tmp_path, students=students, seed=6)
    graded = [row for row in SampleExports(tmp_path).roster_users if row["grades"]]
    assert len(graded) == students
    assert sample.counts["hr/staff"] == round(0.12 * students)
    assert 5.5 < sample.counts["oneroster/enrollments"] / students < 6.5
    assert 0.95 < sample.counts["google/chromeosdevices"] / students < 1.15
    schools = sample.counts["oneroster/orgs"] - 1
    assert students / 1000 < schools <= max(3, students / 300)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 24), date(2027, 7, 10), date(2027, 8, 5), date(2025, 9, 3), date(2028, 2, 29)]
)
def test_any_day_of_the_year_will_do(tmp_path: Path, today: date) -> None:
    sample = generate_sample(tmp_path, students=500, seed=7, today=today)
    assert sample.today == today
    controls = SampleExports(tmp_path).truth["controls"]
    without = {control for control in controls if not controls[control]["failing"]}
    assert without == ({"windows-10"} if today <= date(2025, 10, 14) else set())  # the day its updates ended


def test_some_seeds_fall_right_after_winter_break_and_others_do_not() -> None:
    days = [choose_today(seed) for seed in range(12)]
    after = [day for day in days if day.month == 1]
    assert 2 <= len(after) <= 6
    for day in days:
        assert SampleCalendar(day).is_school_day(day)
    assert all(SampleCalendar(day).device_over_break for day in after)


@pytest.mark.parametrize(("students", "seed"), [(499, 1), (1_000_001, 1), (500, -1)])
def test_a_size_or_seed_out_of_range_is_refused(tmp_path: Path, students: int, seed: int) -> None:
    with pytest.raises(ValueError, match="must"):
        generate_sample(tmp_path, students=students, seed=seed)


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not empty"):
        generate_sample(tmp_path, students=500, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]
