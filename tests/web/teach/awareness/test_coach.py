"""The coach: a director names one member of the team, who sees one person at a time; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.models import Person
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import Membership, User
from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.protect.posture.published.queries import get_control_result, get_published_assessment
from homeroom.apps.teach.awareness.coach_commands import CoachRefused, ask_for_help, name_coach, record_talk
from homeroom.apps.teach.awareness.coaching import find_coach, find_coached_person, is_coach
from homeroom.apps.teach.awareness.models import HelpRequest
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.teach.my.drills import build_section
from tests.cast import Cast, create_user
from tests.web.teach.awareness.drilled_district import (
    AT,
    CAUGHT,
    HELPED,
    NEVER,
    ONCE,
    TODAY,
    assess_drilled_district,
    build_email,
)


def get_person(cast: Cast, name: str) -> Person:
    return Person.objects.of(cast.district).get(name=name, closed=None)


def build_address(cast: Cast, name: str) -> str:
    return f"/awareness/coach/{get_person(cast, name).public}"


@pytest.fixture
def coached(drilled: Cast) -> Cast:
    """Return the cast, whose technician is the coach."""
    name_coach(district=drilled.district, username="technician", actor="director", at=AT)
    return drilled


def test_a_director_names_one_coach_and_the_trail_has_it(cast: Cast, as_: Callable[[str], Client]):
    answer = as_("director").post("/awareness/coach", {"coach": "technician"})
    assert answer.status_code == 302
    coach = find_coach(district=cast.district)
    assert coach is not None
    assert (coach.username, coach.name) == ("technician", "Tomás Okafor")
    as_("director").post("/awareness/coach", {"coach": "director"})
    assert not is_coach(district=cast.district, username="technician")
    entries = Entry.objects.of(cast.district).filter(action="name coach").order_by("pk")
    assert [(entry.actor, entry.subject, entry.detail) for entry in entries] == [
        ("director", "technician", {"before": ""}),
        ("director", "director", {"before": "technician"}),
    ]
    as_("director").post("/awareness/coach", {"coach": ""})
    assert find_coach(district=cast.district) is None


@pytest.mark.parametrize("username", ["auditor", "privacy", "stranger", "nobody"])
def test_only_a_member_of_the_team_can_be_the_coach(cast: Cast, as_: Callable[[str], Client], username: str):
    assert as_("director").post("/awareness/coach", {"coach": username}).status_code == 422
    assert find_coach(district=cast.district) is None


@pytest.mark.parametrize("role", ["technician", "privacy", "auditor"])
def test_nobody_but_a_director_names_the_coach(cast: Cast, as_: Callable[[str], Client], role: str):
    assert as_(role).post("/awareness/coach", {"coach": "technician"}).status_code == 403
    assert find_coach(district=cast.district) is None


def test_who_left_the_team_is_the_coach_no_more(coached: Cast):
    Membership.objects.filter(user=coached.technician).update(role="auditor")
    assert find_coach(district=coached.district) is None


def test_the_coach_sees_one_person_at_a_time_with_who_waits_first(coached: Cast, as_: Callable[[str], Client]):
    client = as_("technician")
    start = client.get("/awareness/coach").content.decode()
    assert "2 people missed at least two drills in a year, or asked for help. You still have to talk with 1." in start
    assert not any(name in start for name in (CAUGHT, HELPED, ONCE, NEVER))
    page = client.get(build_address(coached, CAUGHT))
    text = page.content.decode()
    assert CAUGHT in text
    assert "Missed 2 drills in the last year." in text
    assert "1 of 2" in text
    assert not any(name in text for name in (HELPED, ONCE, NEVER))
    assert page["Cache-Control"] == "no-store"
    for name in (ONCE, NEVER):
        assert client.get(build_address(coached, name)).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("director", 404), ("privacy", 403), ("auditor", 403), ("stranger", 404)])
def test_there_is_no_such_page_for_anybody_else(coached: Cast, as_: Callable[[str], Client], role: str, status: int):
    client = as_(role)
    address = build_address(coached, CAUGHT)
    assert client.get(address).status_code == status
    assert client.post(f"{address}/talk", {"talked_on": "2026-01-14"}).status_code == status
    assert client.get("/d/maple-valley" + address).status_code == status
    assert not HelpRequest.objects.of(coached.district).exists()


def test_who_asked_for_help_is_among_them_until_the_coach_talked_with_them(coached: Cast, as_: Callable[[str], Client]):
    person = get_person(coached, NEVER)
    for _ in range(2):
        ask_for_help(district=coached.district, person=person.subject, at=AT)
    assert HelpRequest.objects.of(coached.district).count() == 1
    client, address = as_("technician"), build_address(coached, NEVER)
    assert "Asked for help on January 15." in client.get(address).content.decode()
    client.post(f"{address}/talk", {"talked_on": "2026-01-15"})
    assert find_coached_person(district=coached.district, public=person.public) is None


def test_a_talk_is_recorded_with_its_day(coached: Cast, as_: Callable[[str], Client]):
    client, address = as_("technician"), build_address(coached, CAUGHT)
    answer = client.post(f"{address}/talk", {"talked_on": "2026-01-14"}, follow=True)
    assert "Talked with them on January 14, 2026" in answer.content.decode()
    person = find_coached_person(district=coached.district, public=get_person(coached, CAUGHT).public)
    assert person is not None
    assert not person.waits


@pytest.mark.parametrize("text", ["", "soon", "2026-13-40", "2026-01-16", "2024-01-01"])
def test_a_day_of_a_talk_that_does_not_fit_is_refused(coached: Cast, as_: Callable[[str], Client], text: str):
    answer = as_("technician").post(f"{build_address(coached, CAUGHT)}/talk", {"talked_on": text})
    assert answer.status_code == 422
    assert "Not talked with yet" in answer.content.decode()


def test_a_command_asks_again_who_the_coach_is(coached: Cast):
    public = get_person(coached, CAUGHT).public
    with pytest.raises(LookupError):
        record_talk(district=coached.district, public=public, talked_on=TODAY, today=TODAY, actor="director", at=AT)
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(CoachRefused):
        record_talk(
            district=coached.district, public=public, talked_on=tomorrow, today=TODAY, actor="technician", at=AT
        )


def test_a_talk_counts_as_help_from_the_next_load_on(coached: Cast, tmp_path: Path):
    public = get_person(coached, CAUGHT).public
    record_talk(district=coached.district, public=public, talked_on=TODAY, today=TODAY, actor="technician", at=AT)
    assess_drilled_district(coached.district, EvidenceStore(tmp_path / "evidence", district="maple-valley"))
    person = find_coached_person(district=coached.district, public=public)
    assert person is not None
    assert person.helped
    assessment = get_published_assessment(district=coached.district)
    assert assessment is not None
    result = get_control_result(district=coached.district, assessment=assessment, control="drill-help-offered")
    assert result is not None
    assert (result.numbers.failing, result.numbers.passing) == (0, 2)


def test_without_a_coach_or_without_drills_there_is_nothing_to_show(cast: Cast, drilled: Cast, settings: Any):
    person = MyPerson(id=0, name="", email="", kind="staff")
    assert build_section(district=drilled.district, person=person) is None
    name_coach(district=drilled.district, username="technician", actor="director", at=AT)
    settings.DATA = settings.DATA / "empty"
    assert build_section(district=drilled.district, person=person) is None


def test_a_person_sees_their_own_results_and_who_else_does(coached: Cast, as_: Callable[[str], Client]):
    create_user(
        district=coached.district, username=build_email(CAUGHT), role="person", first_name="Ruth", last_name="Castellan"
    )
    client = Client()
    User.objects.filter(username=build_email(CAUGHT)).update(email=build_email(CAUGHT))
    client.force_login(User.objects.get(email=build_email(CAUGHT)))
    person = MyPerson(id=0, name="", email="", kind="staff")
    section = build_section(district=coached.district, person=person)
    assert section is not None
    assert (section["results"], section["asked"]) == ((), False)
    text = client.get("/my").content.decode()
    assert "There is no result of yours yet." in text
    assert "Who sees this: you and Tomás Okafor" in text
    assert "Ask the coach for help" in text
    assert client.post("/my/drills/help").status_code == 302
    waiting = HelpRequest.objects.of(coached.district).get()
    assert waiting.person == get_person(coached, CAUGHT).subject
    assert client.get(build_address(coached, CAUGHT)).status_code == 403
    assert as_("director").post("/my/drills/help").status_code == 404
