"""Passkeys and security keys by fido2 (WebAuthn level 2): the address of the site is signed, so nothing can be phished.

A request to the browser has a state, which the caller stores in the session and passes back once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from homeroom.apps.platform.second_factors.models import Passkey
from homeroom.apps.platform.second_factors.user_trail import record_user_entry

MAX_PASSKEYS = 10
_SITE = "Homeroom"


class PasskeyRefused(Exception):
    """The answer of a browser proves nothing; the message has no value of it.

    `user` is whose passkey was to sign, where the answer names a registered one; None where it names none.
    """

    def __init__(self, reason: str, *, user: Any | None = None) -> None:
        super().__init__(reason)
        self.user = user


@dataclass(frozen=True, kw_only=True)
class PasskeyRequest:
    """A request to the browser, as JSON, and the state with which its answer is checked."""

    options: Mapping[str, Any]
    state: Mapping[str, Any]


def request_registration(*, user: Any, host: str) -> PasskeyRequest:
    """Ask for a new passkey of a user; `host` is the name of the site, without a port. Raise PasskeyRefused."""
    own = list_passkeys(user=user)
    if len(own) >= MAX_PASSKEYS:
        raise PasskeyRefused(f"there are {MAX_PASSKEYS} passkeys; remove one first")
    handle = websafe_decode(own[0].handle) if own else secrets.token_bytes(32)
    person = PublicKeyCredentialUserEntity(
        id=handle, name=user.get_username(), display_name=user.get_full_name() or user.get_username()
    )
    options, state = _build_server(host).register_begin(
        person,
        credentials=[_read_credential(passkey) for passkey in own],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return PasskeyRequest(options=dict(options), state={**state, "handle": websafe_encode(handle)})


@transaction.atomic
def register_passkey(
    *, user: Any, host: str, name: str, state: Mapping[str, Any], answer: Mapping[str, Any], at: datetime
) -> Passkey:
    """Store the passkey that the browser made. Raise PasskeyRefused."""
    try:
        data = _build_server(host).register_complete(state, answer)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused(type(error).__name__) from None
    credential = data.credential_data
    if credential is None or len(credential.credential_id) > 1023:
        raise PasskeyRefused("the browser returned no passkey")
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user,
                name=name.strip()[:60] or "Passkey",
                credential_id=websafe_encode(credential.credential_id),
                credential=websafe_encode(bytes(credential)),
                handle=state["handle"],
                rp_id=host,
                sign_count=data.counter,
                made_at=at,
            )
    except IntegrityError:
        raise PasskeyRefused("the passkey is registered already") from None
    record_user_entry(user=user, actor=user.get_username(), action="add passkey", at=at, detail={"name": passkey.name})
    return passkey


def request_passkey(*, host: str, user: Any | None = None) -> PasskeyRequest:
    """Ask for a passkey of a user as second step; without a user, for any, with its PIN or fingerprint."""
    needs = UserVerificationRequirement.REQUIRED if user is None else UserVerificationRequirement.PREFERRED
    credentials = None if user is None else [_read_credential(passkey) for passkey in list_passkeys(user=user)]
    options, state = _build_server(host).authenticate_begin(credentials, user_verification=needs)
    return PasskeyRequest(options=dict(options), state=dict(state))


def use_passkey(
    *, host: str, state: Mapping[str, Any], answer: Mapping[str, Any], at: datetime, user: Any | None = None
) -> Passkey:
    """Return the passkey that signed the request; with a user, only one of theirs. Raise PasskeyRefused."""
    owner = None
    try:
        response = AuthenticationResponse.from_dict(answer)
        passkey = _find_passkey(response, user)
        owner = passkey.user
        _build_server(host).authenticate_complete(state, [_read_credential(passkey)], response)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused(type(error).__name__, user=owner) from None
    _advance_counter(passkey, response.response.authenticator_data.counter, at=at)
    return passkey


def list_passkeys(*, user: Any) -> Sequence[Passkey]:
    """Return the passkeys of a user, oldest first."""
    return tuple(Passkey.objects.filter(user=user).order_by("made_at", "pk"))


@transaction.atomic
def remove_passkey(*, user: Any, number: int, actor: str, at: datetime) -> bool:
    """Remove a passkey of a user; return False if there is none of that number."""
    passkey = Passkey.objects.filter(user=user, pk=number).first()
    if passkey is None:
        return False
    passkey.delete()
    record_user_entry(user=user, actor=actor, action="remove passkey", at=at, detail={"name": passkey.name})
    return True


def _find_passkey(response: AuthenticationResponse, user: Any | None) -> Passkey:
    passkeys = Passkey.objects.select_related("user").filter(credential_id=websafe_encode(response.raw_id))
    passkey = (passkeys if user is None else passkeys.filter(user=user)).first()
    if passkey is None:
        raise PasskeyRefused("no passkey of a user")
    handle = response.response.user_handle
    if (user is None or handle) and (not handle or websafe_encode(handle) != passkey.handle):
        raise PasskeyRefused("the passkey names another user")
    return passkey


def _advance_counter(passkey: Passkey, counter: int, *, at: datetime) -> None:
    """Store the counter of a passkey. Raise PasskeyRefused if it did not advance: then the key may have been copied.

    Passkeys that are synced between devices do not count, and send zero (WebAuthn level 2, section 6.1.1).
    """
    rows = Passkey.objects.filter(pk=passkey.pk)
    unused = rows.filter(sign_count__lt=counter) if counter else rows.filter(sign_count=0)
    if unused.update(sign_count=counter, used_at=at) != 1:
        raise PasskeyRefused("the counter of the passkey did not advance", user=passkey.user)


def _build_server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name=_SITE, id=host))


def _read_credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(passkey.credential))
