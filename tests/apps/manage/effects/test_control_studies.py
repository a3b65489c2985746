"""What a start changed in a control, from the weeks that assessments store by school."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.apps.manage.effects.control_studies import NoWeeks, estimate_control_effect
from homeroom.apps.protect.posture.assess.publisher import write_control_weeks
from homeroom.apps.protect.posture.models import ControlWeek, SchoolResult
from homeroom.apps.protect.posture.published.control_weeks import list_control_weeks
from homeroom.cli.main import build_app
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import FileRefused
from tests.apps.protect.posture.test_assess import TODAY, AccountDistrict
from tests.cast import create_cast

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 8, 3)
SCHOOLS = tuple(f"School {number}" for number in range(10))
STARTS = {school: MONDAY + timedelta(weeks=8 + number) for number, school in enumerate(SCHOOLS[:6])}


def store_weeks(district: District, *, effect: int) -> None:
    """Store 20 weeks of a control in ten schools of 100 accounts; a start closes some findings."""
    for number in range(20):
        week = MONDAY + timedelta(weeks=number)
        counts = {}
        for place, school in enumerate(SCHOOLS):
            failing = 40 + place + (number * 7 + place * 5) % 4
            failing -= effect if school in STARTS and STARTS[school] <= week else 0
            counts[school] = [100 - failing, failing]
        ControlWeek.objects.create(district=district, week=week, control="second-factor", schools=counts)


def write_starts(folder: Path, extra: str = "") -> Path:
    path = folder / "started.csv"
    rows = "".join(f"{school},{day}\n" for school, day in STARTS.items())
    path.write_text(f"school,started\n{rows}{extra}", encoding="utf-8")
    return path


def test_the_share_that_fails_is_lower_where_a_school_started(tmp_path: Path) -> None:
    district = create_cast().district
    store_weeks(district, effect=15)
    effect = estimate_control_effect(write_starts(tmp_path), control="second-factor", district=district)
    assert effect.verdict == "lower"
    assert effect.estimate == pytest.approx(-0.15, abs=0.02)
    assert effect.schools == 10


def test_weeks_of_another_district_are_not_seen(tmp_path: Path) -> None:
    cast = create_cast()
    store_weeks(cast.district, effect=15)
    with pytest.raises(NoWeeks, match="homeroom assess first"):
        estimate_control_effect(write_starts(tmp_path), control="second-factor", district=cast.next_district)
    with pytest.raises(NoWeeks, match="one of second-factor would fit"):
        estimate_control_effect(write_starts(tmp_path), control="second-facto", district=cast.district)


@pytest.mark.parametrize(
    ("row", "field"),
    [("Shool 3,2026-10-05", "school"), ("School 1,2026-10-05", "school"), ("School 9,soon", "started")],
)
def test_a_start_that_does_not_fit_is_refused(tmp_path: Path, row: str, field: str) -> None:
    district = create_cast().district
    store_weeks(district, effect=0)
    with pytest.raises(FileRefused) as refusal:
        estimate_control_effect(write_starts(tmp_path, f"{row}\n"), control="second-factor", district=district)
    (problem,) = refusal.value.problems
    assert (problem.line, problem.field) == (8, field)
    assert problem.fits


def create_result(district: District, *, assessment: int, school: str, failing: int) -> None:
    """Create the counts of a school in an assessment."""
    SchoolResult.objects.create(
        district=district, assessment=assessment, school=school, control="second-factor", passing=10 - failing,
        failing=failing, cannot_tell=1, excepted=0,
    )  # fmt: skip


def test_a_week_is_that_of_its_last_assessment_and_old_weeks_go() -> None:
    district = create_cast().district
    for assessment, failing in ((1, 4), (2, 3)):
        create_result(district, assessment=assessment, school="Oak", failing=failing)
        create_result(district, assessment=assessment, school="", failing=9)
    wednesday = date(2026, 8, 5)
    write_control_weeks(district=district, number=1, today=wednesday)
    write_control_weeks(district=district, number=2, today=wednesday + timedelta(days=2))
    (week,) = list_control_weeks(district=district, control="second-factor")
    assert (week.week, week.schools) == (MONDAY, {"Oak": (7, 3)})
    write_control_weeks(district=district, number=2, today=wednesday + timedelta(weeks=107))
    assert [item.week for item in list_control_weeks(district=district, control="second-factor")] == [
        MONDAY + timedelta(weeks=107)
    ]


def test_an_assessment_stores_its_week(tmp_path: Path) -> None:
    town = AccountDistrict(tmp_path)
    town.publish_accounts((1, False), (2, True), school="Oak")
    town.run_assess()
    town.publish_accounts((1, True), (2, True), school="Oak")
    town.run_assess()
    (week,) = list_control_weeks(district=town.district, control="second-factor")
    assert (week.week, week.schools) == (TODAY - timedelta(days=TODAY.weekday()), {"Oak": (2, 0)})


@pytest.mark.parametrize("arguments", [[], ["panel.csv", "--control", "second-factor"], ["--control", "second-factor"]])
def test_a_question_that_is_not_complete_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(build_app(), ["effect", *arguments, "--json"])
    assert result.exit_code == 2
    assert "--control ID with --started FILE" in " ".join(result.output.split())
    assert json.loads(result.stdout)["exit_code"] == 2
