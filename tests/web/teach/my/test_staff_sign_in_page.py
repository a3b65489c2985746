"""The office's page about staff sign-in: the director sets it and prints codes, others read counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.platform.people_sign_in.providers import find_registration
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import TEACHER_ADDRESS, Cast

PAGE = "/awareness/staff"
SECRET = "the-secret-of-the-client"
FORM = {"provider": "google", "client_id": "1-a.apps", "secret": SECRET, "pinned": "maple.test"}


def test_the_director_registers_google_and_turns_it_off(
    as_: Callable[[str], Client], cast: Cast, people: EvidenceStore
):
    client = as_("director")
    page = client.get(PAGE).content.decode()
    assert "http://testserver/d/maple-valley/my/sign-in/google/callback" in page
    assert "3 members of staff may sign in" in page
    answer = client.post(f"{PAGE}/provider", FORM, follow=True)
    assert b"Staff sign in with Google." in answer.content
    assert SECRET.encode() not in answer.content
    assert b"Sign in with Google" in Client().get("/d/maple-valley/my", follow=True).content
    client.post(f"{PAGE}/provider/remove", {"provider": "google"})
    assert find_registration(district=cast.district, provider="google") is None


def test_what_does_not_fit_is_shown_with_what_was_entered(as_: Callable[[str], Client], people: EvidenceStore):
    answer = as_("director").post(f"{PAGE}/provider", FORM | {"pinned": "everybody"})
    assert answer.status_code == 422
    assert b"domains of your Google Workspace" in answer.content
    assert b'value="everybody"' in answer.content
    assert SECRET.encode() not in answer.content


def test_codes_are_shown_once_to_print_and_let_in(as_: Callable[[str], Client], people: EvidenceStore):
    client = as_("director")
    sheet = client.post(f"{PAGE}/codes", {"addresses": f"{TEACHER_ADDRESS}, cleo.marsh@maple.test"})
    assert sheet.content.count(b"printed-code") == 2
    assert "no-store" in sheet["Cache-Control"]
    text = sheet.content.decode()
    code = text.split(TEACHER_ADDRESS)[1].split('printed-code">')[1].split("<")[0]
    assert code not in client.get(PAGE).content.decode()
    assert "Waiting: 2" in client.get(PAGE).content.decode()
    teacher = Client()
    page = {"address": TEACHER_ADDRESS, "code": code}
    assert teacher.post("/d/maple-valley/my/sign-in/code", page).status_code == 302
    assert code not in client.get("/audit").content.decode()


@pytest.mark.parametrize("form", [{}, {"addresses": "nobody@maple.test"}, {"school": "Nowhere High"}])
def test_codes_for_nobody_are_refused(as_: Callable[[str], Client], people: EvidenceStore, form: dict[str, str]):
    assert as_("director").post(f"{PAGE}/codes", form).status_code == 422


@pytest.mark.parametrize("name", ["technician", "auditor", "privacy"])
def test_others_read_counts_and_let_nobody_in(as_: Callable[[str], Client], people: EvidenceStore, name: str):
    client = as_(name)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert b'<form method="post" action="/awareness' not in page.content
    for address in ("provider", "provider/remove", "codes"):
        assert client.post(f"{PAGE}/{address}", FORM).status_code == 403
