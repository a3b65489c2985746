"""Cookies: their names, and the cookie of messages that the next page shows."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


def build_cookie_name(name: str) -> str:
    """Return the name of a cookie: under HTTPS with the prefix by which browsers take it from this host alone."""
    return f"__Host-{name}" if settings.HTTPS else name


class _HostCookieStorage(CookieStorage):
    """Django's cookie of messages, under such a name."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return build_cookie_name("messages")


class PageMessages(FallbackStorage):
    """Storage of Django's setting MESSAGE_STORAGE: a cookie, or the session if they are too long for it."""

    storage_classes = (_HostCookieStorage, SessionStorage)
