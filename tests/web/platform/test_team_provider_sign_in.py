"""Users of the office sign in by Google or Microsoft: by a linked account, and never by its address alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.commands import create_user
from homeroom.apps.platform.districts.models import Membership, User
from homeroom.apps.platform.districts.request_budget import RequestBudget
from homeroom.apps.platform.people_sign_in.provider_documents import DOCUMENTS
from homeroom.apps.platform.people_sign_in.providers import register_provider
from homeroom.apps.platform.second_factors.break_glass import create_break_glass
from homeroom.apps.platform.second_factors.models import BreakGlassAccount, ProviderLink
from homeroom.apps.platform.second_factors.policies import FactorPolicy, set_policy
from homeroom.apps.platform.second_factors.provider_links import LinkRefused, ProvedAccount, link_account
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from homeroom.web.shared.sign_in import stranger_sessions
from homeroom.web.teach.my.access import get_own_address
from tests.cast import PASSPHRASE, Cast
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, serve_provider
from tests.services.server import LOCAL_POLICY
from tests.web.conftest import MORNING

ADDRESS = "dana.whitfield@maple.test"
PLACE = "/d/maple-valley"
OWN_PAGE = "/account/2-step"


@pytest.fixture(scope="module")
def served() -> Iterator[OidcProvider]:
    with serve_provider() as provider:
        yield provider


@pytest.fixture
def provider(served: OidcProvider, cast: Cast, tmp_path: Path, settings: Any) -> OidcProvider:
    settings.DATA, settings.NOW, settings.ADDRESS_POLICY = tmp_path, MORNING, LOCAL_POLICY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_IN_ISSUERS = {"google": served.issuer, "microsoft": served.issuer}
    served.now = MORNING.timestamp()
    served.claims = {"sub": "dana-1", "email": ADDRESS, "email_verified": True, "hd": "maple.test"}
    DOCUMENTS.forget()
    for district in (cast.district, cast.next_district):
        register_provider(
            district=district,
            provider="google",
            client_id=CLIENT_ID,
            secret=CLIENT_SECRET,
            pinned="maple.test",
            actor="director",
            at=MORNING,
        )
    create_user(district=cast.district, username="director", role="director", passphrase=PASSPHRASE)
    User.objects.filter(username="director").update(email=ADDRESS)
    return served


def travel(provider: OidcProvider, client: Client, *, place: str = PLACE, **query: str) -> Any:
    """Go to the provider to sign in, and come back."""
    leaving = client.get(f"{place}/sign-in/with/google", query)
    back = provider.authorize(leaving["Location"])
    return client.get(f"{place}/my/sign-in/google/callback", back)


def sign_in(name: str = "director") -> Client:
    client = Client()
    assert client.post("/sign-in", {"username": name, "password": PASSPHRASE}).status_code == 302
    return client


def link(provider: OidcProvider, client: Client) -> Any:
    """Link the account at the provider from the visitor's own page."""
    page = client.get(OWN_PAGE).content.decode()
    address = re.search(r'href="(/d/maple-valley/account/2-step/links/google\?key=\w+)"', page)
    assert address is not None
    back = provider.authorize(client.get(address[1])["Location"])
    return client.get(f"{PLACE}/my/sign-in/google/callback", back)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_an_address_alone_opens_nothing_of_the_office(provider: OidcProvider, cast: Cast) -> None:
    client = Client()
    answer = travel(provider, client)
    assert answer.status_code == 403
    assert b"not linked" in answer.content
    assert not is_signed_in(client)
    assert not ProviderLink.objects.of(cast.district).exists()


def test_a_refused_account_is_in_the_trail_without_a_name_and_does_not_fill_it(
    provider: OidcProvider, cast: Cast
) -> None:
    for number in range(8):
        provider.claims["sub"] = f"nobody-{number}"
        assert travel(provider, Client()).status_code == 403
    provider.claims["hd"] = "evil.test"
    assert travel(provider, Client()).status_code == 403
    rows = Entry.objects.of(cast.district).filter(action="fail to sign in")
    assert [(row.actor, row.subject, row.detail) for row in rows] == [("", "", {"way": "google"})] * 5
    assert not Entry.objects.of(cast.next_district).filter(action="fail to sign in").exists()


def test_a_linked_account_signs_its_user_in(provider: OidcProvider, cast: Cast) -> None:
    assert b"Sign in with Google" in Client().get("/sign-in?next=/d/maple-valley/plan").content
    assert link(provider, sign_in())["Location"].endswith(OWN_PAGE)
    provider.claims["email"] = "another.address@maple.test"
    client = Client()
    assert travel(provider, client, next=f"{PLACE}/plan")["Location"] == f"{PLACE}/plan"
    assert client.get("/inventory").status_code == 200
    entry = Entry.objects.of(cast.district).filter(action="sign in").latest("pk")
    assert (entry.actor, entry.detail) == ("director", {"way": "google"})
    provider.claims["sub"] = "dana-2"
    assert travel(provider, Client()).status_code == 403


def test_a_session_by_a_districts_provider_opens_that_district_alone(provider: OidcProvider, cast: Cast) -> None:
    link(provider, sign_in())
    Membership.objects.create(district=cast.next_district, user=cast.director, role="director")
    client = Client()
    travel(provider, client)
    assert client.get(f"{PLACE}/inventory").status_code == 200
    assert client.get("/d/next-door/inventory").status_code == 404
    assert b"Next Door" not in client.get("/districts").content
    assert client.post(f"{OWN_PAGE}/app")["Location"] == OWN_PAGE, "nor can it add a factor that opens the other"
    assert travel(provider, Client(), place="/d/next-door").status_code == 403
    assert sign_in().get("/d/next-door/inventory").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/d/next-door/inventory", "/sign-out"])
def test_after_signing_in_only_the_district_is_opened(provider: OidcProvider, target: str) -> None:
    link(provider, sign_in())
    assert travel(provider, Client(), next=target)["Location"] == f"{PLACE}/"


def test_an_account_is_linked_only_by_who_left_for_it_soon_after_signing_in(
    provider: OidcProvider, cast: Cast, settings: Any
) -> None:
    client = sign_in()
    assert client.get(f"{PLACE}/account/2-step/links/google", {"key": "wrong"})["Location"].endswith(OWN_PAGE)
    page = client.get(OWN_PAGE).content.decode()
    address = re.search(r'href="(/d/maple-valley/account/2-step/links/google\?key=\w+)"', page)
    assert address is not None
    back = provider.authorize(client.get(address[1])["Location"])
    other = Client()
    assert other.get(f"{PLACE}/my/sign-in/google/callback", back).status_code == 403
    settings.NOW = MORNING + timedelta(minutes=16)
    client.get(f"{PLACE}/my/sign-in/google/callback", back)
    assert client.get(address[1])["Location"].endswith(OWN_PAGE)
    assert not ProviderLink.objects.of(cast.district).exists()


def test_an_account_is_one_users(provider: OidcProvider, cast: Cast) -> None:
    link(provider, sign_in())
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    client = sign_in("technician")
    link(provider, client)
    assert b"linked to another user" in client.get(OWN_PAGE).content
    assert ProviderLink.objects.of(cast.district).get().user == cast.director


def test_an_invited_address_is_linked_once_within_seven_days(provider: OidcProvider, cast: Cast, settings: Any) -> None:
    director = sign_in()
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    form = {"username": "technician", "provider": "google", "address": "tomas.okafor@maple.test"}
    assert director.post("/sign-in-security/invite", form).status_code == 302
    assert travel(provider, Client()).status_code == 403, "another address of the same domain"
    provider.claims |= {"sub": "tomas-1", "email": "tomas.okafor@maple.test"}
    settings.NOW = MORNING + timedelta(days=8)
    provider.now = settings.NOW.timestamp()
    assert travel(provider, Client()).status_code == 403
    settings.NOW = MORNING + timedelta(days=6)
    provider.now = settings.NOW.timestamp()
    client = Client()
    travel(provider, client)
    assert int(client.session["_auth_user_id"]) == cast.technician.pk
    provider.claims["sub"] = "tomas-2"
    assert travel(provider, Client()).status_code == 403, "an invitation is for one account"
    invited, linked = list_link_entries(cast)
    address = {"provider": "google", "address": "tomas.okafor@maple.test"}
    assert invited == ("director", "technician", address)
    assert linked == ("director", "technician", address | {"by invitation": True}), "who invited, did it"


def list_link_entries(cast: Cast) -> list[tuple[str, str, Any]]:
    """Return (actor, subject, detail) of the entries about linked accounts."""
    actions = ("link account", "invite account", "unlink account")
    rows = Entry.objects.of(cast.district).filter(action__in=actions).order_by("pk")
    return [(row.actor, row.subject, row.detail) for row in rows]


def test_an_account_that_replaces_another_is_in_the_trail_as_such(provider: OidcProvider, cast: Cast) -> None:
    create_user(district=cast.district, username="technician", role="technician", passphrase=PASSPHRASE)
    technician = sign_in("technician")
    provider.claims |= {"sub": "tomas-1", "email": "tomas.okafor@maple.test"}
    link(provider, technician)
    form = {"username": "technician", "provider": "google", "address": "impostor@maple.test"}
    assert sign_in().post("/sign-in-security/invite", form).status_code == 302
    provider.claims |= {"sub": "impostor-1", "email": "impostor@maple.test"}
    travel(provider, Client())
    _, invited, linked = list_link_entries(cast)
    assert invited[2]["will replace"] == "tomas.okafor@maple.test"
    assert linked[0] == "director"
    assert linked[2]["replaces"] == "tomas.okafor@maple.test"
    technician.post(f"{OWN_PAGE}/links/maple-valley/google/remove")
    assert list_link_entries(cast)[-1] == (
        "technician", "technician", {"provider": "google", "address": "impostor@maple.test"},
    )  # fmt: skip


def test_a_session_by_a_provider_sees_no_account_of_another_district(provider: OidcProvider, cast: Cast) -> None:
    link(provider, sign_in())
    Membership.objects.create(district=cast.next_district, user=cast.director, role="director")
    account = ProvedAccount(provider="google", issuer="i", subject="next-1", address="dana@nextdoor.test")
    link_account(district=cast.next_district, user=cast.director, account=account, actor="director", at=MORNING)
    assert b"dana@nextdoor.test" in sign_in().get(OWN_PAGE).content
    client = Client()
    travel(provider, client)
    page = client.get(f"{PLACE}{OWN_PAGE}").content
    assert ADDRESS.encode() in page
    assert b"dana@nextdoor.test" not in page
    assert b"Next Door" not in page


def test_strangers_do_not_fill_the_table_of_sessions(
    provider: OidcProvider, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for method, page in (
        ("GET", f"{PLACE}/sign-in/with/google"),
        ("GET", f"{PLACE}/my/sign-in/google"),
        ("POST", "/sign-in/passkey/options"),
    ):
        stranger_sessions.BUDGET.clear()
        Session.objects.all().delete()
        assert Client().generic(method, page).status_code in (200, 302), page
        assert Session.objects.get().expire_date <= timezone.now() + timedelta(minutes=10), page
        monkeypatch.setattr(stranger_sessions, "BUDGET", RequestBudget(window=stranger_sessions.WINDOW, max_cost=2))
        Session.objects.all().delete()
        assert [Client().generic(method, page).status_code for _ in range(4)][-2:] == [429] * 2, page
        assert Session.objects.count() == 2, f"{page} stores nothing for what it refuses"
        assert Client(REMOTE_ADDR="203.0.113.9").generic(method, page).status_code != 429, "another network"
        monkeypatch.undo()
    stranger_sessions.BUDGET.clear()
    link(provider, sign_in())
    client = Client()
    travel(provider, client)
    assert client.session.get_expiry_age() > 3600, "a session after signing in lasts as before"


def test_a_break_glass_account_is_linked_to_no_account(provider: OidcProvider, cast: Cast) -> None:
    create_break_glass(district=cast.district, actor="", at=MORNING)
    user = BreakGlassAccount.objects.of(cast.district).get().user
    account = ProvedAccount(provider="google", issuer="i", subject="s", address=ADDRESS)
    with pytest.raises(LinkRefused, match="break-glass"):
        link_account(district=cast.district, user=user, account=account, actor=user.username, at=MORNING)


def test_a_linked_address_opens_own_pages_and_a_name_that_looks_like_it_does_not(
    provider: OidcProvider, cast: Cast
) -> None:
    request = HttpRequest()
    request.user = cast.technician
    User.objects.filter(pk=cast.technician.pk).update(username="principal@maple.test")
    cast.technician.refresh_from_db()
    assert get_own_address(request, district=cast.district) == ""
    account = ProvedAccount(provider="google", issuer="i", subject="s", address="tomas.okafor@maple.test")
    link_account(district=cast.district, user=cast.technician, account=account, actor="technician", at=MORNING)
    assert get_own_address(request, district=cast.district) == "tomas.okafor@maple.test"
    assert get_own_address(request, district=cast.next_district) == ""


@pytest.mark.parametrize("username", ["stranger", "nobody", ""])
def test_a_director_invites_for_users_of_the_district_alone(provider: OidcProvider, cast: Cast, username: str) -> None:
    form = {"username": username, "provider": "google", "address": "sam.farrow@maple.test"}
    answer = sign_in().post("/sign-in-security/invite", form)
    assert answer.status_code == 422
    assert b"no such user" in answer.content


def test_the_providers_own_step_counts_if_the_director_says_so(provider: OidcProvider, cast: Cast) -> None:
    link(provider, sign_in())
    set_policy(district=cast.district, policy=FactorPolicy(is_required=True), actor="director", at=MORNING)
    client = Client()
    travel(provider, client)
    assert client.get("/inventory")["Location"] == OWN_PAGE
    codes = issue_recovery_codes(user=cast.director, actor="director", at=MORNING)
    client = Client()
    assert travel(provider, client, next=f"{PLACE}/plan")["Location"].endswith("/sign-in/confirm")
    assert not is_signed_in(client)
    assert client.post("/sign-in/confirm", {"code": codes[0]})["Location"] == f"{PLACE}/plan"
    assert client.get("/inventory").status_code == 200
    policy = FactorPolicy(is_required=True, provider_counts=True)
    set_policy(district=cast.district, policy=policy, actor="director", at=MORNING)
    client = Client()
    travel(provider, client)
    assert client.get("/inventory").status_code == 200


def test_a_user_without_a_membership_or_blocked_stays_out(provider: OidcProvider, cast: Cast) -> None:
    link(provider, sign_in())
    User.objects.filter(username="director").update(is_active=False)
    assert travel(provider, Client()).status_code == 403
    User.objects.filter(username="director").update(is_active=True)
    Membership.objects.filter(user=cast.director).delete()
    assert travel(provider, Client()).status_code == 403
