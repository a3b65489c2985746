"""django-allauth as the client of a district's provider, with our registrations, network and verification.

Of allauth are the state in the session (used once, for ten minutes), PKCE, the exchange of the code, and the order of
it all. Ours are: where the registration comes from, the checked network, a nonce, the verified ID token, and who is let
in. None of allauth's addresses and pages is served, and none of its rows is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, NoReturn, Self, cast, override

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.people_sign_in.id_tokens import (
    TokenExpectations,
    UnknownSigningKey,
    VerifiedIdentity,
    verify_id_token,
)
from homeroom.apps.platform.people_sign_in.identity_providers import IdentityRefused
from homeroom.apps.platform.people_sign_in.provider_documents import DOCUMENTS, send_to_provider
from homeroom.apps.platform.people_sign_in.providers import Registration, read_client_secret
from homeroom.apps.platform.second_factors.provider_links import ProvedAccount
from homeroom.domain.platform.district import District
from homeroom.ingest.remote.api_spec import Request
from homeroom.web.platform.people_sign_in.arrival_pages import let_in, render_refusal
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import record_refused_arrival
from homeroom.web.shared.sign_in.team_arrivals import finish_team_arrival

_NONCE_SALT = "homeroom.people_sign_in.nonce"


class NoSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account: whoever works here has one already."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False."""
        return False


class PeopleAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks when somebody comes back from a provider, and when that failed."""

    @override
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Let the person in whose address the provider verified, or refuse; allauth's own sign-in is never reached."""
        provider = cast("DistrictProvider", sociallogin.provider)
        account = ProvedAccount(
            provider=provider.registration.provider.name,
            issuer=provider.registration.issuer,
            subject=sociallogin.account.uid,
            address=sociallogin.account.extra_data["address"],
        )
        after, data = sociallogin.state.get("next", ""), sociallogin.state.get("data") or {}
        if data:
            response = finish_team_arrival(
                request,
                district=provider.district,
                account=account,
                purpose=data["purpose"],
                user=data["user"],
                after=after,
            )
        else:
            response = let_in(
                request, district=provider.district, address=account.address, way=account.provider, after=after
            )
        raise ImmediateHttpResponse(response)

    @override
    def on_authentication_error(
        self, request: HttpRequest, provider: DistrictProvider, exception: Exception | None = None, **_context: Any
    ) -> NoReturn:
        """Refuse with a page that gives no reason; the reason, which has no personal value, goes to the log."""
        if exception is not None:
            record_refused_arrival(district=provider.district, way=provider.registration.provider.name)
        raise ImmediateHttpResponse(render_refusal(request, district=provider.district, reason=str(exception or "")))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False."""
        return False

    def get_requests_session(self) -> CheckedSession:
        """Return the session by which allauth sends requests."""
        return CheckedSession()


class CheckedSession:
    """The part of a requests session that allauth uses, over the network that checks addresses and deadlines."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, traceback: TracebackType | None) -> None:
        """Do nothing: each request has a connection of its own."""

    def request(
        self, method: str, url: str, *, data: Mapping[str, str] | None = None, headers: Any = None, **_unused: Any
    ) -> CheckedResponse:
        """Send a form and return the response. Raise OAuth2Error."""
        try:
            response = send_to_provider(Request(method=method, url=url, form=data, headers=headers or {}))
        except IdentityRefused as error:
            raise OAuth2Error(str(error)) from None
        return CheckedResponse(status_code=response.status, headers=response.headers, body=response.body)


class CheckedResponse:
    """The part of a response that allauth reads."""

    def __init__(self, *, status_code: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status_code, self.content = status_code, b""  # content goes into an error's text, and is nobody's to read
        self.headers = {"content-type": "", **headers}
        self.text = body.decode("utf-8", "replace")
        self.json = self._parse

    def _parse(self) -> dict[str, Any]:
        """Return the document. Raise OAuth2Error if it is none."""
        try:
            document = json.loads(self.text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise OAuth2Error("the provider's answer is no JSON")
        return document


class NonceClient(OAuth2Client):  # type: ignore[misc]
    """An OAuth client whose request for signing in has a nonce that only this state can have."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: Mapping[str, str]) -> str:
        """Return the provider's address for signing in."""
        nonce = compute_nonce(self.state)
        return str(super().get_redirect_url(authorization_url, scope, {**extra_params, "nonce": nonce}))


class ProviderClient(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The exchange with a district's provider."""

    client_class = NonceClient

    def __init__(self, request: HttpRequest, provider: DistrictProvider) -> None:
        super().__init__(request, provider.app.provider_id)
        self._provider = provider

    def get_provider(self) -> DistrictProvider:
        """Return the provider of the district, rather than one of allauth's rows."""
        return self._provider

    @property
    def openid_config(self) -> Mapping[str, Any]:
        """The provider's endpoints. Raise OAuth2Error."""
        try:
            return DOCUMENTS.get_configuration(self._provider.registration.issuer)
        except IdentityRefused as error:
            raise OAuth2Error(str(error)) from None

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return the address that the district registered at the provider."""
        return build_callback_url(request, provider=self._provider.registration.provider.name)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Verify the ID token, and return the address that it proves. Raise OAuth2Error."""
        try:
            identity = self._verify(request, kwargs["response"].get("id_token"))
        except IdentityRefused as error:
            raise OAuth2Error(str(error)) from None
        claims = {"sub": identity.subject, "address": identity.address}
        return self._provider.sociallogin_from_response(request, claims)

    def _verify(self, request: HttpRequest, id_token: object) -> VerifiedIdentity:
        registration = self._provider.registration
        expected = TokenExpectations(
            provider=registration.provider,
            issuer=registration.issuer,
            client_id=registration.client_id,
            nonce=compute_nonce(request.GET["state"]),
            pinned=registration.pinned,
        )
        now = get_current_time()
        try:
            return verify_id_token(id_token, keys=DOCUMENTS.get_keys(registration.issuer), expected=expected, at=now)
        except UnknownSigningKey:
            keys = DOCUMENTS.get_keys(registration.issuer, renewed=True)
            return verify_id_token(id_token, keys=keys, expected=expected, at=now)


class DistrictProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """A provider with the registration of one district: its states are no other district's, and no other provider's."""

    def __init__(self, request: HttpRequest, *, district: District, registration: Registration) -> None:
        self.district, self.registration = district, registration
        app = SocialApp(
            provider="openid_connect",
            provider_id=f"{registration.provider.name}-{district.pk}",
            name=registration.provider.title,
            client_id=registration.client_id,
            settings={
                "oauth_pkce_enabled": True,
                "token_auth_method": "client_secret_post",
                "scope": list(registration.provider.scopes),
                "auth_params": dict(registration.provider.auth_params(registration.pinned)),
                "server_url": registration.issuer,
            },
        )
        super().__init__(request, app=app)

    @cached_property
    def client(self) -> ProviderClient:
        """The exchange with the provider."""
        return ProviderClient(self.request, self)

    def get_oauth2_adapter(self, request: HttpRequest) -> ProviderClient:
        """Return the exchange with the provider, with the secret of the registration."""
        return self.client

    def load_secret(self) -> None:
        """Decrypt the client secret for the exchange of a code. Raise IdentityRefused."""
        self.app.secret = read_client_secret(district=self.district, provider=self.registration.provider.name)


def compute_nonce(state: str) -> str:
    """Return the nonce of a state, which nobody else can compute and which no other request has."""
    return salted_hmac(_NONCE_SALT, state, algorithm="sha256").hexdigest()


def build_callback_url(request: HttpRequest, *, provider: str) -> str:
    """Return the address to which a provider sends people back, in the district of the request."""
    return request.build_absolute_uri(reverse("my-sign-in-callback", args=[provider]))
