"""What a board reads first: one score with its trend, what was fixed, and what is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.reports.board_summary import format_score
from homeroom.apps.comply.reports.html import build_trend_context, render_html
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import DistrictReport, ReportTrend
from homeroom.apps.protect.posture.models import Assessment, Member
from homeroom.apps.protect.posture.published.outcomes import count_fixed_since
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.protect.posture.published.score_history import DayScore
from tests.assessed_district import TODAY, change_members, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    """Publish two assessments of the cast's district, between which some members were fixed."""
    settings.DATA = tmp_path
    cast = create_cast()
    publish_assessments(cast.district, publish_evidence(tmp_path / "evidence", district=cast.district.slug))
    change_members(cast.district)
    return cast


def create_board_report(cast: Cast) -> DistrictReport:
    return build_report(district=cast.district, name="board", today=TODAY)


def build_score(low: float, high: float) -> DayScore:
    return DayScore(on=TODAY, assessment=1, low=low, high=high, measured=1, controls=9, cannot_tell=0)


def test_three_sentences_say_the_score_what_was_fixed_and_what_is_needed(cast: Cast) -> None:
    score, fixed, needs = create_board_report(cast).sentences
    assert score.startswith("Score: 9")
    assert "(100% of 9 checks measured); on Jan 14, 2026 it was 9" in score
    assert fixed == "4 problems on accounts, devices and settings were fixed in the last 3 months."
    assert needs.endswith("What devices will cost is unknown: no refresh plan was made.")
    assert needs.startswith("Needed: about ")


def test_the_score_is_the_only_measure_of_all_checks(cast: Cast) -> None:
    report = create_board_report(cast)
    assert "Checks fully passing" not in {figure.label for figure in report.figures}
    html = render_html(report).decode()
    assert report.sentences[0] in html
    assert html.count("<polyline") == 2
    assert 'role="img" aria-label="Score: 9' in html


def test_the_pdf_has_the_trend(cast: Cast) -> None:
    report = create_board_report(cast)
    assert report.trend is not None
    assert len(render_pdf(report)) > len(render_pdf(replace(report, trend=None)))


def test_a_day_before_the_quarter_does_not_count(cast: Cast) -> None:
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    count = count_fixed_since(district=cast.district, assessment=assessment, since=TODAY - timedelta(days=91))
    assert sum(count.values()) == Member.objects.of(cast.district).filter(why="fixed").count() == 4
    Assessment.objects.of(cast.district).filter(number=1).update(today=TODAY - timedelta(days=200))
    newest = count_fixed_since(district=cast.district, assessment=assessment, since=TODAY - timedelta(days=91))
    assert sum(newest.values()) == 3
    tomorrow = TODAY + timedelta(days=1)
    assert count_fixed_since(district=cast.district, assessment=assessment, since=tomorrow) == {}
    assert count_fixed_since(district=cast.next_district, assessment=assessment, since=TODAY) == {}


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.681, 0.744, "68–74%"), (0.5, 0.5, "50%"), (0.999, 1, "99–100%"), (0, 0.001, "0–1%"), (1, 1, "100%")],
)
def test_a_score_is_a_range_of_whole_percents(low: float, high: float, text: str) -> None:
    assert format_score(build_score(low, high)) == text


def test_before_a_second_day_there_is_no_trend() -> None:
    trend = ReportTrend(title="t", alt="a", days=(date(2026, 1, 5),), low=(0.5,), high=(0.6,))
    assert build_trend_context(trend) is None
    assert build_trend_context(None) is None
