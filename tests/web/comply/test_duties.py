"""Pages of duties: who sees and changes them, every clock of a breach on one page, Today and the wizard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.comply.duties import queries as duty_queries
from homeroom.apps.comply.duties.law_changes import mark_laws_seen
from homeroom.apps.comply.duties.models import SeenLaws
from homeroom.apps.comply.laws.facts import enter_facts, load_fact_values
from homeroom.apps.manage.planning.commands import set_hours
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.apps.protect.incidents.legal_facts import record_legal_facts
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.conftest import MORNING

BY = {"actor": "director", "at": MORNING}
FILTER, STATE = "us-cipa:content-filter", "us-ny-121:breach-to-state"
ClientFactory = Callable[[str], Client]


@pytest.fixture
def new_york(judged_district: Cast) -> Cast:
    texts = {"state": "NY", "kind": "district", "city": "Albany", "e_rate": "true"}
    enter_facts(district=judged_district.district, texts=texts, **BY)
    return judged_district


@pytest.fixture
def breach(new_york: Cast) -> str:
    public = make_incident(
        district=new_york.district, title="A leak at a vendor", severity="high", text="The vendor called.", **BY
    )
    record_legal_facts(
        district=new_york.district,
        public=public,
        moments={"vendor_notified": "2026-01-12"},
        facts={"incident.data": "student"},
        **BY,
    )
    return public


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_the_list_says_what_is_due_and_why_and_hides_what_does_not_apply(as_: ClientFactory, new_york: Cast):
    page = read(as_("privacy"), "/privacy/duties")
    assert "A filter blocks what is obscene or harmful to minors" in page
    assert page.count("not legal advice") == 1
    assert "Business and Commerce" not in page
    everything = read(as_("auditor"), "/privacy/duties?state=does-not-apply")
    assert "state is NY; the duty asks for TX" in everything
    assert "Attest it" not in everything
    one_law = read(as_("director"), "/privacy/duties?law=us-cipa")
    assert "Compliance with this law" in one_law
    assert "8 NYCRR 121" not in one_law


def test_what_is_due_first_is_open_and_the_rest_is_folded_with_counts(as_: ClientFactory, breach: str):
    page = read(as_("privacy"), "/privacy/duties")
    opened, folded = page.split('<details class="fold"', 1)
    assert "Late, or due within 90 days" in opened
    assert f"/privacy/duties/cases/{breach}" in opened
    assert "A filter blocks what is obscene or harmful to minors" in folded
    waiting = read(as_("privacy"), "/privacy/duties?state=waits")
    assert '<details class="fold"' not in waiting
    assert "A filter blocks what is obscene or harmful to minors" not in waiting
    assert waiting.count('<td data-label="State">') == int(
        waiting.split('Waits for an event <span class="count">')[1][:2]
    )


def test_a_case_shows_its_moments_as_days_or_times_and_prints_no_duty_that_does_not_apply(
    as_: ClientFactory, new_york: Cast, breach: str
):
    record_legal_facts(
        district=new_york.district, public=breach, moments={"believed": "2026-01-13T08:00"}, facts={}, **BY
    )
    page = read(as_("director"), f"/privacy/duties/cases/{breach}")
    assert '<strong class="nowrap">Jan 12, 2026</strong>' in page
    assert '<strong class="nowrap">Jan 13, 2026, 8:00 AM</strong>' in page
    assert '<details class="small no-print"><summary>17 duties do not apply' in page


def test_facts_and_cases_are_under_the_duties_in_the_navigation(as_: ClientFactory, breach: str):
    chip = '<a href="/privacy/duties" aria-current="page">'
    assert chip in read(as_("privacy"), "/privacy/duties/facts")
    assert chip in read(as_("privacy"), f"/privacy/duties/cases/{breach}")


def test_a_district_without_facts_is_led_to_them(as_: ClientFactory, judged_district: Cast):
    assert "State its facts" in read(as_("director"), "/privacy/duties")
    director = as_("director")
    assert director.post("/privacy/duties/facts", {"state": "Texas"}).status_code == 422
    assert director.post("/privacy/duties/facts", {"state": "TX", "employees": "1,200"}).status_code == 302
    assert load_fact_values(district=judged_district.district)["employees"] == 1_200
    assert as_("auditor").post("/privacy/duties/facts", {"state": "NY"}).status_code == 403


def test_the_wizard_asks_for_the_facts_and_writes_them_into_the_file(as_: ClientFactory, judged_district: Cast):
    director = as_("director")
    assert "Which state is the district in?" in read(director, "/setup/facts")
    wrong = director.post("/setup/facts", {"state": "Nowhere"})
    assert (wrong.status_code, "two-letter code" in wrong.content.decode()) == (400, True)
    assert director.post("/setup/facts", {"state": "NY", "e_rate": "true"}).headers["Location"] == "/setup/hours"
    file = read(director, "/setup/facts.yaml")
    assert "state: NY" in file
    assert "e_rate: true" in file


def test_the_privacy_officer_gives_and_attests_a_duty(as_: ClientFactory, new_york: Cast):
    officer = as_("privacy")
    assert officer.post("/privacy/duties/owner", {"duty": FILTER, "owner": "technician"}).status_code == 302
    assert officer.post("/privacy/duties/owner", {"duty": "us-cipa:none", "owner": ""}).status_code == 404
    answer = officer.post("/privacy/duties/attest", {"duty": FILTER}).headers["Location"]
    assert officer.post("/privacy/duties/attest", {"duty": FILTER}).headers["Location"] == answer
    form = {"said": "yes", "note": "The filter of the firewall.", "expires_on": "2026-12-31"}
    assert officer.post(answer, form).status_code == 302
    page = read(officer, "/privacy/duties?law=us-cipa")
    assert "Met by attestation" in page
    assert as_("auditor").post("/privacy/duties/attest", {"duty": FILTER}).status_code == 403


def test_a_breach_at_a_vendor_in_new_york_has_every_clock_on_one_page(as_: ClientFactory, breach: str):
    officer = as_("privacy")
    page = read(officer, f"/privacy/duties/cases/{breach}")
    for words in ("Jan 22, 2026", "Mar 13, 2026", "counsel, insurer", "The vendor notified the district"):
        assert words in page
    assert f"/privacy/duties/cases/{breach}" in read(as_("technician"), f"/alerts/incidents/{breach}")
    moments = {"believed": "2026-01-13 08:00", "vendor_notified": "2026-01-12"}
    assert officer.post(f"/privacy/duties/cases/{breach}", moments).status_code == 302
    assert "Jan 16, 2026, 8:00" in read(officer, f"/privacy/duties/cases/{breach}")
    refused = officer.post(f"/privacy/duties/cases/{breach}", {"believed": "2027-01-01"})
    assert (refused.status_code, "in the past would fit" in refused.content.decode()) == (422, True)
    assert as_("auditor").post(f"/privacy/duties/cases/{breach}", moments).status_code == 403
    assert officer.get("/privacy/duties/cases/incident-0").status_code == 404


def test_what_was_done_is_recorded_and_can_be_withdrawn(as_: ClientFactory, breach: str):
    officer, case = as_("privacy"), f"/privacy/duties/cases/{breach}"
    form = {"duty": STATE, "done_on": "2026-01-15", "note": "Filed in the portal."}
    assert officer.post(f"{case}/done", form).status_code == 302
    page = read(officer, case)
    assert "Filed in the portal." in page
    withdraw = page.partition(f"{case}/records/")[2].partition('"')[0]
    assert officer.post(f"{case}/records/{withdraw}").status_code == 302
    assert "Filed in the portal." not in read(officer, case)
    assert officer.post(f"{case}/records/{withdraw}").status_code == 404
    assert officer.post(f"{case}/done", {**form, "done_on": "soon"}, follow=True).status_code == 200


def test_today_has_what_is_due_within_two_weeks(as_: ClientFactory, breach: str, new_york: Cast):
    page = read(as_("director"), "/")
    assert "Legal deadlines in the next two weeks" in page
    assert f"/privacy/duties/cases/{breach}" in page
    assert "Legal deadlines in the next two weeks" not in read(as_("stranger"), "/")


def test_changes_of_laws_are_shown_until_somebody_has_seen_them(as_: ClientFactory, new_york: Cast):
    officer = as_("privacy")
    assert officer.post("/privacy/duties/seen").status_code == 302
    row = SeenLaws.objects.of(new_york.district).get()
    row.duties[STATE]["clock"] = "7 days after discovered"
    row.save()
    page = read(officer, "/privacy/duties")
    assert "7 days after discovered" in page
    assert officer.post("/privacy/duties/seen").status_code == 302
    assert "7 days after discovered" not in read(officer, "/privacy/duties")
    mark_laws_seen(district=new_york.next_district, today=TODAY, **BY)


def test_the_days_are_a_calendar_file(as_: ClientFactory, breach: str):
    response = as_("auditor").get("/privacy/duties.ics")
    assert response["Content-Type"].startswith("text/calendar")
    assert b"A leak at a vendor" in response.content.replace(b"\r\n ", b"")


def test_today_judges_the_duties_of_its_list_and_of_its_week_but_once(
    as_: ClientFactory, new_york: Cast, breach: str, monkeypatch: pytest.MonkeyPatch
):
    judgments: list[Any] = []
    collect = duty_queries.collect_proofs
    monkeypatch.setattr(duty_queries, "collect_proofs", lambda **values: judgments.append(values) or collect(**values))
    set_hours(district=new_york.district, hours={"technician": 20, "director": 10}, **BY)
    page = read(as_("director"), "/")
    assert "The state's chief privacy officer is notified" in page.replace("&#x27;", "'")
    assert len(judgments) == 1
    read(as_("director"), "/")
    assert len(judgments) == 2, "the next visit sees what has changed"
