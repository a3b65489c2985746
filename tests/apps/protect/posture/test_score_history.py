"""A district's scores over days and by school, as assessments store them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from homeroom.apps.protect.posture.models import Assessment, ControlResult, SchoolResult
from homeroom.apps.protect.posture.published.by_school import list_school_results, list_school_scores
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    get_published_assessment,
    list_control_results,
)
from homeroom.apps.protect.posture.published.score_history import (
    compute_score,
    get_overall_score,
    list_control_trends,
    list_score_history,
)
from homeroom.domain.platform.district import District
from tests.apps.protect.posture.test_assess import AT, TODAY, AccountDistrict
from tests.assessed_district import publish_assessments, publish_evidence
from tests.cast import create_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(tmp_path: Path) -> AccountDistrict:
    return AccountDistrict(tmp_path)


def test_the_share_is_the_mean_over_controls_and_what_cannot_be_told_is_its_width(tmp_path: Path) -> None:
    district = create_cast().district
    publish_assessments(district, publish_evidence(tmp_path, district=district.slug))
    assessment = get_published_assessment(district=district)
    assert assessment is not None
    score, control_results = (
        get_overall_score(district=district, assessment=assessment),
        list_control_results(district=district, assessment=assessment),
    )
    assert score is not None
    assert (score.low, score.high) == pytest.approx(
        (compute_score(control_results).low, compute_score(control_results).high)
    )
    assert 0 < score.low < score.high < 1
    assert score.measured == 1
    assert score.failing == {"critical": 2, "high": 91, "medium": 27, "low": 44}


def test_a_control_that_could_judge_nobody_is_asked_and_not_measured(town: AccountDistrict) -> None:
    town.publish_accounts((1, None), (2, None))
    town.run_assess()
    assessment = get_published_assessment(district=town.district)
    assert assessment is not None
    score = get_overall_score(district=town.district, assessment=assessment)
    assert score is not None
    assert (score.low, score.high, score.measured, score.controls) == (0, 1, 0, 1)


def create_assessments(district: District, days: Sequence[date]) -> None:
    """Create an assessment on each of those days, with numbers from 1 on."""
    for number, day in enumerate(days, 1):
        Assessment.objects.create(
            district=district, number=number, at=AT, today=day, derived="1", controls="c", as_of=AT
        )
        ControlResult.objects.create(
            district=district, assessment=number, control="leaver-account", severity="high", population=100,
            passing=100 - number, failing=number, cannot_tell=0, excepted=0, not_applicable=0,
        )  # fmt: skip


def test_a_day_is_told_by_its_last_judgment_and_an_older_week_by_its_last_day(town: AccountDistrict) -> None:
    create_assessments(town.district, [TODAY - timedelta(days=n) for n in (400, 59, 58, 57, 1, 1, 0)])
    assessment = AssessmentRef(number=7, at=AT, today=TODAY, derived="1", as_of=AT)
    history = list_score_history(district=town.district, assessment=assessment)
    assert [(day_score.assessment, (TODAY - day_score.on).days) for day_score in history] == [(4, 57), (6, 1), (7, 0)]
    assert [day_score.failing["high"] for day_score in history] == [4, 6, 7]
    (line,) = list_control_trends(district=town.district, assessment=assessment)
    assert line.failing == (4, 6, 7)
    assert list_score_history(district=town.next_district, assessment=assessment) == ()


def test_a_judgment_counts_by_school_and_keeps_only_the_newest_count(town: AccountDistrict) -> None:
    town.publish_accounts((1, False), (2, True), (3, None))
    town.run_assess()
    town.publish_accounts((1, True), (2, True), (3, None))
    town.run_assess()
    assessment = get_published_assessment(district=town.district)
    assert assessment is not None
    assert {row.assessment for row in SchoolResult.objects.of(town.district)} == {2}
    (school,) = list_school_scores(district=town.district, assessment=assessment)
    assert (school.name, school.controls, school.failing, school.cannot_tell) == ("", 1, 0, 1)
    (result,) = list_school_results(district=town.district, assessment=assessment, school="")
    assert (result.numbers.passing, result.numbers.cannot_tell) == (2, 1)
    assert list_school_scores(district=town.next_district, assessment=assessment) == ()


def test_what_a_killed_run_counted_by_school_is_removed(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    SchoolResult.objects.create(
        district=town.district, assessment=2, school="", control="second-factor", passing=0, failing=9, cannot_tell=0,
        excepted=0,
    )  # fmt: skip
    town.run_assess()
    assert [row.failing for row in SchoolResult.objects.of(town.district)] == [1]
