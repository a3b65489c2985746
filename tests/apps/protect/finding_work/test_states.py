"""What is done holds until newer data was assessed: what fails then is open again, and so is what came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.protect.finding_work.commands import InvalidWork, WorkChange, build_work_scope, change_work
from homeroom.apps.protect.finding_work.queries import get_progress, list_work_entries, load_row_states
from homeroom.apps.protect.posture.models import Assessment, FindingResult, Member, PublishedAssessment
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    OpenFinding,
    get_published_assessment,
    list_open_findings,
)
from tests.assessed_district import ASSESSED_AT, TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("unique work of a row")]
AT = datetime(2026, 1, 15, 13, tzinfo=UTC)
CONTROL = "windows-10"


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    sample_cast = create_cast()
    publish_assessments(sample_cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    return sample_cast


def load_assessment(cast: Cast) -> AssessmentRef:
    assessment = get_published_assessment(district=cast.district)
    assert assessment
    return assessment


def find_finding(cast: Cast, control: str = CONTROL) -> OpenFinding:
    (finding,) = list_open_findings(district=cast.district, assessment=load_assessment(cast), control=control)
    return finding


def list_subjects(cast: Cast, finding: OpenFinding) -> list[int]:
    members = Member.objects.of(cast.district).filter(finding_id=finding.id, closed=None)
    return list(members.order_by("pk").values_list("subject", flat=True))


def apply_act(cast: Cast, act: str, *, subjects: Sequence[int] = (), actor: str = "technician", **values: Any) -> None:
    scope = build_work_scope(
        district=cast.district, assessment=load_assessment(cast), finding=find_finding(cast), subjects=subjects
    )
    change_work(
        district=cast.district,
        at=AT,
        today=TODAY,
        actor=actor,
        scope=scope,
        change=WorkChange(act=act, **values),
    )


def publish_next(cast: Cast, *, as_of: datetime) -> None:
    """Publish a further assessment over the same members, with data as new as `as_of`."""
    assessment = load_assessment(cast)
    number = assessment.number + 1
    Assessment(
        district_id=cast.district.pk,
        number=number,
        at=as_of,
        today=as_of.date(),
        derived=assessment.derived,
        controls="",
        as_of=as_of,
    ).save()
    for row in FindingResult.objects.of(cast.district).filter(assessment=assessment.number):
        row.pk, row.assessment = None, number
        row.save()
    PublishedAssessment.objects.filter(district_id=cast.district.pk).update(assessment=number)


def get_states(cast: Cast, subjects: Sequence[int], *, today: date = TODAY) -> list[str]:
    states = load_row_states(
        district=cast.district,
        assessment=load_assessment(cast),
        finding=find_finding(cast),
        subjects=subjects,
        today=today,
    )
    return [states[subject].state for subject in subjects]


def get_finding_state_name(cast: Cast, *, today: date = TODAY) -> str:
    return get_progress(
        district=cast.district, assessment=load_assessment(cast), finding=find_finding(cast), today=today
    ).state.state


def test_the_state_of_a_finding_is_that_of_its_rows_without_an_own_one(cast: Cast) -> None:
    first, *others = list_subjects(cast, find_finding(cast))
    apply_act(cast, "start")
    apply_act(cast, "snooze", subjects=[first], until=TODAY + timedelta(days=9))
    assert get_states(cast, [first, *others]) == ["snoozed", *["in progress"] * len(others)]


def test_work_that_is_done_is_reopened_once_newer_data_still_fails(cast: Cast) -> None:
    first, second, *_ = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done", subjects=[first])
    publish_next(cast, as_of=ASSESSED_AT)
    assert get_states(cast, [first, second]) == ["done", "open"]
    publish_next(cast, as_of=AT + timedelta(days=1))
    assert get_states(cast, [first, second]) == ["reopened", "open"]


def test_a_finding_that_is_done_is_reopened_once_newer_data_still_fails(cast: Cast) -> None:
    apply_act(cast, "done")
    assert get_finding_state_name(cast) == "done"
    publish_next(cast, as_of=AT + timedelta(days=1))
    assert get_finding_state_name(cast) == "reopened"


def test_a_row_that_no_source_saw_since_stays_done(cast: Cast) -> None:
    first, *_ = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done", subjects=[first])
    Member.objects.of(cast.district).filter(subject=first).update(not_seen_since=TODAY)
    publish_next(cast, as_of=AT + timedelta(days=1))
    assert get_states(cast, [first]) == ["done"]


def test_a_row_that_was_fixed_and_comes_back_is_reopened(cast: Cast) -> None:
    finding = find_finding(cast)
    first, *_ = list_subjects(cast, finding)
    apply_act(cast, "done", subjects=[first])
    row = Member.objects.of(cast.district).filter(finding_id=finding.id, subject=first).get()
    publish_next(cast, as_of=AT + timedelta(days=1))
    row.closed, row.why = load_assessment(cast).number, "fixed"
    row.save()
    assert (
        load_row_states(
            district=cast.district, assessment=load_assessment(cast), finding=finding, subjects=[first], today=TODAY
        )
        == {}
    )
    publish_next(cast, as_of=AT + timedelta(days=2))
    row.pk, row.closed, row.why, row.opened = None, None, "", load_assessment(cast).number
    row.save()
    assert get_states(cast, [first]) == ["reopened"]


def test_what_is_snoozed_comes_back_on_its_day(cast: Cast) -> None:
    day = TODAY + timedelta(days=3)
    apply_act(cast, "snooze", until=day)
    assert [get_finding_state_name(cast, today=day - timedelta(days=1)), get_finding_state_name(cast, today=day)] == [
        "snoozed",
        "open",
    ]


def test_what_is_set_for_the_finding_replaces_what_its_rows_had(cast: Cast) -> None:
    first, *others = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done", subjects=[first])
    apply_act(cast, "reopen")
    assert set(get_states(cast, [first, *others])) == {"open"}


@pytest.mark.parametrize(
    ("act", "values", "problem"),
    [
        ("assign", {"person": "auditor"}, "your team"),
        ("assign", {}, "your team"),
        ("snooze", {"until": TODAY}, "from tomorrow"),
        ("snooze", {"until": TODAY + timedelta(days=367)}, "a year from now"),
        ("note", {"note": "  "}, "Write the note"),
        ("note", {"note": "x" * 4_001}, "4,000"),
        ("burn", {}, "Choose what to do"),
    ],
)
def test_an_act_that_is_not_possible_says_what_is(cast: Cast, act: str, values: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidWork, match=problem):
        apply_act(cast, act, **values)
    assert list_work_entries(district=cast.district, finding=find_finding(cast)) == ()
