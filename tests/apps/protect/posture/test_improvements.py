"""Improvements raise the overall score by exactly what closing them adds, ranked by gain per hour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from homeroom.apps.protect.posture.published.improvements import rank_improvements, serialize_improvements
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_control_results
from homeroom.apps.protect.posture.published.score_history import compute_score, get_overall_score
from tests.assessed_district import publish_assessments, publish_evidence
from tests.cast import Cast, create_cast


@pytest.fixture
def cast(db: None, tmp_path: Any, settings: Any) -> Cast:
    settings.DATA = tmp_path
    sample_cast = create_cast()
    publish_assessments(sample_cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    return sample_cast


def test_closing_what_fails_of_a_control_adds_what_was_promised(cast: Cast) -> None:
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    control_results = list_control_results(district=cast.district, assessment=assessment)
    improvements = rank_improvements(control_results)
    assert {candidate.check.id for candidate in improvements} == {
        candidate.control.id for candidate in control_results if candidate.numbers.failing
    }
    for candidate in improvements:
        closed = [
            replace(
                control_result,
                numbers=replace(
                    control_result.numbers,
                    failing=0,
                    passing=control_result.numbers.passing + control_result.numbers.failing,
                ),
            )
            if control_result.control.id == candidate.check.id
            else control_result
            for control_result in control_results
        ]
        assert compute_score(closed).low - compute_score(control_results).low == pytest.approx(candidate.gain)
    score = get_overall_score(district=cast.district, assessment=assessment)
    assert score is not None
    assert score.low == pytest.approx(compute_score(control_results).low)


def test_the_most_for_an_hour_comes_first_and_is_told_as_shares(cast: Cast) -> None:
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    improvements = serialize_improvements(
        rank_improvements(list_control_results(district=cast.district, assessment=assessment))
    )
    assert [improvement["gain_per_hour"] for improvement in improvements] == sorted(
        (improvement["gain_per_hour"] for improvement in improvements), reverse=True
    )
    assert all(0 < improvement["gain"] <= 1 and improvement["minutes"] > 0 for improvement in improvements)
