"""Incidents start clocks: their moments and facts are recorded, and each duty has its day and what was done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from homeroom.apps.comply.duties.commands import InvalidDutyChange, record_duty_done, withdraw_duty_record
from homeroom.apps.comply.duties.queries import DistrictDuty, list_case_duties, list_duties
from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.incidents.commands import make_incident, merge_incidents
from homeroom.apps.protect.incidents.legal_facts import IncidentCases, record_legal_facts
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.comply.laws.duties import DutyState
from tests.apps.comply.duties.conftest import BY, WHEN
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.conftest import MORNING

pytestmark = pytest.mark.differs_by_database("transactions")
STATE, FAMILIES, TO_CYBER = (
    "us-ny-121:breach-to-state",
    "us-ny-121:breach-to-families",
    "us-ny-gml-19c:incident-to-state",
)


def make(cast: Cast, title: str = "A leak at a vendor") -> str:
    return make_incident(
        district=cast.district,
        title=title,
        severity="high",
        text="The vendor called.",
        playbook="vendor-data-leak",
        **BY,
    )


def record(cast: Cast, public: str, moments: dict[str, str], **facts: str) -> None:
    named = {f"incident.{name}": text for name, text in facts.items()}
    record_legal_facts(district=cast.district, public=public, moments=moments, facts=named, **BY)


@pytest.fixture
def breach(new_york: Cast) -> str:
    """Return a breach at a vendor in New York, that the vendor reported on a January evening."""
    public = make(new_york)
    moments = {"vendor_notified": "2026-01-12T22:30", "believed": "2026-01-13T08:00:00-06:00"}
    record(new_york, public, moments, data="student", affected_students="450")
    return public


def list_clocks(cast: Cast, public: str, today: date = TODAY) -> dict[str, DistrictDuty]:
    at = MORNING + (today - TODAY)
    duties = list_case_duties(district=cast.district, case=public, today=today, at=at)
    return {duty.status.name: duty for duty in duties}


def test_every_clock_of_a_breach_is_counted_from_its_moments(new_york: Cast, breach: str) -> None:
    clocks = list_clocks(new_york, breach)
    assert (clocks[STATE].status.state, clocks[STATE].status.due) == (DutyState.DUE, date(2026, 1, 22))
    assert clocks[FAMILIES].status.due == date(2026, 3, 13)
    assert clocks[TO_CYBER].status.due_at == datetime(2026, 1, 16, 14, tzinfo=UTC)
    assert clocks["us-ny-gml-19c:ransom-paid"].status.state is DutyState.WAITS
    assert clocks["us-tx-521:breach-to-people"].status.state is DutyState.DOES_NOT_APPLY
    open_days = [duty.status.due for duty in clocks.values() if duty.status.is_open and duty.status.due]
    assert open_days == sorted(open_days)


def test_a_duty_without_a_number_is_due_at_once_in_the_case_that_starts_it(cast: Cast) -> None:
    enter_facts(district=cast.district, texts={"state": "TX", "kind": "district"}, **BY)
    agency, parents = "us-tx-11-175:breach-to-agency", "us-tx-11-175:breach-to-parents"
    waiting = {duty.status.name: duty.status for duty in list_duties(district=cast.district, **WHEN).duties}
    assert {waiting[agency].state, waiting[parents].state} == {DutyState.WAITS}
    public = make(cast)
    record(cast, public, {"believed": "2026-01-12"}, data="student")
    assert list_clocks(cast, public)[agency].status.state is DutyState.WAITS
    record(cast, public, {"vendor_notified": "2026-01-12"})
    clocks = list_clocks(cast, public)
    assert (clocks[agency].status.state, clocks[agency].status.due) == (DutyState.DUE, None)
    record(cast, public, {}, data="staff")
    assert list_clocks(cast, public)[parents].status.state is DutyState.DOES_NOT_APPLY


def test_a_deadline_in_hours_is_late_a_second_after_its_time(new_york: Cast, breach: str) -> None:
    due_at = datetime(2026, 1, 16, 14, tzinfo=UTC)
    for at, state in ((due_at, DutyState.DUE), (due_at + timedelta(seconds=1), DutyState.LATE)):
        duties = list_case_duties(district=new_york.district, case=breach, today=date(2026, 1, 16), at=at)
        assert next(duty.status.state for duty in duties if duty.status.name == TO_CYBER) is state


def test_the_clocks_of_an_incident_replace_the_duty_that_waited(new_york: Cast, breach: str) -> None:
    entries = [duty for duty in list_duties(district=new_york.district, **WHEN).duties if duty.status.name == STATE]
    assert [duty.id for duty in entries] == [f"{STATE}@{breach}"]
    soon = [duty.status.name for duty in list_duties(district=new_york.district, **WHEN).list_soon()]
    assert TO_CYBER in soon
    assert STATE in soon


def test_whose_data_it_is_decides_and_not_knowing_it_hides_no_day(new_york: Cast) -> None:
    public = make(new_york)
    record(new_york, public, {"vendor_notified": "2026-01-12"})
    unknown = list_clocks(new_york, public)[STATE].status
    assert (unknown.state, unknown.due, unknown.is_open) == (DutyState.CANNOT_TELL, date(2026, 1, 22), True)
    record(new_york, public, {}, data="other")
    assert list_clocks(new_york, public)[STATE].status.state is DutyState.DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("moments", "facts", "field"),
    [
        ({"discovered": "2026-01-16"}, {}, "discovered"),
        ({"discovered": "yesterday"}, {}, "discovered"),
        ({"discovered": "2026-01-12", "requested": "2026-01-12"}, {}, "requested"),
        ({}, {"data": "pupils"}, "incident.data"),
        ({}, {"mood": "bad"}, "incident.mood"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(new_york: Cast, moments, facts, field: str) -> None:
    public = make(new_york)
    with pytest.raises(IncidentRefused, match="would fit") as refusal:
        record(new_york, public, moments, **facts)
    assert refusal.value.field == field
    assert IncidentCases().list_cases(district=new_york.district) == ()


def test_a_duty_that_was_done_is_met_by_its_record_until_that_is_withdrawn(new_york: Cast, breach: str) -> None:
    where = {"district": new_york.district, "duty": STATE, "case": breach, "today": TODAY}
    number = record_duty_done(**where, done_on=TODAY, note="Filed in the state's portal.", **BY)
    status = list_clocks(new_york, breach)[STATE].status
    assert (status.state, status.proofs[0].on, status.proofs[0].by) == (
        DutyState.MET_BY_ATTESTATION,
        TODAY,
        "director",
    )
    withdraw_duty_record(district=new_york.district, number=number, **BY)
    assert list_clocks(new_york, breach)[STATE].status.state is DutyState.DUE
    actions = set(Entry.objects.of(new_york.district).values_list("action", flat=True))
    assert {"record duty", "withdraw duty record"} <= actions
    with pytest.raises(LookupError):
        withdraw_duty_record(district=new_york.next_district, number=number, **BY)
    with pytest.raises(InvalidDutyChange, match="past"):
        record_duty_done(**where, done_on=TODAY + timedelta(days=1), note="Filed.", **BY)
    with pytest.raises(InvalidDutyChange, match="what was done"):
        record_duty_done(**where, done_on=TODAY, note=" ", **BY)
    with pytest.raises(LookupError):
        record_duty_done(**{**where, "duty": "us-ferpa:access"}, done_on=TODAY, note="Shown.", **BY)


def test_a_duty_that_was_done_late_stays_late_in_its_words(new_york: Cast, breach: str) -> None:
    day = date(2026, 1, 25)
    where = {"district": new_york.district, "duty": STATE, "case": breach, "today": day}
    record_duty_done(**where, done_on=day, note="Filed.", **BY)
    assert "done on 2026-01-25, after 2026-01-22" in list_clocks(new_york, breach, day)[STATE].status.because


def test_merged_incidents_have_the_earliest_of_each_moment(new_york: Cast, breach: str) -> None:
    other = make(new_york, "Another call")
    record(new_york, other, {"vendor_notified": "2026-01-10", "discovered": "2026-01-14"}, affected_residents="3")
    merge_incidents(district=new_york.district, public=breach, other=other, **BY)
    (case,) = IncidentCases().list_cases(district=new_york.district)
    assert case.moments["vendor_notified"] == "2026-01-10"
    assert case.facts == {
        "incident.affected_residents": 3,
        "incident.data": ["student"],
        "incident.affected_students": 450,
    }
    assert list_clocks(new_york, breach)[STATE].status.due == date(2026, 1, 20)


def test_the_next_district_has_no_such_case(new_york: Cast, breach: str) -> None:
    with pytest.raises(LookupError):
        list_case_duties(district=new_york.next_district, case=breach, **WHEN)
    assert IncidentCases().list_cases(district=new_york.next_district) == ()
    with pytest.raises(LookupError):
        record_legal_facts(district=new_york.next_district, public=breach, moments={}, facts={}, **BY)
