"""The demo's term of drills: sent to the staff of the sample, and mostly clicked by machines."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from homeroom.apps.teach.awareness.judged_drills import JudgedDrills, judge_paths
from homeroom.sample.demo_awareness import write_demo_drills

TODAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> JudgedDrills:
    folder = tmp_path_factory.mktemp("demo-drills")
    (folder / "sample" / "hr").mkdir(parents=True)
    _write_staff(folder / "sample" / "hr" / "staff.csv")
    drills = write_demo_drills(folder / "drills", sample=folder / "sample", today=TODAY)
    return judge_paths(drills.files)


def _write_staff(path: Path) -> None:
    rows = [(f"teacher{number}@maple.example", "Active" if number % 5 else "Terminated") for number in range(200)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Email", "Status"))
        writer.writerows(rows)


def test_the_term_has_three_lures_sent_to_the_staff_who_work_here(term: JudgedDrills) -> None:
    assert len({result.drill for result in term.results}) == 3
    assert {result.people for result in term.results} == {160}
    assert not term.problems


def test_most_people_with_a_click_did_not_click_themselves(term: JudgedDrills) -> None:
    for result in term.results:
        assert result.missed.people * 2 < result.raw
        assert result.removed > result.people
