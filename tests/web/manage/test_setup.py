"""The first run in the browser: each step has its page, stores its answers, and reports invalid values."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.manage.planning.hours import load_team_hours
from homeroom.apps.manage.setup.queries import MAIN_STEPS, STEPS, load_setup
from homeroom.apps.manage.setup.system_exports import find_guide
from homeroom.apps.platform.audit.queries import AuditFilter, list_audit_entries
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_page(as_: ClientFactory, empty_folder: None, step: str) -> None:
    page = as_("director").get(f"/setup/{step}")
    assert page.status_code == 200
    assert ('aria-current="step"' in page.content.decode()) == (step in MAIN_STEPS)


@pytest.mark.parametrize("number", range(1, 6))
def test_a_step_on_the_way_to_the_first_scan_tells_where_it_is(
    as_: ClientFactory, empty_folder: None, number: int
) -> None:
    page = as_("director").get(f"/setup/{MAIN_STEPS[number - 1]}").content.decode()
    assert f"Step {number} of 5" in page
    assert ("Skip for now" in page) == (number not in (3, 5)), "the exports are continued, and the scan is the end"


def test_two_systems_come_first_and_the_others_are_folded_away(as_: ClientFactory, empty_folder: None) -> None:
    page = as_("director").get("/setup/systems").content.decode().partition("<main")[2]
    first, _, others = page.partition("<details")
    assert re.findall(r'value="([^"]+)"', first.partition('id="systems"')[2]) == [
        "google", "microsoft", "powerschool", "infinitecampus", "oneroster",
    ]  # fmt: skip
    assert "More systems later" in others
    assert 'value="snipeit"' in others


def test_an_answer_leads_on_and_is_shown_again(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    answered = client.post("/setup/systems", {"systems": ["google", "snipeit"]})
    assert answered.headers["Location"] == "/setup/exports/google"
    exports = client.get("/setup/exports/google").content.decode()
    assert "Directory &gt; Users &gt; Download users" in exports
    assert "gam redirect csv ./users.csv" in exports.partition("<details")[2]
    assert "System 1 of 2." in exports
    chosen = client.get("/setup/exports").content.decode().partition("<main")[2].partition("<details")[0]
    assert "Snipe-IT" in chosen
    assert "Microsoft" not in chosen
    assert 'value="google" checked' in client.get("/setup/systems").content.decode()


def test_the_first_run_asks_which_training_tool_the_district_owns(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    page = client.get("/setup/systems").content.decode()
    question = page[page.index('id="training-tools"') : page.rindex("</fieldset>")]
    titles = ["KnowBe4", "Vector Training", "Microsoft attack simulation", "gophish", "Another training tool"]
    places = [question.index(title) for title in titles]
    assert places == sorted(places)
    client.post("/setup/systems", {"systems": ["hr", "vector", "gophish"]})
    assert "homeroom load completions.csv --as vector" in client.get("/setup/exports/vector").content.decode()
    assert "Its API key can also start" in client.get("/setup/exports/gophish").content.decode()


def test_what_does_not_fit_is_told_beside_its_field_and_what_was_written_stays(
    as_: ClientFactory, empty_folder: None
) -> None:
    answered = as_("director").post("/setup/calendar", {"first_day": "2025-08-18", "last_day": "", "closed": "soon"})
    page = answered.content.decode()
    assert answered.status_code == 400
    assert "Line 1: use 12/22/2025" in page
    assert 'href="#last_day"' in page
    assert 'value="2025-08-18"' in page


@pytest.mark.django_db(databases="__all__")
def test_going_back_keeps_what_was_typed_and_stores_nothing(as_: ClientFactory, empty_folder: None, cast: Cast) -> None:
    client = as_("director")
    back = client.post("/setup/calendar", {"first_day": "2025-08-18", "closed": "soon", "back": "1"})
    assert back.headers["Location"] == "/setup/load"
    page = client.get("/setup/calendar").content.decode()
    assert 'value="2025-08-18"' in page
    assert ">soon</textarea>" in page
    assert load_setup(district=cast.district).answered == ()
    assert 'value="2025-08-18"' not in as_("technician").get("/setup/calendar").content.decode()
    saved = client.post("/setup/calendar", {"first_day": "", "last_day": "", "closed": ""})
    assert saved.headers["Location"] == "/setup/facts"
    assert ">soon</textarea>" not in client.get("/setup/calendar").content.decode()


def test_ticks_are_remembered_for_the_team_and_recorded(as_: ClientFactory, empty_folder: None, cast: Cast) -> None:
    first, second, *_ = sorted(find_guide("google").step_ids)
    ticked = as_("director").post("/setup/exports/google/ticks", {"done": [first, "nothing"]})
    assert ticked.headers["Location"] == "/setup/exports/google"
    page = as_("technician").get("/setup/exports/google").content.decode()
    assert f'value="{first}" checked' in page
    assert f'value="{second}" checked' not in page
    entries = list_audit_entries(district=cast.district, shown=AuditFilter(action="tick export steps")).lines
    assert [(entry.subject, entry.actor) for entry in entries] == [("exports google", "director")]
    assert as_("auditor").post("/setup/exports/google/ticks", {"done": [second]}).status_code == 403
    assert "disabled" in as_("auditor").get("/setup/exports/google").content.decode()
    assert as_("director").post("/setup/exports/no-such/ticks").status_code == 404


@pytest.mark.django_db(databases="__all__")
def test_a_file_is_dropped_on_the_screen_of_its_system_and_followed_there(
    as_: ClientFactory, empty_folder: None, cast: Cast
) -> None:
    client = as_("director")
    assert "Choose at least one file." in client.post("/setup/exports/hr", {}).content.decode()
    dropped = client.post("/setup/exports/hr", {"files": SimpleUploadedFile("staff.csv", b"a,b")})
    assert dropped.headers["Location"] == "/setup/exports/hr#files"
    page = client.get("/setup/exports/hr").content.decode()
    assert "staff.csv" in page
    assert 'hx-get="/setup/exports/hr?part=1"' in page
    assert "staff.csv" not in client.get("/setup/exports/google").content.decode()
    part = client.get("/setup/exports/hr?part=1").content.decode()
    assert part.lstrip().startswith('<div id="answer"')
    assert load_setup(district=cast.district).answered == ("exports",)
    assert "being scanned" in client.get("/setup/load").content.decode()


def test_the_page_for_a_colleague_has_steps_a_place_and_no_navigation(as_: ClientFactory, empty_folder: None) -> None:
    page = as_("technician").get("/setup/exports/powerschool/sheet").content.decode()
    assert "OneRoster CSV bundle" in page
    assert "http://testserver/setup/exports/powerschool" in page
    assert "<nav" not in page
    assert as_("stranger").get("/d/maple-valley/setup/exports/powerschool/sheet").status_code == 404
    assert as_("technician").get("/setup/exports/no-such/sheet").status_code == 404


def test_hours_are_asked_of_who_does_the_work_and_kept_for_the_plan(
    as_: ClientFactory, empty_folder: None, cast: Cast
) -> None:
    client = as_("director")
    page = client.get("/setup/hours").content.decode()
    assert 'name="hours-technician" value="6"' in page
    assert "hours-auditor" not in page
    assert client.post("/setup/hours", {"hours-technician": "4,5", "hours-director": ""}).status_code == 302
    minutes = {hours.person: hours.minutes for hours in load_team_hours(district=cast.district)}
    assert minutes == {"technician": 270, "director": None, "privacy": None}
    refused = client.post("/setup/hours", {"hours-technician": "many"})
    assert refused.status_code == 400
    assert "Enter a number of hours" in refused.content.decode()
    assert client.post("/setup/hours", {"hours-technician": "200"}).status_code == 400


def test_an_empty_house_leads_to_the_first_run(as_: ClientFactory, empty_folder: None) -> None:
    assert 'href="/setup"' in as_("director").get("/").content.decode()


def test_the_facts_leave_as_a_file(as_: ClientFactory, empty_folder: None) -> None:
    file = as_("auditor").get("/setup/facts.yaml")
    assert file["Content-Disposition"].startswith("attachment")
    assert file.content.decode().startswith("homeroom: district\n")


def test_an_auditor_reads_and_does_not_answer(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("auditor")
    assert client.get("/setup/district").status_code == 200
    assert client.post("/setup/district", {"name": "Ours", "timezone": "America/Denver"}).status_code == 403


def test_a_demo_keeps_no_facts_of_a_real_district(as_: ClientFactory, empty_folder: None, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    answered = as_("director").post("/setup/district", {"name": "Ours", "timezone": "America/Denver"})
    assert answered.status_code == 400
    assert "This is the demo" in answered.content.decode()


def test_a_step_that_is_none_is_not_found(as_: ClientFactory, empty_folder: None) -> None:
    assert as_("director").get("/setup/secrets").status_code == 404


def test_the_stranger_sees_nothing_of_this_district(as_: ClientFactory, judged_district: Cast) -> None:
    assert as_("stranger").get("/d/maple-valley/setup").status_code == 404
