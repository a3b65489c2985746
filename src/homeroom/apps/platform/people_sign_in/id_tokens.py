"""Verification of ID tokens (OpenID Connect Core 1.0, section 3.1.3.7), with what a district pinned.

The signature is always verified, though the token comes from the provider itself over TLS.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from homeroom.apps.platform.people_sign_in.identity_providers import IdentityProvider, IdentityRefused

ALGORITHM = "RS256"
"""The only algorithm: both providers sign with it, and a token never chooses another."""
LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 600
_MAX_TOKEN = 16_384
_REQUIRED = ("iss", "aud", "exp", "iat", "sub", "nonce")
Keys = Mapping[str, Mapping[str, Any]]


class UnknownSigningKey(IdentityRefused):
    """The token is signed with a key that the provider's list does not have."""


@dataclass(frozen=True, kw_only=True)
class TokenExpectations:
    """What a token has to say: from whom, for whom, to which request, and about whose people."""

    provider: IdentityProvider
    issuer: str
    client_id: str
    nonce: str
    pinned: Collection[str]


@dataclass(frozen=True, kw_only=True)
class VerifiedIdentity:
    """Somebody of the district, as its provider knows them. `address` is verified and in lower case."""

    subject: str
    address: str


def verify_id_token(token: object, *, keys: Keys, expected: TokenExpectations, at: datetime) -> VerifiedIdentity:
    """Return who signed in. `keys` are the provider's JSON Web Keys by id.

    Raise IdentityRefused, and UnknownSigningKey if a newer list of keys may have the key.
    """
    claims = _decode(token, keys, expected)
    _check_party(claims, expected)
    _check_times(claims, at)
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise IdentityRefused("the subject is missing")
    return VerifiedIdentity(subject=subject, address=expected.provider.read_address(claims, expected.pinned))


def _decode(token: object, keys: Keys, expected: TokenExpectations) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > _MAX_TOKEN:
        raise IdentityRefused("there is no ID token")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise IdentityRefused("the ID token cannot be read") from None
    if header.get("alg") != ALGORITHM:
        raise IdentityRefused("the ID token is not signed with RS256")
    key = _get_key(header.get("kid"), keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=expected.client_id,
            issuer=expected.issuer,
            options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise IdentityRefused(f"the ID token is refused: {type(error).__name__}") from None
    return claims


def _get_key(key_id: object, keys: Keys) -> jwt.PyJWK:
    document = keys.get(key_id) if isinstance(key_id, str) else None
    if document is None:
        raise UnknownSigningKey("the ID token is signed with a key that the provider does not have")
    is_signing = document.get("kty") == "RSA" and document.get("use", "sig") == "sig"
    if not is_signing or document.get("alg", ALGORITHM) != ALGORITHM:
        raise IdentityRefused("the ID token is signed with a key for something else")
    try:
        return jwt.PyJWK(dict(document), algorithm=ALGORITHM)
    except jwt.PyJWTError:
        raise IdentityRefused("the key of the ID token cannot be read") from None


def _check_party(claims: Mapping[str, Any], expected: TokenExpectations) -> None:
    if claims["aud"] not in (expected.client_id, [expected.client_id]):
        raise IdentityRefused("the ID token is for others too")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise IdentityRefused("the ID token was given to somebody else")
    nonce = claims["nonce"]
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdentityRefused("the ID token answers another request")


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    now = at.timestamp()
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in times.values()):
        raise IdentityRefused("the ID token has no times")
    if now >= times["exp"] + LEEWAY_SECONDS:
        raise IdentityRefused("the ID token is expired")
    if max(times["iat"], times.get("nbf", 0)) > now + LEEWAY_SECONDS:
        raise IdentityRefused("the ID token is issued in the future; check the clock of this server")
    if times["iat"] < now - MAX_AGE_SECONDS:
        raise IdentityRefused("the ID token is old")
