"""The plain ways to sign in: a token that was entered, and OAuth 2 client credentials."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from urllib.parse import quote

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Answer, Authorise, Exchange, Request, Settings, Token

_NO_END = timedelta(hours=1)


def bearer(value: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {value}"}


def basic(name: str, password: str) -> dict[str, str]:
    """The header that carries a name and a password."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def by_entered_token(*, setting: str) -> Authorise:
    """Signs every request with the token that a person entered."""

    def signed(settings: Settings, _exchange: Exchange, _at: datetime) -> Token:
        return Token(headers=bearer(settings[setting]))

    return signed


def by_client_credentials(
    exchange: Exchange, *, url: str, name: str, secret: str, at: datetime, scope: str = "", in_header: bool = True
) -> Token:
    """A token for a client's id and secret (RFC 6749, section 4.4). `scope` has blanks between its words.

    The credentials go in the header, each percent-encoded as section 2.3.1 asks, or among the form's fields. Raises Fault.
    """
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    if in_header:
        headers = basic(quote(name, safe=""), quote(secret, safe=""))
        answer = exchange(Request(url=url, method="POST", headers=headers, form=form))
    else:
        form |= {"client_id": name, "client_secret": secret}
        answer = exchange(Request(url=url, method="POST", form=form))
    return token_of(answer, at=at)


def token_of(answer: Answer, *, at: datetime) -> Token:
    """The token of a token endpoint's answer (RFC 6749, section 5.1). Raises Fault where it refuses or gives none."""
    if answer.status in (400, 401, 403):
        raise faults.denied(answer)
    if answer.status != 200:
        raise faults.of_status(answer, asked="signing in", scopes=())
    try:
        document = answer.document
        token = document["access_token"]
        seconds = float(document.get("expires_in") or _NO_END.total_seconds())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise faults.Fault(faults.GARBLED, "signing in: the console answers with something that is no token") from None
    return Token(headers=bearer(str(token)), expires_at=at + timedelta(seconds=seconds))
