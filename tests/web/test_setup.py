"""The first run in the browser: each step has its page, stores its answers, and reports invalid values."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.planning.hours import load_team_hours
from homeroom.apps.setup.queries import STEPS
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_page(as_: ClientFactory, empty_folder: None, step: str) -> None:
    page = as_("director").get(f"/setup/{step}")
    assert page.status_code == 200
    assert 'aria-current="step"' in page.content.decode()


def test_an_answer_leads_on_and_is_shown_again(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    answered = client.post("/setup/systems", {"systems": ["google", "snipeit"]})
    assert answered.headers["Location"] == "/setup/exports"
    exports = client.get("/setup/exports").content.decode()
    assert "gam redirect csv ./users.csv" in exports
    assert "Microsoft" not in exports
    assert 'value="google" checked' in client.get("/setup/systems").content.decode()


def test_the_first_run_asks_which_training_tool_the_district_owns(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    page = client.get("/setup/systems").content.decode()
    question = page[page.index('id="training-tools"') : page.rindex("</fieldset>")]
    titles = ["KnowBe4", "Vector Training", "Microsoft attack simulation", "gophish", "Another training tool"]
    places = [question.index(title) for title in titles]
    assert places == sorted(places)
    client.post("/setup/systems", {"systems": ["hr", "vector", "gophish"]})
    exports = client.get("/setup/exports").content.decode()
    assert "homeroom load completions.csv --as vector" in exports
    assert "Its API key can also start" in exports
    assert "Reporting API token" not in exports


def test_what_does_not_fit_is_told_beside_its_field_and_what_was_written_stays(
    as_: ClientFactory, empty_folder: None
) -> None:
    answered = as_("director").post("/setup/calendar", {"first_day": "2025-08-18", "last_day": "", "closed": "soon"})
    page = answered.content.decode()
    assert answered.status_code == 400
    assert "Line 1: use 12/22/2025" in page
    assert 'href="#last_day"' in page
    assert 'value="2025-08-18"' in page


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
