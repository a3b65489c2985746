"""Attestation requests appear on Today for the people who may answer; each number of a goal opens its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from homeroom.apps.protect.frameworks import attestations
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
CPG = "cisa-cpg-2.0"
QUESTION = "Was the plan practiced?"


def request_attestation(cast: Cast) -> int:
    return attestations.request_attestation(
        district=cast.district,
        framework=CPG,
        goal="1.C",
        owner="director",
        due_on=TODAY + timedelta(days=30),
        actor="technician",
        at=MORNING,
        question=QUESTION,
    )


def test_who_is_asked_finds_it_on_the_mornings_page_until_it_is_answered(as_: ClientFactory, judged_district: Cast):
    number = request_attestation(judged_district)
    pages = {name: as_(name).get("/").content.decode() for name in ("director", "technician", "auditor", "stranger")}
    assert [name for name, page in pages.items() if QUESTION in page] == ["director"]
    assert f'href="/attestations/{number}"' in pages["director"]
    answer = {"said": "yes", "note": "In October.", "expires_on": (TODAY + timedelta(days=90)).isoformat()}
    assert as_("director").post(f"/attestations/{number}", answer).status_code == 302
    assert QUESTION not in as_("director").get("/").content.decode()


def test_nobody_is_asked_who_may_not_answer(as_: ClientFactory, judged_district: Cast):
    form = {"owner": "auditor", "due_on": "2026-02-15", "question": QUESTION}
    director, address = as_("director"), f"/frameworks/{CPG}/goals/1.C/ask"
    assert 'value="auditor"' not in director.get(address).content.decode()
    assert director.post(address, form).status_code == 400


def test_an_auditor_opens_no_form_that_holds_a_private_note(as_: ClientFactory, judged_district: Cast):
    number = request_attestation(judged_district)
    answer = {"said": "partly", "note": "The key lies in the blue drawer.", "expires_on": "2026-06-01", "private": "1"}
    assert as_("director").post(f"/attestations/{number}", answer).status_code == 302
    assert "blue drawer" in as_("technician").get(f"/attestations/{number}").content.decode()
    for address in (f"/attestations/{number}", f"/frameworks/{CPG}/goals/1.C/ask"):
        assert as_("auditor").get(address).status_code == 403


def test_every_number_of_a_goal_opens_those_who_are_counted(as_: ClientFactory, judged_district: Cast):
    client = as_("auditor")
    for address in (f"/frameworks/{CPG}", f"/frameworks/{CPG}/goals/3.F"):
        page = client.get(address).content.decode()
        numbers = re.findall(r'data-label="(?:Passing|Failing|Unknown|Excepted)">(.*?)</td>', page)
        assert numbers
        assert [cell for cell in numbers if not cell.startswith("<a ") and cell != "0"] == []
        for link in set(re.findall(r'href="(/posture/[^"]+)"', " ".join(numbers))):
            assert client.get(link).status_code == 200, link
