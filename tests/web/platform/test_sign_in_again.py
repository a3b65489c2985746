"""A session that was left open changes nothing of who gets in: its user signs in again, and is led back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.commands import create_user
from homeroom.apps.platform.districts.models import Membership, User
from homeroom.apps.platform.second_factors.policies import get_policy
from tests.cast import PASSPHRASE, Cast
from tests.web.conftest import MORNING
from tests.web.platform.test_access import list_district_pages

AGAIN = "/account/sign-in-again"
SENSITIVE = {"users.manage", "sign_in.manage", "permissions.grant", "staff_sign_in.manage"}
LATER = MORNING + timedelta(minutes=16)


@pytest.fixture
def member(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA, settings.NOW = tmp_path, MORNING
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    create_user(district=cast.district, username="director", role="director", passphrase=PASSPHRASE)
    return cast


def sign_in(client: Client, *, after: str = "/") -> Any:
    form = {"username": "director", "password": PASSPHRASE, "next": after}
    return client.post("/sign-in", form)


def leave_open(settings: Any) -> Client:
    """Return the client of a director who signed in more than a quarter of an hour ago."""
    client = Client()
    assert sign_in(client).status_code == 302
    settings.NOW = LATER
    return client


def list_sensitive_pages() -> Iterator[tuple[str, URLPattern]]:
    return ((page, item) for page, item in list_district_pages() if item.callback.change in SENSITIVE)


def test_a_session_that_was_left_open_posts_to_no_page_that_decides_who_gets_in(member: Cast, settings: Any) -> None:
    client = leave_open(settings)
    before = Entry.objects.of(member.district).count()
    number = Membership.objects.get(user=member.technician).pk
    pages = [page.replace("/users/1", f"/users/{number}") for page, item in list_sensitive_pages()
             if "POST" in item.callback.methods]  # fmt: skip
    assert len(pages) >= 15
    for page in pages:
        answer = client.post(page, {"username": "technician", "role": "director", "required": "on"})
        assert answer.status_code == 302, page
        assert answer["Location"].startswith(AGAIN), page
    assert Entry.objects.of(member.district).count() == before
    assert not get_policy(district=member.district).is_required
    assert Membership.objects.get(user=member.technician).role == "technician"


def test_pages_say_so_before_anything_is_typed_and_open_as_before(member: Cast, settings: Any) -> None:
    client = leave_open(settings)
    for page in ("/users", "/sign-in-security", "/settings/permissions", "/awareness/staff"):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert f'name="next" value="{page}"' in answer.content.decode(), page
    settings.NOW = MORNING
    assert AGAIN not in client.get("/users").content.decode()


def test_signing_in_again_leads_back_and_ends_the_session_of_before(member: Cast, settings: Any) -> None:
    client = leave_open(settings)
    number = Membership.objects.get(user=member.technician).pk
    origin = f"/d/maple-valley/users/{number}"
    answer = client.post(f"{origin}/deactivate", headers={"Referer": f"http://testserver{origin}"})
    page = client.get(answer["Location"]).content.decode()
    assert "Nothing was changed yet." in page
    assert f'name="next" value="{origin}"' in page
    answer = client.post(AGAIN, {"next": origin})
    assert answer["Location"] == f"/sign-in?next=%2Fd%2Fmaple-valley%2Fusers%2F{number}"
    assert client.get("/audit")["Location"].startswith("/sign-in")
    assert UserSession.objects.get().ended_because == "signed out"
    assert sign_in(client, after=origin)["Location"] == origin
    assert client.post(f"{origin}/deactivate").status_code == 302
    assert not User.objects.get(username="technician").is_active


@pytest.mark.parametrize("prefix", ["", "/d/maple-valley"])
def test_it_leads_to_the_page_above_an_address_that_forms_post_to(member: Cast, settings: Any, prefix: str) -> None:
    client = leave_open(settings)
    number = Membership.objects.get(user=member.technician).pk
    for sender, after in (
        ("/users/add", "/users"),
        (f"/users/{number}/role", f"/users/{number}"),
        ("/awareness/staff/codes", "/awareness/staff"),
        ("/users?active=no", "/users?active=no"),
        ("/no/such/page", ""),
    ):
        answer = client.post(f"{prefix}/users/add", headers={"Referer": f"http://testserver{prefix}{sender}"})
        page = client.get(answer["Location"]).content.decode()
        assert f'name="next" value="{prefix}{after or "/"}"' in page, sender
        assert client.get(f"{prefix}{after or '/'}").status_code == 200, sender
    page = client.get(f"{AGAIN}?next=/account/2-step/passkeys").content.decode()
    assert 'name="next" value="/account/2-step"' in page


@pytest.mark.parametrize(
    "sender", ["", "https://evil.test/users", "http://testserver.evil.test/", "//evil.test", "http://testserver//evil"]
)
def test_it_leads_to_no_other_site(member: Cast, settings: Any, sender: str) -> None:
    client = leave_open(settings)
    answer = client.post("/users/add", headers={"Referer": sender})
    assert answer["Location"] == f"{AGAIN}?next=%2F"
    answer = client.post(AGAIN, {"next": "//evil.test"})
    assert answer["Location"] == "/sign-in?next=%2F"


def test_who_may_not_change_it_is_refused_as_before(member: Cast, settings: Any) -> None:
    create_user(district=member.district, username="auditor", role="auditor", passphrase=PASSPHRASE)
    client = Client()
    client.post("/sign-in", {"username": "auditor", "password": PASSPHRASE})
    settings.NOW = LATER
    assert client.post("/users/add").status_code == 403
    assert AGAIN not in client.get("/users").content.decode()


def test_a_stranger_is_led_to_sign_in(member: Cast) -> None:
    assert Client().get(AGAIN)["Location"].startswith("/sign-in")
    assert Client().post(AGAIN)["Location"].startswith("/sign-in")
