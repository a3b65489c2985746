"""The pages of users: a director sees and changes them, an auditor reads, nobody reaches the next district."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.feeds.visit_feeds import find_feed, hash_token
from homeroom.apps.manage.rollouts.models import VisitFeed
from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.models import Membership, User
from tests.cast import Cast
from tests.web.conftest import MORNING, record_session

ClientFactory = Callable[[str], Client]
NEW = {"username": "jo.rivera", "first_name": "Jo", "last_name": "Rivera", "role": "technician"}
OWN = "six loud crows at dusk"


@pytest.fixture
def members(cast: Cast, empty_folder: None, morning: datetime, settings: Any) -> Cast:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return cast


def find_page(user: User) -> str:
    return f"/users/{Membership.objects.filter(user=user).order_by('pk')[0].pk}"


def read_passphrase(answer: Any) -> str:
    match = re.search(r'<code class="figure">([a-z-]+)</code>', answer.content.decode())
    assert match is not None
    return match[1]


def sign_in(username: str, passphrase: str) -> Client:
    client = Client()
    assert client.post("/sign-in", {"username": username, "password": passphrase}).status_code == 302
    return client


def test_a_director_adds_a_user_who_signs_in_and_chooses_a_password(members: Cast, as_: ClientFactory) -> None:
    director = as_("director")
    answer = director.post("/users/add", NEW)
    assert answer.status_code == 200
    passphrase = read_passphrase(answer)
    assert "no-store" in answer["Cache-Control"]
    assert passphrase not in director.get("/users").content.decode(), "it is shown once"
    user = sign_in("jo.rivera", passphrase)
    assert user.get("/")["Location"] == "/password"
    own = {"old_password": passphrase, "new_password1": OWN, "new_password2": OWN}
    assert user.post("/password", own).status_code == 302
    assert user.get("/audit").status_code == 200
    page = director.get("/users").content.decode()
    assert "Jo Rivera" in page
    assert "Has a one-time password" not in page


def test_a_refused_user_keeps_what_was_typed(members: Cast, as_: ClientFactory) -> None:
    answer = as_("director").post("/users/add", NEW | {"username": "stranger"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose another name" in page
    assert 'value="Rivera"' in page
    assert 'value="technician" selected' in page
    assert User.objects.get(username="stranger").first_name == "Sam"


def test_a_role_is_changed_and_shown(members: Cast, as_: ClientFactory) -> None:
    page = find_page(members.technician)
    answer = as_("director").post(f"{page}/role", {"role": "auditor"}, follow=True)
    assert "The role is changed." in answer.content.decode()
    assert Membership.objects.get(user=members.technician).role == "auditor"


def test_who_is_deactivated_in_the_middle_of_work_reaches_nothing(members: Cast, as_: ClientFactory) -> None:
    technician, director = as_("technician"), as_("director")
    assert technician.get("/audit").status_code == 200
    page = find_page(members.technician)
    assert "Deactivated" in director.post(f"{page}/deactivate", follow=True).content.decode()
    assert technician.get("/audit")["Location"].startswith("/sign-in")
    assert "Activate user" in director.get(page).content.decode()
    director.post(f"{page}/activate")
    assert Membership.objects.get(user=members.technician).is_active


def make_feed(token: str, *, kind: str, name: str, made_by: str, district: Any) -> VisitFeed:
    return VisitFeed.objects.create(
        district=district,
        kind=kind,
        name=name,
        made_by=made_by,
        token_hash=hash_token(token),
        made_at=MORNING,
        changed_at=MORNING,
    )


def test_the_feeds_of_a_namesake_and_of_an_active_user_are_not_revoked(members: Cast, as_: ClientFactory) -> None:
    User.objects.filter(username="privacy").update(first_name="Tomás", last_name="Okafor")
    make_feed("named", kind="person", name="Tomás Okafor", made_by="director", district=members.district)
    make_feed("short", kind="person", name="technician", made_by="director", district=members.district)
    director, page = as_("director"), find_page(members.technician)
    answer = director.post(f"{page}/revoke-feeds")
    assert answer.status_code == 422
    assert "The user is active." in answer.content.decode()
    text = director.post(f"{page}/deactivate", follow=True).content.decode()
    assert "the feeds of: technician." in text
    assert director.post(f"{page}/revoke-feeds").status_code == 302
    assert list(VisitFeed.objects.of(members.district).filter(ended_at=None).values_list("name", flat=True)) == [
        "Tomás Okafor"
    ]


def test_the_feeds_of_who_was_deactivated_are_shown_and_revoked(members: Cast, as_: ClientFactory) -> None:
    make = partial(make_feed, district=members.district)
    named = make("named", kind="person", name="Tomás Okafor", made_by="director")
    own = make("made", kind="school", name="Lincoln Middle", made_by="technician")
    other = make("other", kind="person", name="Noor Castellano", made_by="director")
    school = make("school", kind="school", name="Tomás Okafor", made_by="director")
    elsewhere = make(
        "elsewhere", kind="person", name="Tomás Okafor", made_by="stranger", district=members.next_district
    )
    director, page = as_("director"), find_page(members.technician)
    assert "Revoke these feeds" not in director.get(page).content.decode(), "an active user's are their own"
    text = director.post(f"{page}/deactivate", follow=True).content.decode()
    assert "the feeds of: Lincoln Middle, Tomás Okafor." in text
    assert "Noor Castellano" not in text[text.index("<main") :]
    assert as_("auditor").post(f"{page}/revoke-feeds").status_code == 403
    assert "Revoke these feeds" not in director.post(f"{page}/revoke-feeds", follow=True).content.decode()
    for feed, is_open in ((named, False), (own, False), (other, True), (school, True), (elsewhere, True)):
        feed.refresh_from_db()
        assert (feed.ended_at is None) == is_open, feed.name
    assert find_feed(district=members.district, token="named") is None
    line = next(item for item in list_audit_entries(district=members.district).lines if "feeds" in item.action)
    assert (line.actor, line.action) == ("director", "revoke calendar feeds")


def test_a_reset_shows_a_password_once_and_ends_the_sessions(members: Cast, as_: ClientFactory) -> None:
    technician, director = as_("technician"), as_("director")
    answer = director.post(f"{find_page(members.technician)}/reset")
    passphrase = read_passphrase(answer)
    assert technician.get("/audit")["Location"].startswith("/sign-in")
    assert sign_in("technician", passphrase).get("/audit")["Location"] == "/password"
    trail = str(list_audit_entries(district=members.district).lines)
    assert "reset passphrase" in trail
    assert passphrase not in trail


def test_a_director_sees_and_ends_the_sessions_of_a_user(members: Cast, as_: ClientFactory) -> None:
    laptop, phone = Client(HTTP_USER_AGENT="Chrome/140.0 (Windows)"), Client()
    for client in (laptop, phone):
        client.force_login(members.technician)
        client.get("/audit")
    director, page = as_("director"), find_page(members.technician)
    assert "Chrome on Windows" in director.get(page).content.decode()
    record = UserSession.objects.get(agent__contains="Windows").public
    assert (
        "1 session ended." in director.post(f"{page}/end-sessions", {"session": record}, follow=True).content.decode()
    )
    assert laptop.get("/audit").status_code == 302
    assert phone.get("/audit").status_code == 200
    director.post(f"{page}/end-sessions")
    assert phone.get("/audit").status_code == 302


def test_of_a_user_of_two_districts_a_director_sees_no_sessions_and_resets_nothing(
    members: Cast, as_: ClientFactory
) -> None:
    Membership.objects.create(district=members.next_district, user=members.technician, role="technician")
    technician, director = as_("technician"), as_("director")
    page = find_page(members.technician)
    text = director.get(page).content.decode()
    assert "also works for another district" in text
    assert "Next Door" not in text
    assert UserSession.objects.get(user=members.technician).public not in text
    for action in ("reset", "reset-2-step", "end-sessions"):
        answer = director.post(f"{page}/{action}")
        assert answer.status_code == 422, action
        assert "Next Door" not in answer.content.decode()
    director.post(f"{page}/deactivate")
    assert technician.get("/d/maple-valley/audit").status_code == 404, "closed at once"
    assert technician.get("/d/next-door/audit").status_code == 200, "and open as before"


def test_a_director_changes_nothing_of_their_own_account(members: Cast, as_: ClientFactory) -> None:
    director, page = as_("director"), find_page(members.director)
    text = director.get(page).content.decode()
    assert "This is your own account" in text
    for action in ("reset", "deactivate", "role"):
        assert f"{page}/{action}" not in text
        assert director.post(f"{page}/{action}", {"role": "auditor"}).status_code == 422
    assert director.get(page).status_code == 200


def test_an_auditor_reads_who_the_users_are_and_no_session(members: Cast, as_: ClientFactory) -> None:
    as_("technician")
    auditor, page = as_("auditor"), find_page(members.technician)
    assert "Tomás Okafor" in auditor.get("/users").content.decode()
    text = auditor.get(page).content.decode()
    assert "<form" not in text[text.index("<main") :]
    assert "IP address" not in text
    for address in ("/users/add", *(f"{page}/{word}" for word in ("role", "reset", "deactivate", "end-sessions"))):
        assert auditor.post(address).status_code == 403


@pytest.mark.parametrize("name", ["technician", "privacy"])
def test_other_roles_do_not_see_the_users(members: Cast, as_: ClientFactory, name: str) -> None:
    client = as_(name)
    assert client.get("/users").status_code == 403
    assert client.get(find_page(members.director)).status_code == 403
    assert 'href="/users"' not in client.get("/audit").content.decode()
    assert 'href="/users"' in as_("director").get("/audit").content.decode()


def test_a_user_of_the_next_district_is_nobody_here(members: Cast, as_: ClientFactory) -> None:
    director, page = as_("director"), find_page(members.stranger)
    assert director.get(page).status_code == 404
    for action in ("role", "deactivate", "activate", "reset", "reset-2-step", "end-sessions"):
        assert director.post(f"{page}/{action}", {"role": "auditor"}).status_code == 404, action
    assert "stranger" not in director.get("/users").content.decode()


def test_a_user_sees_and_ends_their_own_sessions(members: Cast, as_: ClientFactory) -> None:
    own, other, director = as_("technician"), as_("technician"), as_("director")
    text = own.get("/account/sessions").content.decode()
    assert "This session" in text
    assert text.count('name="session"') == 1
    foreign = UserSession.objects.get(user=members.director).public
    own.post("/account/sessions/end", {"session": foreign})
    assert director.get("/audit").status_code == 200, "another's session is not ended by its id"
    assert "1 session ended." in own.post("/account/sessions/end", follow=True).content.decode()
    assert own.get("/audit").status_code == 200
    assert other.get("/audit").status_code == 302
    lines = list_audit_entries(district=members.district).lines
    assert [(line.actor, line.action) for line in lines if line.action == "end sessions"] == [
        ("technician", "end sessions")
    ]


def test_the_page_of_own_sessions_is_for_who_signed_in_to_an_office(members: Cast) -> None:
    assert Client().get("/account/sessions")["Location"].startswith("/sign-in")
    assert Client().post("/account/sessions/end")["Location"].startswith("/sign-in")
    Membership.objects.filter(user=members.technician).update(role="person")
    client = Client()
    client.force_login(members.technician)
    record_session(client, user=members.technician)
    assert client.get("/account/sessions").status_code == 404
    assert client.post("/account/sessions/end").status_code == 404
    assert client.get("/audit").status_code == 403
