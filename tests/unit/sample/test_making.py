"""Making a district: the same every time, of the size asked for, and refused where it would do harm."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from homeroom.sample import make
from homeroom.sample.days import Calendar, today_of
from tests.unit.sample.exports import Exports

pytestmark = pytest.mark.scale


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("seed", [2, 3])
def test_the_same_seed_makes_the_same_bytes(tmp_path: Path, seed: int) -> None:
    make(tmp_path / "once", students=700, seed=seed)
    make(tmp_path / "twice", students=700, seed=seed)
    assert _digests(tmp_path / "once") == _digests(tmp_path / "twice")


def test_another_seed_makes_another_district(tmp_path: Path) -> None:
    make(tmp_path / "one", students=500, seed=1)
    make(tmp_path / "five", students=500, seed=5)
    same = {name for name, _ in _digests(tmp_path / "one").items() & _digests(tmp_path / "five").items()}
    assert not same & {"truth.json", "hr/staff.csv", "snipeit/assets.csv", "google/users.csv", "oneroster/users.csv"}


def test_it_says_what_it_made(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    made = make(tmp_path, students=500, seed=1, progress=lambda *step: heard.append(step))
    exports = Exports(tmp_path)
    assert set(made.files) | {made.truth} == {path for path in tmp_path.rglob("*") if path.is_file()}
    assert made.counts["google/users"] == len(exports.users)
    assert made.counts["oneroster/users"] == len(exports.roster_users)
    assert made.counts["snipeit/assets"] == len(exports.assets)
    assert made.today.isoformat() == exports.truth["today"]
    assert heard[-1] == ("done", 500, 500)


@pytest.mark.parametrize("students", [500, 1300, 6000])
def test_sizes_follow_the_number_of_pupils(tmp_path: Path, students: int) -> None:
    made = make(tmp_path, students=students, seed=6)
    pupils = [row for row in Exports(tmp_path).roster_users if row["grades"]]
    assert len(pupils) == students
    assert made.counts["hr/staff"] == round(0.12 * students)
    assert 5.5 < made.counts["oneroster/enrollments"] / students < 6.5
    assert 0.95 < made.counts["google/chromeosdevices"] / students < 1.15
    schools = made.counts["oneroster/orgs"] - 1
    assert students / 1000 < schools <= max(3, students / 300)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 24), date(2027, 7, 10), date(2027, 8, 5), date(2025, 9, 3), date(2028, 2, 29)]
)
def test_any_day_of_the_year_will_do(tmp_path: Path, today: date) -> None:
    made = make(tmp_path, students=500, seed=7, today=today)
    assert made.today == today
    controls = Exports(tmp_path).truth["controls"]
    without = {control for control in controls if not controls[control]["failing"]}
    assert without == ({"windows-10"} if today <= date(2025, 10, 14) else set())  # the day its updates ended


def test_some_seeds_fall_right_after_winter_break_and_others_do_not() -> None:
    days = [today_of(seed) for seed in range(12)]
    after = [day for day in days if day.month == 1]
    assert 2 <= len(after) <= 6
    for day in days:
        assert Calendar(day).is_school(day)
    assert all(Calendar(day).device_over_break for day in after)


@pytest.mark.parametrize(("students", "seed"), [(499, 1), (1_000_001, 1), (500, -1)])
def test_a_size_or_seed_out_of_range_is_refused(tmp_path: Path, students: int, seed: int) -> None:
    with pytest.raises(ValueError, match="must"):
        make(tmp_path, students=students, seed=seed)


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not empty"):
        make(tmp_path, students=500, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]
