"""How a district stood over days and stands by school, as judgements keep it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.posture.models import Assessment, ControlResult, SchoolResult
from homeroom.apps.posture.overall import every_control, met, over_time, overall
from homeroom.apps.posture.queries import Judgement, judgement, results
from homeroom.apps.posture.schools import in_school, schools
from tests.apps.posture.test_assess import AT, TODAY, Town
from tests.cast import gather
from tests.scene import evidence, judged

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_the_share_is_the_mean_over_controls_and_what_cannot_be_told_is_its_width(tmp_path: Path) -> None:
    district = gather().district
    judged(district, evidence(tmp_path, district=district.slug))
    of = judgement(district=district)
    assert of is not None
    stood, asked = overall(district=district, of=of), results(district=district, of=of)
    assert stood is not None
    assert (stood.low, stood.high) == pytest.approx((met(asked).low, met(asked).high))
    assert 0 < stood.low < stood.high < 1
    assert stood.measured == 1
    assert stood.failing == {"critical": 2, "high": 91, "medium": 27, "low": 44}


def test_a_control_that_could_judge_nobody_is_asked_and_not_measured(town: Town) -> None:
    town.resolved((1, None), (2, None))
    town.assessed()
    of = judgement(district=town.district)
    assert of is not None
    stood = overall(district=town.district, of=of)
    assert stood is not None
    assert (stood.low, stood.high, stood.measured, stood.controls) == (0, 1, 0, 1)


def past(district: Any, days: Sequence[date]) -> None:
    """A judgement on each of those days, under numbers from 1 on."""
    for number, day in enumerate(days, 1):
        Assessment.objects.create(
            district=district, number=number, at=AT, today=day, derived="1", controls="c", as_of=AT
        )
        ControlResult.objects.create(
            district=district, assessment=number, control="leaver-account", severity="high", population=100,
            passing=100 - number, failing=number, cannot_tell=0, excepted=0, not_applicable=0,
        )  # fmt: skip


def test_a_day_is_told_by_its_last_judgement_and_an_older_week_by_its_last_day(town: Town) -> None:
    past(town.district, [TODAY - timedelta(days=n) for n in (400, 59, 58, 57, 1, 1, 0)])
    of = Judgement(number=7, at=AT, today=TODAY, derived="1", as_of=AT)
    told = over_time(district=town.district, of=of)
    assert [(one.assessment, (TODAY - one.on).days) for one in told] == [(4, 57), (6, 1), (7, 0)]
    assert [one.failing["high"] for one in told] == [4, 6, 7]
    (line,) = every_control(district=town.district, of=of)
    assert line.failing == (4, 6, 7)
    assert over_time(district=town.next_district, of=of) == ()


def test_a_judgement_counts_by_school_and_keeps_only_the_newest_count(town: Town) -> None:
    town.resolved((1, False), (2, True), (3, None))
    town.assessed()
    town.resolved((1, True), (2, True), (3, None))
    town.assessed()
    of = judgement(district=town.district)
    assert of is not None
    assert {row.assessment for row in SchoolResult.objects.of(town.district)} == {2}
    (school,) = schools(district=town.district, of=of)
    assert (school.name, school.controls, school.failing, school.cannot_tell) == ("", 1, 0, 1)
    (result,) = in_school(district=town.district, of=of, school="")
    assert (result.numbers.passing, result.numbers.cannot_tell) == (2, 1)
    assert schools(district=town.next_district, of=of) == ()


def test_what_a_killed_run_counted_by_school_is_removed(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    SchoolResult.objects.create(
        district=town.district, assessment=2, school="", control="second-factor", passing=0, failing=9, cannot_tell=0,
        excepted=0,
    )  # fmt: skip
    town.assessed()
    assert [row.failing for row in SchoolResult.objects.of(town.district)] == [1]
