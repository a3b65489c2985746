"""A person's own pages: who the person is today, in which language, and that nobody else gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.districts.models import User
from homeroom.apps.platform.people_sign_in.queries import MyPerson, find_person
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.teach.my import sections
from tests.cast import TEACHER_ADDRESS, Cast


def test_the_person_of_an_address_is_who_works_here_with_an_account_that_is_not_suspended(
    cast: Cast, people: EvidenceStore
):
    assert find_person(district=cast.district, email=" Ines.Calloway@Maple.test ") == MyPerson(
        id=1,
        name="Ines Calloway",
        email=TEACHER_ADDRESS,
        kind="staff",
        title="Teacher",
        began_on=date(2025, 8, 18),
    )
    without_account = find_person(district=cast.district, email="cleo.marsh@maple.test")
    assert without_account is not None
    assert not without_account.has_account


@pytest.mark.parametrize(
    "address",
    [
        "rolf.anselm@maple.test",  # left
        "mina.ferro@maple.test",  # a student
        "otis.brandt@maple.test",  # works here, and is a student
        "lars.holm@maple.test",  # a student's account of somebody on staff
        "vera.lund@maple.test",  # suspended
        "gus.moreau@home.test",  # a guardian
        "front.desk@maple.test",  # two people
        "scanner@maple.test",  # nobody
        "nobody@maple.test",
        "%@maple.test",
        "",
    ],
)
def test_nobody_else_has_pages(cast: Cast, people: EvidenceStore, teacher: Client, address: str):
    assert find_person(district=cast.district, email=address) is None
    assert teacher.get("/my").status_code == 200
    User.objects.filter(username="teacher").update(email=address)
    assert teacher.get("/my").status_code == 404


def test_the_people_of_one_district_are_nobody_in_the_next(cast: Cast, people: EvidenceStore):
    assert find_person(district=cast.next_district, email=TEACHER_ADDRESS) is None


def test_a_member_of_the_office_has_pages_where_the_address_is_here(
    as_: Callable[[str], Client], people: EvidenceStore
):
    client = as_("director")
    assert client.get("/my").status_code == 404
    User.objects.filter(username="director").update(email="dana.whitfield@maple.test")
    page = client.get("/my")
    assert b"Hello, Dana Whitfield" in page.content
    assert b'href="/"' in page.content


def test_the_page_has_no_navigation_of_the_office_and_greets_the_person(teacher: Client):
    text = teacher.get("/my").content.decode()
    assert "Hello, Ines Calloway" in text
    assert "<nav" not in text
    assert "/inventory" not in text
    assert "Nothing waits for you" in text


def test_a_section_is_shown_where_a_module_has_something_to_show(teacher: Client, monkeypatch: pytest.MonkeyPatch):
    seen: list[Mapping[str, Any]] = []

    def build(**context: Any) -> Mapping[str, Any] | None:
        seen.append(context)
        return {"title": "Turn on your second step"}

    shown = sections.MySection(order=1, template="my/_example.html", build=build)
    empty = sections.MySection(order=0, template="my/_missing.html", build=lambda **_: None)
    monkeypatch.setattr(sections, "list_sections", lambda: (empty, shown))
    built = sections.build_sections(
        district=Any, person=MyPerson(id=1, name="I", email="i", kind="staff"), today=date(2026, 1, 15), language="es"
    )
    assert built == [("my/_example.html", {"title": "Turn on your second step"})]
    assert set(seen[0]) == {"district", "person", "today", "language"}


def test_the_language_is_the_one_that_was_chosen_else_the_browsers(teacher: Client):
    assert 'lang="en"' in teacher.get("/my").content.decode()[:60]
    assert 'lang="es"' in teacher.get("/my", headers={"accept-language": "fr, es-MX;q=0.8"}).content.decode()[:60]
    assert 'lang="en"' in teacher.get("/my", headers={"accept-language": "fr"}).content.decode()[:60]
    answer = teacher.post("/language", {"language": "es", "next": "/my"})
    assert answer["Location"] == "/my"
    assert 'lang="es"' in teacher.get("/my", headers={"accept-language": "en"}).content.decode()[:60]
    teacher.post("/language", {"language": "tlh"})
    assert 'lang="es"' in teacher.get("/my").content.decode()[:60]
    assert teacher.post("/language", {"language": "en", "next": "https://evil.test/"})["Location"] == "/my"
    assert teacher.get("/language").status_code == 405


def test_pages_of_the_office_stay_in_english(as_: Callable[[str], Client]):
    client = as_("director")
    client.post("/language", {"language": "es"})
    for page in ("/audit", "/reports", "/sign-in-security"):
        answer = client.get(page, headers={"accept-language": "es"}, follow=True)
        assert '<html lang="en' in answer.content.decode()[:80], page
