"""Requests to use a tool, from asking to what is approved, with the check and the trail of each change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.manage.tool_requests.commands import ask_for_tool, decide_request, withdraw_request
from homeroom.apps.manage.tool_requests.queries import (
    count_requests,
    find_request,
    get_request_reminders,
    list_approved_tools,
    list_decided_requests,
    list_open_requests,
)
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.models import District
from homeroom.domain.manage.tools.requests import AskForm, DecisionForm, RequestState, ToolRequestRefused
from tests.assessed_district import publish_load

AT, TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC), date(2026, 11, 28)
ASK = AskForm(
    name="Kami", requester="Rowan Vance", class_name="Biology 9", schools=["Oak"], reason="To annotate lab sheets",
    needed_by="2026-12-01",
)  # fmt: skip
APPROVAL = DecisionForm(outcome="conditions", reason="Covered.", conditions="School accounts.", until="2027-06-30")
BY: dict[str, Any] = {"today": TODAY, "at": AT}
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("locks and order of homeroom.apps.manage.tool_requests."),
]


@pytest.fixture
def district(tmp_path: Path, settings: Any) -> District:
    settings.DATA = tmp_path
    return create_district(slug="maple", name="Maple Valley")


def load_contract(district: District, *, at: datetime = AT) -> None:
    """Load a contract for a tool, and resolve."""
    store = get_evidence_store(district=district)
    rows = [{"key": "C-1", "product": "Kami", "cost_minor": 120_000, "currency": "USD"}]
    publish_load(store, "contracts", "contracts.list", "contract_records", rows, at=at)
    resolve(district=district, store=store, today=TODAY, at=at)


def ask(district: District, **values: Any) -> str:
    return ask_for_tool(district=district, form=replace(ASK, **values), actor="technician", **BY)


def decide(district: District, public: str, **values: Any) -> None:
    decide_request(district=district, public=public, form=replace(APPROVAL, **values), actor="director", **BY)


def get_lines(district: District, *, today: date = TODAY) -> list[tuple[str, str]]:
    return [(line.name, str(line.state)) for line in list_approved_tools(district=district, today=today)]


def test_a_request_stores_the_check_of_its_day_and_the_decision_that_of_its_own(district: District) -> None:
    public = ask(district)
    view = find_request(district=district, public=public, today=TODAY)
    assert view is not None
    assert (view.asked, view.line.tool) == (None, "")  # nothing was loaded yet
    load_contract(district)
    public = ask(district)
    decide(district, public)
    view = find_request(district=district, public=public, today=TODAY)
    assert view is not None
    assert view.asked is not None
    assert view.decided is not None
    assert (view.line.tool, view.asked["here"], view.decided["tool"]["year_minor"]) == ("kami", True, 120_000)
    assert [(step.act, step.written_by, step.text) for step in view.steps] == [
        ("asked", "technician", ""), ("conditions", "director", "Covered."),
    ]  # fmt: skip


def test_what_is_approved_is_listed_until_its_last_day_and_then_marked(district: District) -> None:
    kami, nearpod = ask(district), ask(district, name="Nearpod")
    decide(district, kami)
    decide(district, nearpod, outcome="refused", conditions="")
    assert get_lines(district) == [("Kami", "conditions")]
    (line,) = list_approved_tools(district=district, today=date(2027, 5, 1))
    assert line.ends_soon(date(2027, 5, 1))
    assert get_lines(district, today=date(2027, 6, 30)) == [("Kami", "conditions")]
    assert get_lines(district, today=date(2027, 7, 1)) == [("Kami", "expired")]
    assert list_open_requests(district=district, today=TODAY) == ()
    assert {line.name for line in list_decided_requests(district=district, today=TODAY)} == {"Kami", "Nearpod"}


def test_a_decision_is_replaced_and_a_withdrawn_request_is_not_decided(district: District) -> None:
    public = ask(district)
    decide(district, public)
    decide(district, public, outcome="refused", conditions="", reason="The agreement ended.")
    assert get_lines(district) == []
    decide(district, public)
    withdraw_request(district=district, public=public, reason="The class ended.", actor="technician", at=AT)
    assert get_lines(district) == []
    with pytest.raises(ToolRequestRefused, match="new request would fit"):
        decide(district, public)
    assert dict(count_requests(district=district)) == {"withdrawn": 1}


def test_every_change_is_in_the_trail_without_the_name_of_who_asks_or_a_text(district: District) -> None:
    public = ask(district)
    decide(district, public)
    withdraw_request(district=district, public=public, reason="Rowan Vance left.", actor="technician", at=AT)
    lines = list_audit_entries(district=district).lines
    assert [(line.action, line.actor, line.subject) for line in lines][:3] == [
        ("withdraw tool request", "technician", public),
        ("approve tool request with conditions", "director", public),
        ("ask for tool", "technician", public),
    ]
    assert lines[1].detail == {"tool": "Kami", "schools": ["Oak"], "until": "2027-06-30"}
    assert "Rowan" not in str([line.detail for line in lines])


def test_nothing_is_written_where_a_field_does_not_fit(district: District) -> None:
    load_contract(district)
    for values in ({"reason": ""}, {"does": ["lmz"]}, {"name": "…"}):
        with pytest.raises(ToolRequestRefused, match="would fit"):
            ask(district, **values)
    public = ask(district)
    with pytest.raises(ToolRequestRefused, match="would fit"):
        decide(district, public, until="yesterday")
    view = find_request(district=district, public=public, today=TODAY)
    assert view is not None
    assert (view.line.state, len(view.steps)) == (RequestState.OPEN, 1)


def test_another_district_has_none_of_it(district: District) -> None:
    public = ask(district)
    other = create_district(slug="next-door", name="Next Door")
    assert find_request(district=other, public=public, today=TODAY) is None
    assert list_open_requests(district=other, today=TODAY) == ()
    with pytest.raises(LookupError):
        decide(other, public)
    with pytest.raises(LookupError):
        withdraw_request(district=other, public=public, reason="Ours now.", actor="stranger", at=AT)


def test_the_earliest_needed_comes_first_and_late_is_marked(district: District) -> None:
    ask(district, name="Canva", needed_by="")
    ask(district, name="Zoom", needed_by="2026-12-24")
    ask(district)
    lines = list_open_requests(district=district, today=date(2026, 12, 2))
    assert [(line.name, line.is_late(date(2026, 12, 2))) for line in lines] == [
        ("Kami", True), ("Zoom", False), ("Canva", False),
    ]  # fmt: skip


def test_lists_and_a_request_take_as_many_queries_for_many_as_for_few(district: District) -> None:
    def count_queries() -> list[int]:
        counts = []
        for query in (list_open_requests, list_decided_requests, list_approved_tools):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                query(district=district, today=TODAY)
            counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            find_request(district=district, public=public, today=TODAY)
        return [*counts, len(captured)]

    public = ask(district)
    few = count_queries()
    for number in range(30):
        decide(district, ask(district, needed_by=(TODAY + timedelta(days=number)).isoformat()))
        ask(district)
    assert count_queries() == few == [1, 1, 1, 3]


def test_reminders_count_what_waits_what_is_late_and_what_ends_soon(district: District) -> None:
    ask(district, name="Late")
    ask(district, name="No day", needed_by="")
    for name, until in (("Soon", "2027-01-28"), ("Last day", "2027-01-30"), ("Later", "2027-01-31")):
        decide(district, ask(district, name=name), until=until)
    decide(district, ask(district, name="No"), outcome="refused", conditions="", until="")
    withdraw_request(
        district=district, public=ask(district, name="Gone"), reason="Not needed.", actor="director", at=AT
    )
    later = date(2026, 12, 1)
    with CaptureQueriesContext(connection) as queries:
        reminders = get_request_reminders(district=district, today=later)
    assert len(queries) == 1
    assert (reminders.open, reminders.late, reminders.ending) == (2, 0, 2)
    assert get_request_reminders(district=district, today=date(2026, 12, 2)).late == 1
    expired = get_request_reminders(district=district, today=date(2027, 1, 29))
    assert expired.ending == 2, "an approval that has expired does not end any more"
    other = create_district(slug="birch", name="Birch Hollow")
    assert get_request_reminders(district=other, today=later).open == 0
