"""Cookies: sent to this host alone, over HTTPS, and read by no script."""

from __future__ import annotations

from typing import Any

from django.conf import settings as project
from django.test import Client

from homeroom.apps.platform.districts.commands import create_user
from tests.cast import PASSPHRASE, Cast


def test_every_cookie_is_for_this_host_alone_over_https_and_for_no_script(cast: Cast, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    create_user(district=cast.district, username="director", role="director", passphrase=PASSPHRASE)
    client = Client()
    client.get("/sign-in", secure=True)
    client.post("/language", {"language": "es"}, secure=True)
    assert client.post("/sign-in", {"username": "director", "password": PASSPHRASE}, secure=True).status_code == 302
    client.post("/account/sessions/end", {"session": ""}, secure=True)
    names = {"sessionid", "csrftoken", "homeroom-device", "homeroom-language", "messages"}
    assert set(client.cookies) == {f"__Host-{name}" for name in names}
    for cookie in client.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), cookie.key
        assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True), cookie.key
    assert client.get("/account/sessions", secure=True).context["messages"], "the message is read again"


def test_without_https_the_names_have_no_prefix_that_a_browser_would_refuse(cast: Cast) -> None:
    assert project.SESSION_COOKIE_NAME == "sessionid"
    client = Client()
    client.post("/language", {"language": "es"})
    assert set(client.cookies) == {"homeroom-language"}
