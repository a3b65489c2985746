"""Devices on which somebody signed in before, by a signed cookie: what others try elsewhere never refuses them.

The cookie holds the device's id and a mark for each account that signed in on it. A mark ends with the passphrase.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.districts.queries import find_active_user
from homeroom.web.shared.cookies import build_cookie_name

COOKIE = "homeroom-device"
MAX_AGE_SECONDS = 180 * 24 * 3600
_SALT = "homeroom.device"
_MAX_ACCOUNTS = 8


@dataclass(frozen=True, kw_only=True)
class _Device:
    id: str
    marks: tuple[str, ...] = ()


def find_known_device(request: HttpRequest, *, username: str) -> str:
    """Return the id of the visitor's device if that account signed in on it before; else empty text."""
    device = _read_device(request)
    if device is None or not device.marks:
        return ""
    user = find_active_user(username=username)
    return device.id if user is not None and _build_mark(user) in device.marks else ""


def remember_device(request: HttpRequest, response: HttpResponse, *, user: Any) -> None:
    """Remember on the visitor's device that this user signed in on it."""
    device = _read_device(request) or _Device(id=secrets.token_urlsafe(16))
    marks = dict.fromkeys((_build_mark(user), *device.marks))
    response.set_cookie(
        build_cookie_name(COOKIE),
        signing.dumps({"id": device.id, "marks": list(marks)[:_MAX_ACCOUNTS]}, salt=_SALT),
        max_age=MAX_AGE_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _read_device(request: HttpRequest) -> _Device | None:
    try:
        value = signing.loads(request.COOKIES.get(build_cookie_name(COOKIE), ""), salt=_SALT, max_age=MAX_AGE_SECONDS)
        return _Device(id=str(value["id"]), marks=tuple(map(str, value["marks"])))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def _build_mark(user: Any) -> str:
    """Return the mark of an account: it changes with the passphrase, and reveals neither."""
    return salted_hmac(_SALT, f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]
