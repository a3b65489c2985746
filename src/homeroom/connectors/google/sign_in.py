"""Authenticate at Google: a service account signs that it acts as an administrator, and gets a token.

Source: Google's page "Using OAuth 2.0 for Server to Server Applications": claims iss, sub, scope, aud, iat and exp; the
grant urn:ietf:params:oauth:grant-type:jwt-bearer. Google refuses all scopes together, as `unauthorized_client`, where
one of them was not delegated; the delegated ones are then found one by one, so that a district may omit some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from google.auth import crypt, jwt

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import AccessToken, Exchange, Request, Response, Settings
from homeroom.ingest.remote.auth import parse_token

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKENS = "https://oauth2.googleapis.com/token"
LIFE = timedelta(hours=1)  # the longest that Google takes
SLOWER = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A service account: its address, the address of its token endpoint, and its signer."""

    email: str
    tokens: str
    signer: Any

    def request_token(self, exchange: Exchange, at: datetime, *, sub: str, scopes: Sequence[str]) -> Response:
        """Request a token with a signed claim (RFC 7523) that the account acts as `sub`; return Google's response."""
        issued_at = int(at.timestamp())
        expires_at = issued_at + int(LIFE.total_seconds())
        claims = {
            "iss": self.email,
            "sub": sub,
            "scope": " ".join(scopes),
            "aud": self.tokens,
            "iat": issued_at,
            "exp": expires_at,
        }
        signed: bytes = jwt.encode(self.signer, claims)  # type: ignore[no-untyped-call]
        form = {"grant_type": GRANT, "assertion": signed.decode("ascii")}
        return exchange(Request(url=self.tokens, method="POST", form=form))


def authenticate(settings: Settings, exchange: Exchange, at: datetime, *, scopes: Sequence[str]) -> AccessToken:
    """Return a token for all delegated scopes.

    Raise RemoteError where the key is invalid, or Google refuses it.
    """
    account, sub = _parse_key(settings["key"]), settings["admin"]
    response = account.request_token(exchange, at, sub=sub, scopes=scopes)
    if _is_undelegated(response):
        granted = [
            scope for scope in scopes if account.request_token(exchange, at, sub=sub, scopes=(scope,)).status == 200
        ]
        response = account.request_token(exchange, at, sub=sub, scopes=granted) if granted else response
    return parse_token(response, at=at)


def is_throttled(response: Response) -> bool:
    """Check whether Google throttles: 429, or 403 with a reason about rates and not about rights."""
    if response.status != 403:
        return response.status == 429
    try:
        reported = response.document["error"]["errors"]
        return any(error.get("reason") in SLOWER for error in reported)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_undelegated(response: Response) -> bool:
    return response.status in (400, 401) and errors.find_error_code(response) == "unauthorized_client"


def _parse_key(text: str) -> ServiceAccount:
    """Parse the service account of a key's JSON.

    Raise RemoteError if it is none, without quoting its content.
    """
    try:
        key = msgspec.json.decode(text)
        signer = crypt.RSASigner.from_service_account_info(key)  # type: ignore[no-untyped-call]
        return ServiceAccount(email=str(key["client_email"]), tokens=str(key.get("token_uri") or TOKENS), signer=signer)
    except (ValueError, TypeError, KeyError, AttributeError):
        sentence = "the key is not the JSON file that Google gives for a service account's key"
        raise errors.RemoteError(errors.DENIED, sentence) from None
