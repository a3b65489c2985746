"""Signing in by the district's Google or Microsoft: who comes in, and every way in which nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import Membership, User
from homeroom.apps.platform.people_sign_in.provider_documents import DOCUMENTS
from homeroom.apps.platform.people_sign_in.providers import register_provider
from homeroom.domain.ids import format_public_id
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import TEACHER_ADDRESS, Cast, create_teacher
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, serve_provider
from tests.services.server import LOCAL_POLICY

TENANT = "3f2a0c55-9a6e-4a71-8f0b-0a1b2c3d4e5f"
OTHER_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
HOME = "/d/maple-valley/my"
NOW = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)
GOOGLE_CLAIMS = {"email": TEACHER_ADDRESS, "email_verified": True, "hd": "maple.test"}
MICROSOFT_CLAIMS = {"preferred_username": TEACHER_ADDRESS, "tid": TENANT, "email": "somebody@else.test"}


@pytest.fixture(scope="module")
def served() -> Iterator[OidcProvider]:
    with serve_provider() as provider:
        yield provider


@dataclass
class SignInTrip:
    """A browser on its way to the provider and back."""

    client: Client
    provider: OidcProvider

    def leave(self, name: str = "google", **query: str) -> str:
        """Go to the provider, and return the address that the browser opens there."""
        answer = self.client.get(f"{HOME}/sign-in/{name}", query)
        assert answer.status_code == 302, answer.content
        return answer["Location"]

    def arrive(self, query: dict[str, str], name: str = "google") -> Any:
        """Come back with a query."""
        return self.client.get(f"{HOME}/sign-in/{name}/callback", query)

    def travel(self, name: str = "google", **query: str) -> Any:
        """Go and come back."""
        return self.arrive(self.provider.authorize(self.leave(name, **query)), name)

    @property
    def is_signed_in(self) -> bool:
        """True if the home page opens."""
        return self.client.get(HOME).status_code == 200


@pytest.fixture
def trip(served: OidcProvider, cast: Cast, people: EvidenceStore, settings: Any) -> SignInTrip:
    fresh = OidcProvider(private_key=served.private_key)
    served.__dict__.update({name: value for name, value in fresh.__dict__.items() if name != "issuer"})
    served.now, served.claims = NOW.timestamp(), dict(GOOGLE_CLAIMS)
    settings.NOW = NOW
    settings.ADDRESS_POLICY = LOCAL_POLICY
    settings.SIGN_IN_ISSUERS = {"google": served.issuer, "microsoft": served.issuer}
    DOCUMENTS.forget()
    register(cast, "google", "maple.test")
    return SignInTrip(client=Client(), provider=served)


def register(cast: Cast, provider: str, pinned: str, *, next_door: bool = False) -> None:
    register_provider(
        district=cast.next_district if next_door else cast.district,
        provider=provider,
        client_id=CLIENT_ID,
        secret=CLIENT_SECRET,
        pinned=pinned,
        actor="director",
        at=NOW,
    )


def test_a_teacher_comes_in_by_google_without_any_account_made_before(trip: SignInTrip):
    first = trip.client.get(HOME)
    assert first["Location"] == f"{HOME}/sign-in?next=/d/maple-valley/my"
    page = trip.client.get(first["Location"])
    assert b"Sign in with Google" in page.content
    assert b'name="code"' not in page.content
    before = trip.client.session.session_key
    answer = trip.travel()
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert b"Hello, Ines Calloway" in trip.client.get(HOME).content
    assert trip.client.session.session_key != before
    assert 3 * 3600 < trip.client.session.get_expiry_age() <= 4 * 3600  # of which it may be idle
    user = User.objects.get(email=TEACHER_ADDRESS)
    assert not user.has_usable_password()
    assert list(Membership.objects.filter(user=user).values_list("district__slug", "role")) == [
        ("maple-valley", "person")
    ]
    entry = Entry.objects.of(user.memberships.get().district).get(action="sign in")
    assert (entry.actor, entry.subject, entry.detail) == (
        user.username,
        format_public_id("person", 1),
        {"way": "google"},
    )
    assert user.username.startswith("person-")
    assert "ines" not in user.username
    trip.client.post("/sign-out")
    assert trip.travel().status_code == 302
    assert User.objects.filter(email=TEACHER_ADDRESS).count() == 1


def test_the_request_has_a_state_a_nonce_a_challenge_and_the_least_scopes(trip: SignInTrip):
    first, second = (parse_qs(urlsplit(trip.leave()).query) for _ in range(2))
    assert set(first["scope"][0].split()) == {"openid", "email"}
    assert first["hd"] == ["maple.test"]
    assert first["redirect_uri"] == [f"http://testserver{HOME}/sign-in/google/callback"]
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_a_teacher_comes_in_by_microsoft_by_the_name_that_the_tenant_proved(trip: SignInTrip, cast: Cast):
    register(cast, "microsoft", TENANT)
    trip.provider.claims = dict(MICROSOFT_CLAIMS)
    assert trip.travel("microsoft")["Location"] == HOME
    assert trip.is_signed_in


def test_a_renewed_signing_key_is_read_once_it_is_used(trip: SignInTrip, monkeypatch: pytest.MonkeyPatch):
    assert trip.travel().status_code == 302
    trip.client.post("/sign-out")
    monkeypatch.setattr("homeroom.apps.platform.people_sign_in.provider_documents._REFRESH_SECONDS", 0)
    trip.provider.published_kid = "key-2"
    trip.provider.headers = {"kid": "key-2"}
    trip.provider.requests.clear()
    assert trip.travel().status_code == 302
    assert trip.provider.requests.count("/keys") == 1


def change(**claims: Any) -> Callable[[OidcProvider], None]:
    return lambda provider: provider.claims.update(claims)


def assign(**values: Any) -> Callable[[OidcProvider], None]:
    return lambda provider: provider.__dict__.update(values)


WRONG_TOKENS: dict[str, Callable[[OidcProvider], None]] = {
    "wrong audience": change(aud="another-client"),
    "an audience more": change(aud=[CLIENT_ID, "another-client"]),
    "given to another client": change(azp="another-client"),
    "algorithm none": assign(algorithm="none"),
    "algorithm HS256 with the public key": assign(algorithm="HS256"),
    "algorithm of the same key but not agreed": assign(algorithm="RS512"),
    "signed by another key": assign(published_key=rsa.generate_private_key(65537, 2048)),
    "unknown key": assign(headers={"kid": "key-9"}),
    "no key id": assign(headers={"kid": None}),
    "another nonce": change(nonce="another"),
    "no nonce": change(nonce=None),
    "another issuer": change(iss="https://accounts.evil.test"),
    "no issuer": change(iss=None),
    "expired": change(exp=int(NOW.timestamp()) - 61),
    "no expiry": change(exp=None),
    "expiry that is a text": change(exp="never"),
    "issued in the future": change(iat=int(NOW.timestamp()) + 120),
    "issued long ago": change(iat=int(NOW.timestamp()) - 3600),
    "not valid yet": change(nbf=int(NOW.timestamp()) + 120),
    "no hosted domain": change(hd=None),
    "another hosted domain": change(hd="next.test"),
    "a hosted domain that ends the same": change(hd="evil-maple.test"),
    "address not verified": change(email_verified=False),
    "address verified as a text": change(email_verified="false"),
    "nothing about verification": change(email_verified=None),
    "no address": change(email=None),
    "two addresses": change(email=f"{TEACHER_ADDRESS},x@evil.test"),
    "no subject": change(sub=None),
    "empty subject": change(sub=""),
    "no ID token": assign(token_response={"access_token": "access"}),
    "ID token that is none": assign(token_response={"access_token": "access", "id_token": "a.b"}),
    "ID token that is a number": assign(token_response={"access_token": "access", "id_token": 7}),
    "no access token": assign(token_response={}),
    "the provider is broken": assign(token_status=500),
    "the description is of another issuer": assign(configuration={"issuer": "https://accounts.evil.test"}),
}


@pytest.mark.parametrize("name", WRONG_TOKENS)
def test_a_token_that_is_wrong_lets_nobody_in(trip: SignInTrip, name: str, caplog: pytest.LogCaptureFixture):
    location = trip.leave()
    WRONG_TOKENS[name](trip.provider)
    DOCUMENTS.forget()
    answer = trip.arrive(trip.provider.authorize(location))
    assert answer.status_code == 403
    assert b"Signing in did not work" in answer.content
    assert not trip.is_signed_in
    assert not User.objects.filter(email=TEACHER_ADDRESS).exists()
    assert TEACHER_ADDRESS not in caplog.text
    assert CLIENT_SECRET not in caplog.text
    assert "refused" in caplog.text


WRONG_MICROSOFT: dict[str, dict[str, Any]] = {
    "another tenant": {"tid": OTHER_TENANT},
    "no tenant": {"tid": None},
    "a guest by the identity provider": {"idp": f"https://sts.windows.net/{OTHER_TENANT}/"},
    "a guest by the account": {"acct": 1},
    "only the address that people can set": {"preferred_username": None, "email": TEACHER_ADDRESS},
}


@pytest.mark.parametrize("name", WRONG_MICROSOFT)
def test_a_token_of_another_tenant_or_a_guest_lets_nobody_in(trip: SignInTrip, cast: Cast, name: str):
    register(cast, "microsoft", TENANT)
    trip.provider.claims = {**MICROSOFT_CLAIMS, **WRONG_MICROSOFT[name]}
    assert trip.travel("microsoft").status_code == 403
    assert not trip.is_signed_in


@pytest.mark.parametrize(
    "address",
    [
        "rolf.anselm@maple.test",  # left
        "mina.ferro@maple.test",  # a student
        "lars.holm@maple.test",  # a student's account
        "vera.lund@maple.test",  # suspended
        "cleo.marsh@maple.test",  # works here, and has no account here
        "scanner@maple.test",  # nobody's account
        "stranger@next.test",  # of another district
    ],
)
def test_a_proved_address_of_nobody_who_may_sign_in_is_refused_in_words(trip: SignInTrip, address: str):
    trip.provider.claims["email"] = address
    answer = trip.travel()
    assert answer.status_code == 403
    assert b"not one of somebody who works here" in answer.content
    assert not trip.is_signed_in
    assert not User.objects.filter(email=address).exists()


def test_a_user_who_was_blocked_stays_out(trip: SignInTrip):
    trip.travel()
    User.objects.filter(email=TEACHER_ADDRESS).update(is_active=False)
    assert not trip.is_signed_in
    assert trip.travel().status_code == 403


def test_a_state_that_is_missing_invented_used_or_of_another_browser_lets_nobody_in(trip: SignInTrip):
    back = trip.provider.authorize(trip.leave())
    assert trip.arrive({"code": back["code"]}).status_code == 403
    assert trip.arrive({**back, "state": "invented"}).status_code == 403
    other = SignInTrip(client=Client(), provider=trip.provider)
    assert other.arrive(back).status_code == 403
    assert not other.is_signed_in
    assert trip.arrive(back).status_code == 302
    trip.client.post("/sign-out")
    assert trip.arrive(back).status_code == 403
    assert not trip.is_signed_in


def test_a_code_that_is_used_again_lets_nobody_in(trip: SignInTrip):
    used = trip.provider.authorize(trip.leave())["code"]
    first = trip.provider.codes[used]
    assert trip.arrive({"code": used, "state": first["state"]}).status_code == 302
    trip.client.post("/sign-out")
    again = trip.provider.authorize(trip.leave())
    assert trip.arrive({"code": used, "state": again["state"]}).status_code == 403


def test_a_code_that_was_given_to_another_browser_lets_nobody_in(trip: SignInTrip):
    other = SignInTrip(client=Client(), provider=trip.provider)
    stolen = other.provider.authorize(other.leave())["code"]
    own = trip.provider.authorize(trip.leave())
    assert trip.arrive({"code": stolen, "state": own["state"]}).status_code == 403  # the verifier of PKCE is another


@pytest.mark.parametrize("error", ["access_denied", "server_error", "login_required"])
def test_an_error_from_the_provider_is_a_refusal_in_our_words(trip: SignInTrip, error: str):
    back = trip.provider.authorize(trip.leave())
    answer = trip.arrive({"error": error, "error_description": "<b>Call 555-0100</b>", "state": back["state"]})
    assert answer.status_code == 403
    assert b"555-0100" not in answer.content
    assert back["state"].encode() not in answer.content
    assert not trip.is_signed_in


def test_an_answer_of_one_provider_is_none_of_the_other_nor_of_another_district(trip: SignInTrip, cast: Cast):
    register(cast, "microsoft", TENANT)
    register(cast, "google", "maple.test", next_door=True)
    back = trip.provider.authorize(trip.leave())
    assert trip.arrive(back, "microsoft").status_code == 403
    assert trip.client.get("/d/next-door/my/sign-in/google/callback", back).status_code == 403
    assert trip.arrive({**back, "iss": "https://accounts.evil.test"}).status_code == 403
    assert not trip.is_signed_in


def test_the_provider_of_one_district_opens_nothing_of_another_nor_of_the_office(
    trip: SignInTrip, cast: Cast, settings: Any
):
    User.objects.filter(username="director").update(email=TEACHER_ADDRESS, username=TEACHER_ADDRESS)
    assert trip.travel().status_code == 302
    assert trip.client.get("/d/maple-valley/inventory").status_code == 403
    assert trip.client.get("/d/next-door/my").status_code == 404
    assert trip.client.session["_auth_user_id"] != str(cast.director.pk)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/my",
        "/\\evil.test",
        "/inventory",
        "/sign-out",
        "/mystery",
        "javascript:alert(1)",
        "https:///my",
        "/d/maple-valley/my\r\nX: 1",
    ],
)
def test_after_signing_in_only_own_pages_are_opened(trip: SignInTrip, target: str):
    assert trip.travel(next=target)["Location"] == HOME


def test_the_page_that_was_asked_for_opens_after_signing_in(trip: SignInTrip):
    assert trip.travel(next=f"{HOME}/courses/reporting?lesson=2")["Location"] == f"{HOME}/courses/reporting?lesson=2"


def test_a_browser_cannot_ask_for_other_scopes_or_parameters(trip: SignInTrip):
    query = parse_qs(urlsplit(trip.leave(scope="admin", auth_params="hd=evil.test", process="connect")).query)
    assert set(query["scope"][0].split()) == {"openid", "email"}
    assert query["hd"] == ["maple.test"]


def test_a_provider_that_cannot_be_reached_is_a_sentence(trip: SignInTrip, settings: Any):
    settings.SIGN_IN_ISSUERS = {"google": "http://127.0.0.1:9"}
    DOCUMENTS.forget()
    answer = trip.client.get(f"{HOME}/sign-in/google")
    assert answer.status_code == 502
    assert b"Signing in did not work" in answer.content


def test_the_teams_page_leads_staff_to_theirs_where_there_is_one_district(trip: SignInTrip, cast: Cast):
    assert b"Teachers and staff" not in Client().get("/sign-in").content
    cast.next_district.delete()
    assert b"Teachers and staff" in Client().get("/sign-in").content
    assert Client().get("/my", follow=True).redirect_chain[-1][0].startswith(f"{HOME}/sign-in?next=")


def test_a_district_without_registration_or_codes_has_no_such_pages(trip: SignInTrip):
    for page in ("", "/google", "/google/callback", "/code"):
        for slug in ("next-door", "nowhere"):
            assert trip.client.get(f"/d/{slug}/my/sign-in{page}").status_code == 404, page
    assert trip.client.get(f"{HOME}/sign-in/microsoft").status_code == 404
    assert trip.client.get(f"{HOME}/sign-in/github").status_code == 404


def test_nothing_of_allauth_is_served_or_stored(trip: SignInTrip):
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

    assert trip.travel().status_code == 302
    assert not any(model.objects.exists() for model in (EmailAddress, SocialAccount, SocialApp, SocialToken))
    for page in ("accounts/login/", "accounts/signup/", "accounts/email/", "accounts/password/reset/", "accounts/"):
        assert trip.client.get(f"/{page}").status_code == 404


def test_an_old_state_is_over_after_ten_minutes(trip: SignInTrip, monkeypatch: pytest.MonkeyPatch):
    back = trip.provider.authorize(trip.leave())
    later = datetime.now(UTC) + timedelta(minutes=11)
    monkeypatch.setattr("allauth.socialaccount.internal.statekit.time.time", later.timestamp)
    assert trip.arrive(back).status_code == 403


def test_a_member_of_staff_keeps_the_session_until_the_evidence_says_otherwise(
    trip: SignInTrip, cast: Cast, people: EvidenceStore
):
    create_teacher(cast)
    assert trip.travel().status_code == 302
    assert trip.is_signed_in
    User.objects.filter(username__startswith="person-").update(email="rolf.anselm@maple.test")
    assert trip.client.get(HOME).status_code == 404
