"""Duties of a district: which apply, their days, and what shows that they are met."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from homeroom.apps.comply.duties.queries import DutyList, list_duties
from homeroom.apps.comply.duties.serialize import build_duties_document
from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.protect.frameworks.attestations import answer_attestation, request_attestation
from homeroom.apps.protect.frameworks.catalog import list_frameworks
from homeroom.apps.protect.frameworks.queries import get_compliance
from homeroom.domain.comply.laws.duties import DutyState
from homeroom.engines.protect.frameworks.compliance import Basis
from tests.apps.comply.duties.conftest import BY, NEW_YORK, WHEN
from tests.assessed_district import TODAY
from tests.cast import Cast

pytestmark = pytest.mark.differs_by_database("transactions")
FILTER = "us-cipa:content-filter"


def list_now(cast: Cast, law: str = "", today: date = TODAY) -> DutyList:
    return list_duties(district=cast.district, law=law, **{**WHEN, "today": today})


def find(cast: Cast, name: str, today: date = TODAY) -> Any:
    listed = list_now(cast, name.partition(":")[0], today)
    (status,) = [duty.status for duty in listed.duties if duty.status.name == name]
    return status


def ask(cast: Cast, name: str, due_on: date = TODAY + timedelta(days=20)) -> int:
    law, _, duty = name.partition(":")
    return request_attestation(district=cast.district, framework=law, goal=duty, owner="director", due_on=due_on, **BY)


def answer(cast: Cast, number: int, choice: str = "yes", until: date = TODAY + timedelta(days=200)) -> None:
    answer_attestation(
        district=cast.district, number=number, choice=choice, note="The policy of 3 June.", expires_on=until, **BY
    )


def test_a_law_of_another_state_does_not_apply_and_says_why(new_york: Cast) -> None:
    status = find(new_york, "us-tx-521:breach-to-people")
    assert status.state is DutyState.DOES_NOT_APPLY
    assert status.because == ("state is NY; the duty asks for TX",)
    assert find(new_york, "us-circia:incident-to-cisa").state is DutyState.DOES_NOT_APPLY


def test_a_fact_that_nobody_knows_is_no_no(cast: Cast) -> None:
    status = find(cast, "us-tx-521:breach-to-people")
    assert status.state is DutyState.CANNOT_TELL
    assert "state is not known" in status.because
    assert find(cast, FILTER).because == ("e_rate is not known", "before the certification")


def test_a_duty_whose_clock_nothing_started_waits(new_york: Cast) -> None:
    status = find(new_york, "us-ny-121:breach-to-state")
    assert (status.state, status.due) == (DutyState.WAITS, None)
    assert "discovered" in status.waits_for


def test_a_duty_without_a_number_waits_for_its_event_and_one_that_holds_all_the_time_is_due(new_york: Cast) -> None:
    waiting = find(new_york, "us-ny-121:complaint-acknowledged")
    assert (waiting.state, waiting.waits_for) == (DutyState.WAITS, ("complained",))
    practice = find(new_york, "us-ny-121:bill-of-rights")
    assert (practice.state, practice.waits_for) == (DutyState.DUE, ())
    answer(new_york, ask(new_york, "us-ny-121:bill-of-rights"))
    assert find(new_york, "us-ny-121:bill-of-rights").state is DutyState.MET_BY_ATTESTATION


def test_a_date_that_facts_leave_open_is_the_earliest_and_not_certain(new_york: Cast) -> None:
    status = find(new_york, "us-ada-title-2:web-content")
    assert (status.state, status.due, status.certain) == (DutyState.DUE, date(2027, 4, 26), False)
    texts = {"population": "8000", "special_district": "no"}
    enter_facts(district=new_york.district, texts=texts, **BY)
    assert find(new_york, "us-ada-title-2:web-content").due == date(2028, 4, 26)
    assert find(new_york, "us-ada-title-2:web-content", date(2028, 4, 26)).state is DutyState.DUE
    assert find(new_york, "us-ada-title-2:web-content", date(2028, 4, 27)).state is DutyState.LATE


def test_a_duty_is_met_by_an_answer_for_as_long_as_it_holds(new_york: Cast) -> None:
    assert find(new_york, FILTER).state is DutyState.DUE
    number = ask(new_york, FILTER)
    waiting = find(new_york, FILTER)
    assert (waiting.state, waiting.due) == (DutyState.DUE, TODAY + timedelta(days=20))
    assert find(new_york, FILTER, TODAY + timedelta(days=21)).state is DutyState.LATE
    answer(new_york, number, until=TODAY + timedelta(days=200))
    met = find(new_york, FILTER)
    assert (met.state, met.proofs[-1].until) == (DutyState.MET_BY_ATTESTATION, TODAY + timedelta(days=200))
    assert find(new_york, FILTER, TODAY + timedelta(days=201)).state is DutyState.DUE


@pytest.mark.parametrize(("choice", "state"), [("no", "due"), ("partly", "due"), ("does not apply", "does not apply")])
def test_only_a_yes_meets_a_duty(new_york: Cast, choice: str, state: str) -> None:
    answer(new_york, ask(new_york, FILTER), choice=choice)
    assert find(new_york, FILTER).state == state


def test_a_law_is_a_framework_that_is_listed_only_where_it_may_apply(new_york: Cast) -> None:
    names = {framework.id for framework in list_frameworks(district=new_york.district, today=TODAY)}
    assert {"cisa-cpg-2.0", "us-ny-121", "us-ferpa", "us-cipa"} <= names
    assert not names & {"us-tx-521", "us-il-soppa", "us-circia"}
    unknown = {framework.id for framework in list_frameworks(district=new_york.next_district, today=TODAY)}
    assert {"us-ny-121", "us-tx-521"} <= unknown


def test_an_answer_counts_in_the_compliance_with_the_law(new_york: Cast) -> None:
    answer(new_york, ask(new_york, FILTER))
    compliance = get_compliance(district=new_york.district, framework="us-cipa", at=BY["at"], today=TODAY)
    bases = {goal.id: goal.basis for goal in compliance.result.goals}
    assert bases["content-filter"] is Basis.ATTESTED
    assert bases["public-meeting"] is Basis.NOTHING


def test_the_document_has_every_duty_and_its_note_once(new_york: Cast) -> None:
    document = build_duties_document(list_now(new_york))
    assert document["facts"] == {**NEW_YORK, "enrollment": 2000, "e_rate": True}
    assert "not legal advice" in document["note"]
    states = {item["state"] for item in document["duties"]}
    assert states == {"late", "due", "waits", "cannot tell", "does not apply"}
    assert len({item["duty"] for item in document["duties"]}) == len(document["duties"])
    days = [item["due"] for item in document["duties"] if item["state"] == "due" and item["due"]]
    assert days == sorted(days)


def test_the_next_district_sees_none_of_it(new_york: Cast) -> None:
    answer(new_york, ask(new_york, FILTER))
    enter_facts(district=new_york.next_district, texts={"e_rate": "yes"}, **BY)
    (status,) = [
        duty.status
        for duty in list_duties(district=new_york.next_district, **WHEN).duties
        if duty.status.name == FILTER
    ]
    assert (status.state, status.proofs) == (DutyState.DUE, ())
    with pytest.raises(LookupError, match="there are"):
        list_now(new_york, "no-law")
