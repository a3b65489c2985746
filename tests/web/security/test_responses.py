"""Every response states what it is, where it may be framed, and under which name it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from homeroom.config.bridge.responses import build_plain_response
from homeroom.web.shared.downloads import name_download
from tests.cast import Cast
from tests.web.platform.test_access import fill_route, iter_url_patterns

ClientFactory = Callable[[str], Client]
SOURCES = Path(__file__).resolve().parents[3] / "src" / "homeroom"
ENDING = re.compile(r"^(/sign-out|/account/sign-in-again|/users/\d+/end-sessions)$")
BEFORE_ANY_VIEW = ("/metrics", "/healthz", "/readyz", "/static/homeroom/homeroom.css", "/static/", "/nowhere")
WITH_CHARSET = re.compile(r"^(text/|application/(javascript|yaml))|[+/]xml")


def iterate_responses(as_: ClientFactory) -> Iterator[tuple[str, Any]]:
    """Yield the answer of every address to a director and to a stranger, of agents, probes and static files too."""
    routes = [*BEFORE_ANY_VIEW, *(fill_route(route) for route, _ in iter_url_patterns())]
    for role, client in (("director", as_("director")), ("stranger", Client())):
        for route in sorted(routes, key=lambda route: bool(ENDING.match(route))):  # what ends the session comes last
            for send in (client.get, client.post):
                answer: Any = send(route)
                answer.body = b"".join(answer)  # a file is closed at its end
                yield f"{send.__name__} {route} of {role}", answer


_collected: list[tuple[str, Any]] = []


@pytest.fixture
def responses(
    as_: ClientFactory, cast: Cast, empty_folder: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, Any]]:
    """Return all of them, of one pass over the site."""
    settings.METRICS_TOKEN = "m" * 40
    monkeypatch.setattr("homeroom.web.platform.health._check_parts_at_most_often", lambda _now: {"database": True})
    if not _collected:
        _collected.extend(iterate_responses(as_))
    return _collected


def list_problems(answer: Any) -> Iterator[str]:
    """Yield what a response lacks."""
    guards = {"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"same-origin", "no-referrer"}}
    for header, values in guards.items():
        if answer.headers.get(header) not in values:
            yield f"{header} is {answer.headers.get(header)}"
    policy = answer.headers.get("Content-Security-Policy", "")
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        if directive not in policy:
            yield f"the policy has no {directive}"
    if "Access-Control-Allow-Origin" in answer.headers:
        yield "another origin is let in"


def list_wrong_types(answer: Any) -> Iterator[str]:
    """Yield what the content type of a response with a body states wrongly."""
    if not answer.body:
        return
    kind, content = answer.headers.get("Content-Type", ""), answer.body.lstrip()
    if (kind.startswith("text/html"), kind == "application/json") != (
        content[:9].lower() == b"<!doctype",
        content[:1] in b"{[",
    ):
        yield f"{kind} begins with {content[:20]!r}"


def test_each_response_forbids_guessing_framing_and_what_is_not_ours(responses: list[tuple[str, Any]]) -> None:
    assert {answer.status_code for _, answer in responses} >= {200, 302, 401, 403, 404, 405}
    wrong = {address: problems for address, answer in responses if (problems := list(list_problems(answer)))}
    assert not wrong


def test_each_response_with_a_body_states_its_type_and_characters(responses: list[tuple[str, Any]]) -> None:
    kinds = {address: answer.headers.get("Content-Type", "") for address, answer in responses if answer.body}
    assert all(kinds.values())
    assert not {
        address: kind for address, kind in kinds.items() if WITH_CHARSET.search(kind) and "charset=" not in kind
    }
    wrong = {address: problems for address, answer in responses if (problems := list(list_wrong_types(answer)))}
    assert not wrong


def test_each_page_of_who_signed_in_has_the_button_for_signing_out(responses: list[tuple[str, Any]]) -> None:
    pages = [
        (address, answer) for address, answer in responses if "of director" in address and answer.status_code == 200
    ]
    shown = [(address, answer) for address, answer in pages if b"</html>" in answer.body]
    assert len(shown) > 60
    assert {address for address, _ in shown} >= {"get /account/sessions of director", "get /account/2-step of director"}
    without = [address for address, answer in shown if not re.search(rb'action="[^"]*/sign-out"', answer.body)]
    ending = {"get /account/sign-in-again of director"}  # its one button signs out
    offline = {"get /offline of director"}  # which a phone shows without a network, to anybody
    assert set(without) - ending == offline, without


def test_what_the_server_answers_before_any_view_has_the_same_guards(settings: Any) -> None:
    for https in (False, True):
        settings.HTTPS = https
        plain = build_plain_response(503, "The server is busy.")
        names = {name.decode(): value.decode() for name, value in plain.headers}
        answer = HttpResponse(plain.body, status=plain.status, headers=names)
        assert not list(list_problems(answer))
        assert answer.headers.get("Strict-Transport-Security", "").startswith("max-age=31536000") == https


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("drills-2026-01-15.csv", 'attachment; filename="drills-2026-01-15.csv"'),
        ('a";b.csv', 'attachment; filename="a\\";b.csv"'),
        ("x\r\nSet-Cookie: a=b.csv", "attachment; filename*=utf-8''x%0D%0ASet-Cookie%3A%20a%3Db.csv"),
        ("niño.csv", "attachment; filename*=utf-8''ni%C3%B1o.csv"),
    ],
)
def test_the_name_of_a_download_is_quoted_or_encoded(name: str, header: str) -> None:
    assert name_download(HttpResponse(), name).headers["Content-Disposition"] == header


def test_no_view_writes_the_name_of_a_download_by_itself() -> None:
    writers = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if re.search("content-disposition", path.read_text(encoding="utf-8"), re.IGNORECASE)
    }
    assert writers == {"web/shared/downloads.py"}
