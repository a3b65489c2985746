"""Private pages are stored nowhere, HTTPS is insisted on where promised, and only trusted proxies are believed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.test import Client, RequestFactory

from homeroom.web.shared.client_address import TrustedProxies, find_client_address, is_trusted, parse_proxies
from tests.cast import Cast
from tests.web.platform.test_access import list_district_pages

ClientFactory = Callable[[str], Client]
PROXIES = parse_proxies(["10.0.0.5", "192.168.7.0/24", "2001:db8::/32"])


def test_no_private_page_may_be_stored(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    director, stranger = as_("director"), Client()
    for page, _ in list_district_pages():
        for method in (director.get, stranger.get, stranger.post):
            answer = method(f"/d/maple-valley{page}")
            assert "no-store" in answer["Cache-Control"], page
            assert "private" in answer["Cache-Control"], page
            if answer.streaming:
                b"".join(answer)  # a file is closed at its end
    for page in ("/sign-in", "/districts", "/password", "/no-such-page", "/d/maple-valley/osquery/config"):
        assert "no-store" in Client().get(page)["Cache-Control"], page


def test_static_files_may_be_stored(cast: Cast) -> None:
    with closing(Client().get("/static/homeroom/homeroom.css")) as answer:
        assert answer.status_code == 200
        assert "no-store" not in answer["Cache-Control"]


@pytest.mark.parametrize("is_https", [True, False])
def test_browsers_insist_on_https_where_the_settings_promise_it(cast: Cast, settings: Any, is_https: bool) -> None:
    settings.HTTPS = is_https
    for page in ("/sign-in", "/static/homeroom/homeroom.css", "/nowhere", "/"):
        with closing(Client().get(page)) as answer:
            header = answer.headers.get("Strict-Transport-Security", "")
        assert header == ("max-age=31536000" if is_https else "")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9, 192.168.7.3", "203.0.113.9"),
        ("10.0.0.5", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9:5123", "203.0.113.9"),
        ("10.0.0.5", '"[2001:db9::7]:443"', "2001:db9::7"),
        ("::ffff:10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "203.0.113.9, unknown, 192.168.7.3", "192.168.7.3"),
        ("10.0.0.5", "192.168.7.1, 192.168.7.2", "192.168.7.1"),
    ],
)
def test_the_visitor_is_the_last_address_that_no_trusted_proxy_has(peer: str, forwarded: str, client: str) -> None:
    assert is_trusted(peer, proxies=PROXIES)
    assert find_client_address(peer, forwarded, proxies=PROXIES) == client


def test_only_a_trusted_proxy_is_believed(settings: Any) -> None:
    settings.PROXIES = PROXIES
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    results: list[tuple[str, bool]] = []
    middleware = TrustedProxies(
        lambda request: results.append((request.META["REMOTE_ADDR"], request.is_secure()))  # type: ignore[arg-type]
    )
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for peer in ("10.0.0.5", "10.0.0.6", ""):
        middleware(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))
    assert results == [("203.0.113.9", True), ("10.0.0.6", False), ("", False)]


def test_a_proxy_that_is_no_address_is_refused() -> None:
    assert parse_proxies([" 10.0.0.5 ", "10.1.2.3/8"])
    with pytest.raises(ValueError, match="10\\.0\\.0\\.0/24 would fit"):
        parse_proxies(["proxy.example"])
