"""Each session has a record; it ends on time, and at once when somebody ends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from homeroom.apps.platform.accounts.models import UserSession
from homeroom.apps.platform.accounts.queries import get_user, list_user_sessions
from homeroom.apps.platform.accounts.sessions import delete_old_session_records, end_sessions
from homeroom.apps.platform.accounts.temporary_passphrases import is_passphrase_temporary, mark_passphrase_temporary
from homeroom.apps.platform.api_tokens.commands import make_token
from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.districts.commands import create_user
from tests.cast import PASSPHRASE, Cast

HOUR = timedelta(hours=1)
OWN = "six loud crows at dusk"


@pytest.fixture
def member(cast: Cast, settings: Any) -> Cast:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    cast.technician.refresh_from_db()
    return cast


def sign_in(*, passphrase: str = PASSPHRASE, agent: str = "Mozilla/5.0 Firefox/140.0") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR="192.0.2.7")
    client.post("/sign-in", {"username": "technician", "password": passphrase})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/audit").status_code == 200


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


def test_signing_in_writes_who_how_from_where_and_until_when(member: Cast) -> None:
    client = sign_in()
    record = UserSession.objects.get()
    assert (record.user, record.method, record.address) == (member.technician, "passphrase", "192.0.2.7")
    assert "Firefox" in record.agent
    assert record.session_key == client.session.session_key
    assert record.expires_at - record.started_at <= 12 * HOUR
    assert is_signed_in(client)
    assert UserSession.objects.count() == 1


def test_a_session_that_begins_without_a_sign_in_page_has_a_record_too(member: Cast) -> None:
    client = Client()
    client.force_login(member.technician)
    assert is_signed_in(client)
    assert UserSession.objects.get().user == member.technician


def test_a_session_that_somebody_ends_is_that_of_a_stranger_at_once(member: Cast) -> None:
    laptop, phone = sign_in(), sign_in()
    first = UserSession.objects.order_by("pk")[0]
    assert end_sessions(user=member.technician, at=timezone.now(), by="director", record=first.public) == 1
    assert not is_signed_in(laptop)
    assert is_signed_in(phone)
    first.refresh_from_db()
    assert (first.ended_by, first.ended_because, first.session_key) == ("director", "ended", "")
    assert end_sessions(user=member.technician, at=timezone.now()) == 1
    assert not is_signed_in(phone)


def test_the_session_of_a_request_under_way_does_not_outlive_its_end(member: Cast) -> None:
    client = sign_in()
    UserSession.objects.update(ended_at=timezone.now())  # as if the key had changed since the record was read
    session = client.session
    session.cycle_key()
    client.cookies["sessionid"] = session.session_key
    client.get("/audit")
    assert not is_signed_in(client)
    assert not Session.objects.exists()


def test_signing_out_ends_the_record(member: Cast) -> None:
    client = sign_in()
    client.post("/sign-out")
    record = UserSession.objects.get()
    assert record.ended_at is not None
    assert record.ended_because == "signed out"


def test_use_does_not_extend_a_session_past_its_last_hour(
    member: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = timezone.now()
    client = sign_in()
    for hour in range(1, 12):
        set_clock(monkeypatch, begin + hour * HOUR)
        assert is_signed_in(client), hour
    set_clock(monkeypatch, begin + 12 * HOUR + timedelta(minutes=1))
    assert not is_signed_in(client)


def test_a_session_that_nobody_uses_ends_earlier(member: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = timezone.now()
    client, idle = sign_in(), sign_in()
    set_clock(monkeypatch, begin + 3 * HOUR)
    assert is_signed_in(client)
    set_clock(monkeypatch, begin + 4 * HOUR + timedelta(minutes=1))
    assert is_signed_in(client)
    assert not is_signed_in(idle)


def test_five_minutes_of_use_cost_no_query_for_the_record(member: Cast, django_assert_num_queries: Any) -> None:
    client = sign_in()
    # the session, its user, whether it is a break-glass account; for the navigation, its districts and their policy
    with django_assert_num_queries(5):
        client.get("/password")


@pytest.mark.differs_by_database("deletion by time")
def test_the_worker_closes_what_expired_and_deletes_old_records(member: Cast, settings: Any) -> None:
    sign_in()
    at = timezone.now()
    assert delete_old_session_records(at) == 0
    assert UserSession.objects.get().ended_at is None
    delete_old_session_records(at + 13 * HOUR)
    assert UserSession.objects.get().ended_because == "expired"
    assert delete_old_session_records(at + 13 * HOUR + settings.SESSION_RECORD_AGE / 2) == 0
    assert delete_old_session_records(at + 14 * HOUR + settings.SESSION_RECORD_AGE) == 1
    assert not UserSession.objects.exists()


def test_a_record_whose_session_a_restore_did_not_bring_back_is_not_shown_as_open(member: Cast) -> None:
    sign_in()
    open_client, at = sign_in(), timezone.now()
    record = UserSession.objects.order_by("pk")[0]
    Session.objects.filter(session_key=record.session_key).delete()
    shown = list_user_sessions(district=member.district, username="technician", at=at)
    assert [line.id for line in shown] == [UserSession.objects.order_by("pk")[1].public]
    assert get_user(district=member.district, username="technician", at=at).sessions == 1
    delete_old_session_records(at)
    record.refresh_from_db()
    assert (record.ended_because, record.session_key) == ("expired", "")
    assert is_signed_in(open_client)


def test_a_passphrase_that_somebody_else_chose_opens_nothing_until_it_is_changed(member: Cast) -> None:
    mark_passphrase_temporary(user=member.technician, by="director", at=timezone.now(), lifetime=HOUR)
    client, other = sign_in(), sign_in()
    for page in ("/", "/audit", "/d/maple-valley/devices", "/districts"):
        assert client.get(page)["Location"] == "/password", page
        assert client.post(page)["Location"] == "/password", page
    wrong = {"old_password": PASSPHRASE, "new_password1": "short", "new_password2": "short"}
    assert client.post("/password", wrong).status_code == 422
    assert not is_signed_in(client)
    own = {"old_password": PASSPHRASE, "new_password1": OWN, "new_password2": OWN}
    assert client.post("/password", own).status_code == 302
    assert is_signed_in(client)
    assert not is_passphrase_temporary(user=member.technician)
    assert other.get("/audit").status_code == 302, "a session of the old passphrase has ended"
    assert UserSession.objects.filter(ended_because="changed").count() == 1
    assert is_signed_in(sign_in(passphrase=OWN))


def test_the_tokens_of_before_end_with_the_old_passphrase(member: Cast) -> None:
    by = {"username": "technician", "actor": "technician", "at": timezone.now()}
    make_token(district=member.district, name="exports", permissions=["sources.read"], **by)
    client = sign_in()
    wrong = {"old_password": "not it", "new_password1": OWN, "new_password2": OWN}
    assert client.post("/password", wrong).status_code == 422
    assert ApiToken.everywhere.filter(ended_at=None).count() == 1
    assert client.post("/password", {**wrong, "old_password": PASSPHRASE}).status_code == 302
    assert ApiToken.everywhere.get().ended_because == "password changed"
    assert b"1 API token ended." in client.get("/").content


def test_a_new_passphrase_must_differ_from_the_one_that_somebody_else_chose(member: Cast) -> None:
    mark_passphrase_temporary(user=member.technician, by="director", at=timezone.now(), lifetime=HOUR)
    client = sign_in()
    same = {"old_password": PASSPHRASE, "new_password1": PASSPHRASE, "new_password2": PASSPHRASE}
    assert client.post("/password", same).status_code == 422
    assert not is_signed_in(client)


def test_an_unused_one_time_passphrase_expires(member: Cast, settings: Any) -> None:
    at = timezone.now()
    mark_passphrase_temporary(user=member.technician, by="director", at=at, lifetime=HOUR)
    settings.NOW = at + HOUR / 2
    assert Client().post("/sign-in", {"username": "technician", "password": PASSPHRASE}).status_code == 302
    settings.NOW = at + HOUR
    answer = Client().post("/sign-in", {"username": "technician", "password": PASSPHRASE})
    assert answer.status_code == 422
    assert "has expired" in answer.content.decode()
    wrong = Client().post("/sign-in", {"username": "technician", "password": "wrong"})
    assert "has expired" not in wrong.content.decode()
