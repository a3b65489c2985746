"""Signing in to Google: a service account signs that it acts as an administrator, and gets a token for what was delegated.

Source: Google's page "Using OAuth 2.0 for Server to Server Applications": claims iss, sub, scope, aud, iat and exp; the
grant urn:ietf:params:oauth:grant-type:jwt-bearer. Google refuses all scopes together, as `unauthorized_client`, where one of
them was not delegated; those that were are then found one by one, so that a district may leave some out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from google.auth import crypt, jwt

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Answer, Exchange, Request, Settings, Token
from homeroom.ingest.remote.signing import token_of

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKENS = "https://oauth2.googleapis.com/token"
LIFE = timedelta(hours=1)  # the longest that Google takes
SLOWER = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


@dataclass(frozen=True, kw_only=True)
class Account:
    """A service account: its address, the address at which it signs in, and what signs for it."""

    email: str
    tokens: str
    signer: Any

    def asked(self, exchange: Exchange, at: datetime, *, sub: str, scopes: Sequence[str]) -> Answer:
        """What Google answers to a signed claim (RFC 7523) that the account acts as `sub`."""
        began = int(at.timestamp())
        ends = began + int(LIFE.total_seconds())
        claims = {
            "iss": self.email,
            "sub": sub,
            "scope": " ".join(scopes),
            "aud": self.tokens,
            "iat": began,
            "exp": ends,
        }
        signed: bytes = jwt.encode(self.signer, claims)  # type: ignore[no-untyped-call]
        form = {"grant_type": GRANT, "assertion": signed.decode("ascii")}
        return exchange(Request(url=self.tokens, method="POST", form=form))


def authorised(settings: Settings, exchange: Exchange, at: datetime, *, scopes: Sequence[str]) -> Token:
    """A token for as many of the scopes as were delegated. Raises Fault where the key is none, or Google refuses it."""
    account, sub = _account(settings["key"]), settings["admin"]
    answer = account.asked(exchange, at, sub=sub, scopes=scopes)
    if _undelegated(answer):
        granted = [one for one in scopes if account.asked(exchange, at, sub=sub, scopes=(one,)).status == 200]
        answer = account.asked(exchange, at, sub=sub, scopes=granted) if granted else answer
    return token_of(answer, at=at)


def throttled(answer: Answer) -> bool:
    """Whether Google asks for patience: 429, or 403 with a reason that says so and nothing about rights."""
    if answer.status != 403:
        return answer.status == 429
    try:
        errors = answer.document["error"]["errors"]
        return any(one.get("reason") in SLOWER for one in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _undelegated(answer: Answer) -> bool:
    return answer.status in (400, 401) and faults.code_of(answer) == "unauthorized_client"


def _account(text: str) -> Account:
    """The account of a key's JSON. Raises Fault where it is none, and says nothing of what stands in it."""
    try:
        key = msgspec.json.decode(text)
        signer = crypt.RSASigner.from_service_account_info(key)  # type: ignore[no-untyped-call]
        return Account(email=str(key["client_email"]), tokens=str(key.get("token_uri") or TOKENS), signer=signer)
    except (ValueError, TypeError, KeyError, AttributeError):
        sentence = "the key is not the JSON file that Google gives for a service account's key"
        raise faults.Fault(faults.DENIED, sentence) from None
