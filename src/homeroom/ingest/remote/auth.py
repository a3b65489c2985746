"""Standard ways to sign in: an entered token, and OAuth 2 client credentials."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from urllib.parse import quote

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import AccessToken, Authorize, Exchange, Request, Response, Settings

_DEFAULT_LIFETIME = timedelta(hours=1)


def build_bearer_header(value: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {value}"}


def build_basic_header(name: str, password: str) -> dict[str, str]:
    """Return the header that carries a name and a password."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def sign_with_entered_token(*, setting: str) -> Authorize:
    """Sign every request with the token that a person entered."""

    def build_token(settings: Settings, _exchange: Exchange, _at: datetime) -> AccessToken:
        return AccessToken(headers=build_bearer_header(settings[setting]))

    return build_token


def request_client_credentials_token(
    exchange: Exchange, *, url: str, name: str, secret: str, at: datetime, scope: str = "", in_header: bool = True
) -> AccessToken:
    """Request a token for a client's id and secret (RFC 6749, section 4.4).

    `scope` has blanks between its words. The credentials go in the header, each percent-encoded as section 2.3.1
    requires, or among the form's fields. Raises RemoteError.
    """
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    if in_header:
        headers = build_basic_header(quote(name, safe=""), quote(secret, safe=""))
        response = exchange(Request(url=url, method="POST", headers=headers, form=form))
    else:
        form |= {"client_id": name, "client_secret": secret}
        response = exchange(Request(url=url, method="POST", form=form))
    return parse_token(response, at=at)


def parse_token(response: Response, *, at: datetime) -> AccessToken:
    """Return the token in a token endpoint's response (RFC 6749, section 5.1). Raise RemoteError if there is none."""
    if response.status in (400, 401, 403):
        raise errors.build_denied_error(response)
    if response.status != 200:
        raise errors.build_status_error(response, title="signing in", scopes=())
    try:
        document = response.document
        token = document["access_token"]
        seconds = float(document.get("expires_in") or _DEFAULT_LIFETIME.total_seconds())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.RemoteError(
            errors.GARBLED, "signing in: the console answers with something that is no token"
        ) from None
    return AccessToken(headers=build_bearer_header(str(token)), expires_at=at + timedelta(seconds=seconds))
