"""Open findings over weeks, and what moved the score without anybody's work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.apps.protect.posture.models import Assessment, ControlResult
from homeroom.apps.protect.posture.published.finding_history import list_finding_history
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.published.score_history import DayScore, list_score_history
from homeroom.apps.protect.posture.published.score_notes import list_score_notes
from homeroom.domain.platform.district import District
from tests.apps.protect.posture.test_assess import AT, TODAY, AccountDistrict

ASSESSMENT = AssessmentRef(number=4, at=AT, today=TODAY, derived="1", as_of=AT)


@pytest.fixture
def town(tmp_path: Path) -> AccountDistrict:
    return AccountDistrict(tmp_path)


def create_result(district: District, number: int, control: str, severity: str, failing: int) -> None:
    ControlResult.objects.create(
        district=district, assessment=number, control=control, severity=severity, population=10,
        passing=10 - failing, failing=failing, cannot_tell=0, excepted=0, not_applicable=0,
    )  # fmt: skip


def create_history(district: District, *days: date) -> None:
    """Create assessments with one critical finding of as many subjects as their number, and one that is fixed."""
    for number, day in enumerate(days, 1):
        Assessment.objects.create(
            district=district, number=number, at=AT, today=day, derived="1", controls="c", as_of=AT
        )
        create_result(district, number, "leaver-account", "critical", number)
        create_result(district, number, "staff-second-factor", "high", 3 if number == 1 else 0)


@pytest.mark.django_db
def test_findings_are_counted_once_and_what_they_affect_beside_them(town: AccountDistrict) -> None:
    create_history(town.district, *(TODAY - timedelta(days=n) for n in (15, 8, 1, 0)))
    history = list_finding_history(district=town.district, assessment=ASSESSMENT)
    assert [(day.findings["critical"], day.findings["high"]) for day in history] == [(1, 1), (1, 0), (1, 0), (1, 0)]
    assert [day.severe_affected for day in history] == [4, 2, 3, 4]
    assert list_finding_history(district=town.next_district, assessment=ASSESSMENT) == ()


@pytest.mark.django_db
def test_the_trend_begins_twelve_weeks_ago(town: AccountDistrict) -> None:
    create_history(town.district, *(TODAY - timedelta(days=n) for n in (85, 84, 40, 0)))
    history = list_finding_history(district=town.district, assessment=ASSESSMENT)
    assert [(TODAY - day.on).days for day in history] == [84, 40, 0]


@pytest.mark.django_db
def test_the_score_of_an_area_is_that_of_its_controls(town: AccountDistrict) -> None:
    create_history(town.district, *(TODAY - timedelta(days=n) for n in (3, 2, 1, 0)))
    identity = list_score_history(district=town.district, assessment=ASSESSMENT, area="identity")
    assert [day.controls for day in identity] == [2, 2, 2, 2]
    assert list_score_history(district=town.district, assessment=ASSESSMENT, area="backups") == ()


def build_score(on: date, controls: int) -> DayScore:
    return DayScore(on=on, assessment=1, low=0.5, high=0.6, measured=1, controls=controls, cannot_tell=0)


def test_notes_are_new_checks_and_systems_loaded_after_the_first_day() -> None:
    days = [build_score(date(2026, 1, day), controls) for day, controls in ((5, 10), (7, 12), (9, 12), (12, 11))]
    loads = [
        ("google", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("fleet", datetime(2026, 1, 8, 12, tzinfo=UTC)),
        ("fleet", datetime(2026, 1, 11, 12, tzinfo=UTC)),
        ("nessus", datetime(2026, 1, 13, 12, tzinfo=UTC)),
    ]
    notes = list_score_notes(days, loads=loads, timezone="America/Chicago")
    assert [(note.on.day, note.checks, note.fewer_checks, note.sources) for note in notes] == [
        (7, 2, 0, ()),
        (9, 0, 0, ("fleet",)),
        (12, -1, 1, ()),
    ]


def test_a_load_late_in_the_evening_counts_on_the_day_of_the_district() -> None:
    days = [build_score(date(2026, 1, 5), 10), build_score(date(2026, 1, 6), 10)]
    loads = [("fleet", datetime(2026, 1, 6, 3, tzinfo=UTC))]
    assert list_score_notes(days, loads=loads, timezone="America/Chicago") == ()
    assert len(list_score_notes(days, loads=loads, timezone="UTC")) == 1
