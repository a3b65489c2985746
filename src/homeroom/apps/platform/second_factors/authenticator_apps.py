"""Authenticator apps: a shared secret, encrypted at rest, and codes that each work once."""

from __future__ import annotations

import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction

from homeroom.apps.platform.second_factors.models import AuthenticatorApp
from homeroom.apps.platform.second_factors.user_trail import record_user_entry
from homeroom.apps.platform.secret_box import SecretBox, SecretDecryptionError, open_secret_box
from homeroom.domain.platform.one_time_codes import find_matching_step

_SECRET_BYTES = 20
_ISSUER = "Homeroom"


def prepare_app(*, user: Any) -> str:
    """Return a new secret, encrypted, that becomes the user's once a code of it is entered."""
    secret = b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    return open_secret_box().encrypt({"secret": secret}, context=_format_context(user))


def read_prepared_secret(*, user: Any, sealed: str) -> str:
    """Return the secret in base 32, to show it once. Raise SecretDecryptionError."""
    return open_secret_box().decrypt(sealed, context=_format_context(user))["secret"]


def build_app_address(*, user: Any, secret: str) -> str:
    """Return the address that apps read from a QR code (the otpauth scheme)."""
    query = urlencode({"secret": secret, "issuer": _ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{_ISSUER}:{user.get_username()}')}?{query}"


@transaction.atomic
def activate_app(*, user: Any, sealed: str, code: str, at: datetime) -> bool:
    """Make a prepared secret the user's, in place of an earlier one, if the code is one of its; else return False."""
    secret = b32decode(read_prepared_secret(user=user, sealed=sealed))
    step = find_matching_step(secret, _clean_code(code), at=at)
    if step is None:
        return False
    AuthenticatorApp.objects.update_or_create(
        user=user, defaults={"sealed": sealed, "last_step": step, "made_at": at, "used_at": None}
    )
    record_user_entry(user=user, actor=user.get_username(), action="add authenticator app", at=at)
    return True


def use_app_code(*, user: Any, code: str, at: datetime) -> bool:
    """Use a code up; return False if it is not the app's, too old, or was used before."""
    app = AuthenticatorApp.objects.filter(user=user).first()
    if app is None:
        return False
    try:
        secret = b32decode(read_prepared_secret(user=user, sealed=app.sealed))
    except SecretDecryptionError:
        return False
    step = find_matching_step(secret, _clean_code(code), at=at, after=app.last_step)
    if step is None:
        return False
    unused = AuthenticatorApp.objects.filter(pk=app.pk, sealed=app.sealed, last_step__lt=step)
    return unused.update(last_step=step, used_at=at) == 1


@transaction.atomic
def remove_app(*, user: Any, actor: str, at: datetime) -> bool:
    """Remove the user's app; return False if there is none."""
    count, _ = AuthenticatorApp.objects.filter(user=user).delete()
    if count:
        record_user_entry(user=user, actor=actor, action="remove authenticator app", at=at)
    return bool(count)


def find_app(*, user: Any) -> AuthenticatorApp | None:
    """Return the user's app, or None."""
    return AuthenticatorApp.objects.filter(user=user).first()


def encrypt_apps_again(secret_box: SecretBox) -> int:
    """Encrypt the secrets of all apps with the current key; return how many. Raise SecretDecryptionError."""
    apps = list(AuthenticatorApp.objects.select_related("user"))
    for app in apps:
        context = _format_context(app.user)
        sealed = secret_box.encrypt(secret_box.decrypt(app.sealed, context=context), context=context)
        AuthenticatorApp.objects.filter(pk=app.pk, sealed=app.sealed).update(sealed=sealed)
    return len(apps)


def _clean_code(code: str) -> str:
    return "".join(code.split())


def _format_context(user: Any) -> str:
    return f"user/{user.pk}/authenticator-app"
