"""The earliest day of all laws that apply, or may apply, is the day on which a request is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from homeroom.apps.comply.laws.case_sources import find_law_case, list_law_cases
from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.comply.privacy.requests.commands import RequestForm, receive_request, take_step
from homeroom.apps.comply.privacy.requests.deadlines import DeadlineRules, find_due, list_deadlines, load_deadline_rules
from homeroom.domain.comply.privacy.requests import RequestKind, StepForm
from tests.apps.comply.privacy.conftest import TODAY, FamilyDistrict
from tests.cast import create_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules() -> DeadlineRules:
    return load_deadline_rules(district=create_cast().district, today=TODAY)


def read_days(rules: DeadlineRules, right: str, **facts: Any) -> dict[str, tuple[str, date | None]]:
    deadlines = list_deadlines(replace(rules, facts=facts), kind=right, received_on=date(2026, 1, 12))
    return {line.duty: (line.applies, line.due) for line in deadlines}


def test_in_illinois_ten_business_days_come_before_ferpas_45_days(rules: DeadlineRules) -> None:
    days = read_days(rules, "access", state="IL", kind="district")
    assert days["us-ferpa:access"] == ("yes", date(2026, 2, 26))
    assert days["us-il-student-records:access"] == ("yes", date(2026, 1, 27))  # without Martin Luther King Day
    assert next(iter(days)) == "us-il-student-records:access"


def test_where_a_state_names_no_number_ferpa_and_idea_give_the_day(rules: DeadlineRules) -> None:
    days = read_days(rules, "access", state="TX", kind="district")
    assert {duty for duty, (applies, _) in days.items() if applies == "yes"} == {
        "us-ferpa:access",
        "us-idea:access",
        "us-idea:access-before-meeting",
        "us-tx-26:access",
    }


def test_laws_of_public_records_are_owed_to_others_and_do_not_count(rules: DeadlineRules) -> None:
    for state in ("IL", "NY", "TX"):
        assert {duty.partition(":")[0] for duty in read_days(rules, "access", state=state, kind="district")} <= {
            "us-ferpa",
            "us-idea",
            "us-il-student-records",
            "us-ny-121",
            "us-tx-26",
        }, state


def test_a_duty_without_a_number_counts_for_the_kind_of_request_that_it_names(rules: DeadlineRules) -> None:
    amendment = read_days(rules, "amendment", state="TX", kind="district")
    assert amendment["us-ferpa:amendment-decided"] == ("yes", None)
    for right in RequestKind:
        assert "us-ppra:instruments-shown" not in read_days(rules, right, state="TX", kind="district")


def test_without_facts_every_candidate_is_cannot_tell_and_the_earliest_counts(rules: DeadlineRules) -> None:
    deadlines = list_deadlines(rules, kind="access", received_on=date(2026, 1, 12))
    unknown = {line.duty for line in deadlines if line.may_apply}
    assert {"us-il-student-records:access", "us-ca-records:access"} <= unknown
    due = find_due(deadlines)
    assert due is not None
    assert due.may_apply
    assert not due.is_certain
    assert due.due == min(line.due for line in deadlines if line.due)


def test_a_complaint_in_new_york_is_answered_in_sixty_days(rules: DeadlineRules) -> None:
    days = read_days(rules, "complaint", state="NY", kind="district")
    assert days == {
        "us-ny-121:complaint-answered": ("yes", date(2026, 3, 13)),
        "us-ny-121:complaint-acknowledged": ("yes", None),
    }


@pytest.mark.parametrize("kind", [RequestKind.AMENDMENT, RequestKind.OPT_OUT])
def test_the_clock_of_access_is_no_clock_of_another_right(rules: DeadlineRules, kind: str) -> None:
    assert not [duty for duty in read_days(rules, kind, state="IL", kind="district") if duty.endswith(":access")]


def test_open_requests_are_cases_of_laws_that_name_nobody_until_they_are_answered(family: FamilyDistrict) -> None:
    form = RequestForm(kind="access", requester="Luz Rivera", student="90417", received_on="2026-01-12")
    public = receive_request(form=form, today=TODAY, **family.common)
    (case,) = [case for case in list_law_cases(district=family.cast.district) if case.kind == "request"]
    assert (case.id, case.moments) == (public, {"requested": "2026-01-12"})
    assert "us-ferpa:access" in case.duties
    assert "Rivera" not in case.title
    assert find_law_case(district=family.cast.next_district, case=public) is None
    steps = (
        StepForm(step="identity", proof="known"),
        StepForm(step="searched"),
        StepForm(step="answered", text="Here."),
    )
    for step in steps:
        take_step(public=public, form=step, today=TODAY, **family.common)
    assert list_law_cases(district=family.cast.district) == ()


def test_facts_of_the_district_decide_which_laws_apply(family: FamilyDistrict) -> None:
    enter_facts(texts={"state": "IL", "kind": "district"}, **family.common)
    rules = load_deadline_rules(district=family.cast.district, today=TODAY)
    deadlines = list_deadlines(rules, kind="access", received_on=date(2026, 1, 12))
    due = find_due(deadlines)
    assert due is not None
    assert (due.duty, due.may_apply) == ("us-il-student-records:access", False)
