"""Posture, a control, a finding: each number opens its rows, and an acceptance has its effect."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import Finding
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.domain.spreadsheets import escape_formula
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import PREVIOUS_AT, SCHOOLS, build_snapshot, publish_assessments
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
GOOD = {"reason": "The vendor ships the new sign-in in March.", "owner": "technician", "expires_on": "2026-03-31"}


def get_public_id(cast: Cast, control: str) -> str:
    return str(Finding.objects.of(cast.district).get(control=control).public)


def test_a_number_shows_all_its_states_and_opens_its_rows(as_: ClientFactory, judged_district: Cast):
    page = as_("auditor").get("/posture").content.decode()
    row = page.split("/posture/staff-second-factor")[1]
    assert "staff-second-factor" in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "17 of 814 affected · 214 unknown · updated 5:10 AM" in text
    assert 'href="/posture/staff-second-factor/fail"' in page
    assert 'href="/posture/staff-second-factor/cannot_tell"' in page
    assert row


def test_areas_are_folded_with_their_sums_until_something_is_asked(as_: ClientFactory, judged_district: Cast):
    page = as_("auditor").get("/posture").content.decode()
    assert page.count('<details class="area"') > 2
    assert 'id="area-chromeos">' in page
    assert "with something failing</span></summary>" in page
    filtered = as_("auditor").get("/posture?area=chromeos").content.decode()
    assert filtered.count('<details class="area"') == 1
    assert 'id="area-chromeos" open>' in filtered
    assert "with something failing</span>" not in filtered


@pytest.mark.parametrize(("query", "expected", "not_there"), [
    ("severity=critical", "admin-second-factor", "windows-10"),
    ("show=failing", "windows-10", "chromeos-developer-mode"),
    ("show=unknown", "staff-second-factor", "leaver-account"),
    ("area=chromeos", "chromeos-expired", "leaver-account"),
])  # fmt: skip
def test_a_filter_keeps_what_fits(as_: ClientFactory, judged_district: Cast, query: str, expected: str, not_there: str):
    page = as_("technician").get(f"/posture?{query}").content.decode()
    assert f"/posture/{expected}" in page
    assert f"/posture/{not_there}" not in page


@pytest.mark.parametrize("state", ["fail", "cannot_tell", "pass", "excepted", "not_applicable"])
def test_every_state_of_a_control_has_its_page(as_: ClientFactory, judged_district: Cast, state: str):
    assert as_("technician").get(f"/posture/staff-second-factor/{state}").status_code == 200


def test_the_failing_page_lists_the_failing_subjects(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/posture/staff-second-factor/fail").content.decode()
    assert len(re.findall(r'href="/accounts/a-\w{13}"', page)) == 17


def test_the_states_that_are_asked_of_evidence_come_from_the_judged_snapshot(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/posture/chromeos-expired/cannot_tell")
    assert page.status_code == 200
    assert b"/devices/d-" in page.content


@pytest.mark.parametrize("page", ["/posture/no-such-control", "/posture/staff-second-factor/perhaps", "/findings/f-x"])
def test_what_is_not_there_is_not_found(as_: ClientFactory, judged_district: Cast, page: str):
    assert as_("director").get(page).status_code == 404


def test_a_control_says_why_what_to_do_and_what_it_satisfies(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/posture/staff-second-factor").content.decode()
    for heading in ("Where we stand", "How to fix it", "How it went", "What it satisfies"):
        assert heading in page


def test_a_finding_pages_by_subject_and_no_row_is_lost_or_repeated(as_: ClientFactory, judged_district: Cast):
    client, address, device_ids = (
        as_("technician"),
        f"/findings/{get_public_id(judged_district, 'chromeos-expired')}",
        [],
    )
    while address:
        page = client.get(address).content.decode()
        device_ids += re.findall(r'href="/devices/(d-\w{13})"', page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        address = link[1] if link else ""
    assert len(device_ids) == len(set(device_ids)) == 61


def test_rows_stand_by_school_then_serial(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get(f"/findings/{get_public_id(judged_district, 'chromeos-expired')}").content.decode()
    serials = re.findall(r'href="/devices/d-\w{13}">(5CD\d+)<', page)
    expected = sorted(range(61), key=lambda n: (SCHOOLS[n % 3], n))[:25]
    assert serials == [f"5CD{n:07}" for n in expected]


def test_a_finding_shows_who_where_and_why_first_and_the_rest_on_demand(as_: ClientFactory, judged_district: Cast):
    client, address = as_("technician"), f"/findings/{get_public_id(judged_district, 'chromeos-expired')}"
    brief = client.get(address).content.decode()
    assert "Show 6 more columns" in brief
    assert ">School<" in brief
    assert ">Asset tag<" not in brief
    full = client.get(f"{address}?columns=all").content.decode()
    assert ">Asset tag<" in full
    assert re.search(r'rel="next" href="[^"]+columns=all"', full)
    assert "Show fewer columns" in full


def test_the_remedy_stands_above_the_rows(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get(f"/findings/{get_public_id(judged_district, 'chromeos-expired')}").content.decode()
    assert page.index('id="fix"') < page.index('id="rows"')


def test_a_directory_shows_the_administrators_behind_it(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    publish_assessments(cast.district, store)
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    tables = build_snapshot(300)
    administrators = pa.array([n < 12 for n in range(300)])
    accounts = tables["accounts"]
    accounts = accounts.set_column(accounts.schema.get_field_index("super_admin"), "super_admin", administrators)
    sources = pa.array([["google"]] * 300, accounts.schema.field("sources").type)
    tables["accounts"] = accounts.set_column(accounts.schema.get_field_index("sources"), "sources", sources)
    derived = store.publish_derived(
        tables, inputs=store.compute_sources_id(), today=assessment.today, at=assessment.at + timedelta(seconds=1)
    )
    assess(district=cast.district, store=store, today=assessment.today, at=assessment.at + timedelta(seconds=2))
    assert store.get_latest_derived() == derived
    page = as_("director").get(f"/findings/{get_public_id(cast, 'few-super-admins')}").content.decode()
    assert "1 open" in page
    assert len(re.findall(r'href="/accounts/a-\w{13}"', page)) == 12


def test_each_school_has_its_numbers_and_each_number_opens_its_rows(as_: ClientFactory, judged_district: Cast):
    client = as_("technician")
    assert f'href="/by-school?school={SCHOOLS[0].replace(" ", "%20")}"' in client.get("/by-school").content.decode()
    page = client.get("/by-school", {"school": SCHOOLS[0]}).content.decode()
    link = re.search(r'href="(/posture/chromeos-expired/fail[?]school=[^"]+)">(\d+)<', page)
    assert link is not None
    listed = client.get(link[1]).content.decode()
    assert len(re.findall(r'href="/devices/d-\w{13}"', listed)) == int(link[2]) == 21
    assert all(school not in listed for school in SCHOOLS[1:])


def test_a_school_that_there_is_not_is_not_found(as_: ClientFactory, judged_district: Cast):
    assert as_("director").get("/by-school", {"school": "Next District High"}).status_code == 404


def test_the_rows_of_one_school_go_on_in_that_school(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/posture/chromeos-expired/cannot_tell", {"school": SCHOOLS[0]}).content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert "school=Lincoln+Elementary" in following[1]


def test_the_days_say_how_much_was_met_and_what_failed(as_: ClientFactory, judged_district: Cast):
    page = as_("auditor").get("/over-time").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Jan 15, 2026" in text
    assert "Jan 14, 2026" in text
    assert page.index("<polygon") < page.index('id="days"')
    assert 'href="/posture/staff-second-factor#history"' in page
    for address in ("/posture", "/by-school", "/over-time", "/frameworks"):
        assert 'aria-current="page"' in as_("auditor").get(address).content.decode()


def test_a_stranger_sees_no_school_of_the_next_district(as_: ClientFactory, judged_district: Cast):
    assert SCHOOLS[0] not in as_("stranger").get("/by-school").content.decode()


def test_a_private_reason_is_kept_from_an_auditor_and_from_the_trail(as_: ClientFactory, judged_district: Cast):
    finding = get_public_id(judged_district, "windows-10")
    form = as_("director").get(f"/findings/{finding}/accept").content.decode()
    assert 'name="private"' in form
    as_("director").post(f"/findings/{finding}/accept", GOOD | {"private": "1"})
    for page in ("/exceptions", "/posture/windows-10", f"/findings/{finding}"):
        assert GOOD["reason"] in as_("technician").get(page).content.decode()
        text = as_("auditor").get(page).content.decode()
        assert GOOD["reason"] not in text
        assert "withheld for your role" in text
    entries = list_audit_entries(district=judged_district.district)
    assert "ships the new sign-in" not in repr(entries)
    assert "withheld" in repr(entries)


def test_what_was_accepted_after_the_judgment_says_when_it_counts(as_: ClientFactory, judged_district: Cast):
    client, finding = as_("director"), get_public_id(judged_district, "admin-second-factor")
    client.post(f"/findings/{finding}/accept", GOOD)
    assert "The numbers count it from the next judgment." in client.get(f"/findings/{finding}").content.decode()
    RiskException.objects.of(judged_district.district).update(made_at=PREVIOUS_AT)
    client.get("/")
    assert "The numbers count it from" not in client.get(f"/findings/{finding}").content.decode()


def test_before_the_first_judgment_posture_says_what_to_do(as_: ClientFactory, empty_folder: None):
    page = as_("director").get("/posture").content.decode()
    assert "Nothing has been judged yet" in page
    assert 'class="button" href="/sources' in page


def test_a_list_with_students_in_it_is_logged_as_its_question_and_count(as_: ClientFactory, judged_district: Cast):
    as_("technician").get(f"/findings/{get_public_id(judged_district, 'staff-second-factor')}")
    line = list_audit_entries(district=judged_district.district).lines[0]
    assert (line.actor, line.action, line.detail) == ("technician", "list subjects", {"students": 1})


def test_the_rows_come_as_a_file_and_that_is_logged(as_: ClientFactory, judged_district: Cast):
    answer: Any = as_("technician").get(f"/findings/{get_public_id(judged_district, 'chromeos-expired')}/rows.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 62
    assert rows[1][0].startswith("d-")
    line = list_audit_entries(district=judged_district.district).lines[0]
    assert (line.action, line.detail["rows"]) == ("export finding", 61)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str):
    assert escape_formula(cell) == f"'{cell}"
    assert escape_formula(f"a{cell}") == f"a{cell}"


def test_the_director_accepts_with_reason_owner_and_date_and_it_leaves_today(as_: ClientFactory, judged_district: Cast):
    client, finding = as_("director"), get_public_id(judged_district, "admin-second-factor")
    assert f"/findings/{finding}" in client.get("/").content.decode()
    assert client.post(f"/findings/{finding}/accept", GOOD).status_code == 302
    assert f"/findings/{finding}" not in client.get("/").content.decode()
    assert "Accepted until March 31, 2026" in client.get(f"/findings/{finding}").content.decode()
    line = list_audit_entries(district=judged_district.district).lines[0]
    assert (line.actor, line.action, line.subject) == ("director", "accept finding", finding)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "so"},
        {"owner": "stranger"},
        {"expires_on": "2026-01-15"},
        {"expires_on": "2027-06-01"},
        {"expires_on": "2026-13-45"},
        {"expires_on": ""},
    ],
)
def test_a_form_that_lacks_something_says_what_and_changes_nothing(
    as_: ClientFactory, judged_district: Cast, wrong: dict[str, str]
):
    answer = as_("director").post(f"/findings/{get_public_id(judged_district, 'leaver-account')}/accept", GOOD | wrong)
    assert answer.status_code == 422
    assert f'href="#{next(iter(wrong))}"' in answer.content.decode()
    assert not RiskException.objects.of(judged_district.district).exists()


def test_a_technician_accepts_medium_and_low_and_an_auditor_nothing(as_: ClientFactory, judged_district: Cast):
    low, high = (
        get_public_id(judged_district, "never-used-account"),
        get_public_id(judged_district, "admin-second-factor"),
    )
    assert as_("technician").post(f"/findings/{low}/accept", GOOD).status_code == 302
    assert as_("technician").post(f"/findings/{high}/accept", GOOD).status_code == 403
    assert as_("auditor").post(f"/findings/{low}/accept", GOOD).status_code == 403
    assert RiskException.objects.of(judged_district.district).count() == 1


def test_withdrawing_is_for_the_director_or_who_accepted_and_is_logged(as_: ClientFactory, judged_district: Cast):
    finding = get_public_id(judged_district, "never-used-account")
    as_("director").post(f"/findings/{finding}/accept", GOOD)
    number = RiskException.objects.of(judged_district.district).get().pk
    assert as_("technician").post(f"/acceptances/{number}/withdraw").status_code == 403
    assert as_("director").post(f"/acceptances/{number}/withdraw").status_code == 302
    assert RiskException.objects.of(judged_district.district).get().withdrawn_at is not None
    assert list_audit_entries(district=judged_district.district).lines[0].action == "withdraw acceptance"


def test_the_stranger_opens_no_finding_and_no_acceptance_of_the_next_district(
    as_: ClientFactory, judged_district: Cast
):
    finding, stranger = get_public_id(judged_district, "leaver-account"), as_("stranger")
    as_("director").post(f"/findings/{finding}/accept", GOOD)
    number = RiskException.objects.of(judged_district.district).get().pk
    for page in (
        f"/findings/{finding}",
        f"/findings/{finding}/rows.csv",
        f"/findings/{finding}/accept",
        "/posture/leaver-account",
    ):
        assert stranger.get(page).status_code == 404, page
    assert stranger.post(f"/findings/{finding}/accept", GOOD).status_code == 404
    assert stranger.post(f"/acceptances/{number}/withdraw").status_code == 404
    assert RiskException.objects.of(judged_district.district).get().withdrawn_at is None


@pytest.mark.parametrize("groups", [10, 100])
def test_the_queries_of_a_control_do_not_grow_with_its_findings(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, groups: int, django_assert_max_num_queries: Any
):
    publish_assessments(cast.district, store, findings=[("chromeos-silent", f"Cart {n}", 3) for n in range(groups)])
    client = as_("technician")
    with django_assert_max_num_queries(13):
        client.get("/posture/chromeos-silent")
