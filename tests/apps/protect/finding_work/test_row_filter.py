"""Rows of a finding by the state of their work agree with the state that each row shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from homeroom.apps.protect.exceptions.commands import create_exceptions
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.finding_work.queries import load_row_states
from homeroom.apps.protect.finding_work.row_filter import WORK_FILTERS, matches_work, select_rows_by_work
from homeroom.apps.protect.posture.models import Member
from homeroom.apps.protect.posture.rows.evidence_rows import (
    get_finding_page,
    iter_finding_pages,
    list_selected_subjects,
)
from homeroom.evidence.page_cache.state_files import SubjectPage
from tests.apps.protect.finding_work.test_states import (
    AT,
    CONTROL,
    apply_act,
    find_finding,
    list_subjects,
    load_assessment,
    publish_next,
)
from tests.assessed_district import TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db]
LATER = TODAY + timedelta(days=9)


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    sample_cast = create_cast()
    publish_assessments(sample_cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    return sample_cast


def select(cast: Cast, work: str, *, actor: str = "technician") -> set[int]:
    selection = select_rows_by_work(
        district=cast.district,
        assessment=load_assessment(cast),
        finding=find_finding(cast),
        work=work,
        actor=actor,
        today=TODAY,
    )
    subjects = np.array(list_subjects(cast, find_finding(cast)), dtype=np.int64)
    members = SubjectPage(places=np.arange(len(subjects)), subjects=subjects)
    return set(selection.subjects if selection.has_closed else selection.select(members).subjects.tolist())


def check_agreement(cast: Cast) -> None:
    """Check that each filter has the rows whose own state fits it."""
    values: dict[str, Any] = {"district": cast.district, "assessment": load_assessment(cast)}
    subjects = list_subjects(cast, find_finding(cast))
    states = load_row_states(**values, finding=find_finding(cast), subjects=subjects, today=TODAY)
    for work in WORK_FILTERS[:-1]:
        fitting = {subject for subject, state in states.items() if matches_work(state, work, actor="technician")}
        assert select(cast, work) == fitting, work


def test_rows_with_states_of_their_own_are_in_the_filter_of_each(cast: Cast) -> None:
    first, second, third, *others = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done", subjects=[first])
    apply_act(cast, "snooze", subjects=[second], until=LATER)
    apply_act(cast, "start", subjects=[third])
    assert select(cast, "done") == {first}
    assert select(cast, "snoozed") == {second}
    assert select(cast, "in progress") == select(cast, "mine") == {third}
    assert select(cast, "open") == set(others)
    assert select(cast, "mine", actor="director") == set()
    check_agreement(cast)


def test_rows_without_an_own_state_follow_their_finding(cast: Cast) -> None:
    first, *others = list_subjects(cast, find_finding(cast))
    apply_act(cast, "assign", person="technician")
    apply_act(cast, "snooze", until=LATER)
    apply_act(cast, "reopen", subjects=[first])
    assert select(cast, "snoozed") == set(others)
    assert select(cast, "mine") == {first, *others}
    check_agreement(cast)


@pytest.mark.parametrize("is_newer", [False, True])
def test_a_finding_that_is_done_is_split_by_what_newer_data_shows(cast: Cast, is_newer: bool) -> None:
    first, second, *others = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done")
    assert select(cast, "done") == {first, second, *others}
    members = Member.objects.of(cast.district).filter(finding_id=find_finding(cast).id)
    publish_next(cast, as_of=AT + timedelta(days=1 if is_newer else -1))
    members.filter(subject=first).update(opened=load_assessment(cast).number)
    members.filter(subject=second).update(not_seen_since=TODAY)
    assert second in select(cast, "done")
    assert first in select(cast, "open")
    check_agreement(cast)


def test_rows_whose_risk_is_accepted_are_in_their_own_filter_alone(cast: Cast) -> None:
    first, *others = list_subjects(cast, find_finding(cast))
    create_exceptions(
        district=cast.district,
        at=AT,
        today=TODAY,
        actor="director",
        scopes=[FindingScope(control=CONTROL, group="", subject=first)],
        reason="The lab is replaced this summer.",
        owner="director",
        expires_on=LATER,
    )
    assert select(cast, "accepted") == {first}
    assert select(cast, "open") == set(others)
    Member.objects.of(cast.district).filter(subject=first).update(closed=load_assessment(cast).number)
    values: dict[str, Any] = {
        "district": cast.district,
        "assessment": load_assessment(cast),
        "finding": find_finding(cast),
    }
    selection = select_rows_by_work(**values, work="accepted", actor="", today=TODAY)
    page = get_finding_page(**values, selection=selection)
    assert [(row.subject, row.since, page.total) for row in page.rows] == [(first, None, 1)]
    assert list_selected_subjects(**values, selection=selection) == (first,)
    (file_page,) = iter_finding_pages(**values, selection=selection)
    assert [row.subject for row in file_page.rows] == [first]
