"""An API session waits as requested, retries what is temporary, and explains in one sentence what is not."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.urls import parse_origin
from tests.unit.ingest.remote.fake_console import (
    CONSOLE_URL,
    NOW,
    SECRET,
    FakeClock,
    FakeConsole,
    authorize_until,
    break_connection,
    build_api_spec,
    build_response,
    build_session,
)

LIST_REQUEST = Request(url=f"{CONSOLE_URL}/things")
SUCCESS = build_response({"items": []})


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        ([build_response({}, 429, retry_after="7")], [5.0, 2.0]),
        ([build_response({}, 503, retry_after=format_datetime(NOW + timedelta(seconds=4), usegmt=True))], [4.0]),
        ([build_response({}, 429, date=format_datetime(NOW + timedelta(hours=9), usegmt=True),
               retry_after=format_datetime(NOW + timedelta(hours=9, seconds=4), usegmt=True))], [4.0]),
        ([build_response({}, 500), break_connection(), build_response({}, 502)], [0.75, 1.5, 3.0]),
        ([], []),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again_after_the_pause_that_was_asked_for(
    answers: list[Response | Exception], slept: list[float]
) -> None:
    time = FakeClock()
    assert build_session(FakeConsole(*answers, SUCCESS), time).send_request(LIST_REQUEST, title="things") is SUCCESS
    assert time.slept == slept


@pytest.mark.parametrize(
    ("answers", "reason", "words"),
    [
        ([build_response({}, 403, x="y")], errors.FORBIDDEN, "it takes things.read"),
        ([build_response({"error": {"code": "accessDenied", "message": "a student's name"}}, 403)], errors.FORBIDDEN, "accessDenied"),
        ([build_response({}, 404)], errors.MISSING, "nothing at this address"),
        ([build_response({}, 302)], errors.ASTRAY, "another address"),
        ([build_response({}, 401), build_response({}, 401)], errors.DENIED, "does not accept the credentials"),
        ([break_connection()] * 4, errors.UNREACHABLE, "4 times (the connection broke)"),
        ([build_response({}, 429, retry_after="86400")], errors.BUSY, "come back later"),
    ],
)  # fmt: skip
def test_what_does_not_pass_is_a_sentence_without_what_the_console_quotes(
    answers: list[Response | Exception], reason: str, words: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        build_session(FakeConsole(*answers), FakeClock()).send_request(
            LIST_REQUEST, title="things", scopes=("things.read",)
        )
    assert caught.value.reason == reason
    assert words in caught.value.sentence
    assert "student" not in caught.value.sentence


def test_a_token_that_ended_is_asked_for_again_before_and_after_the_console_says_so() -> None:
    time = FakeClock()
    console = FakeConsole(
        build_response({"seconds": 100}),
        SUCCESS,
        build_response({"seconds": 3600}),
        build_response({}, 401),
        build_response({"seconds": 3600}),
        SUCCESS,
    )
    session = build_session(console, time, spec=build_api_spec(authorize=authorize_until))
    session.send_request(LIST_REQUEST, title="things")
    time.sleep(50)  # less than a minute before its end
    session.send_request(LIST_REQUEST, title="things")
    assert [request.url.rpartition("/")[2] for request in console.requests] == [
        "token",
        "things",
        "token",
        "things",
        "token",
        "things",
    ]


def test_an_assertion_that_was_refused_for_a_wrong_clock_is_made_again_by_the_console_s_clock() -> None:
    console_time = NOW + timedelta(hours=-26)
    moments = []

    def authorize_by_clock(settings: object, exchange: object, at: object) -> object:
        moments.append(at)
        response = exchange(LIST_REQUEST)  # type: ignore[operator]
        if response.status == 400:
            raise errors.build_denied_error(response)
        return authorize_until.__globals__["AccessToken"](headers={})

    refused = build_response({"error": "invalid_grant"}, 400, date=format_datetime(console_time, usegmt=True))
    build_session(
        FakeConsole(refused, SUCCESS), FakeClock(), spec=build_api_spec(authorize=authorize_by_clock)
    ).sign_in()
    assert moments == [NOW, console_time]


def test_a_page_that_was_cut_off_is_no_json_and_asked_for_again() -> None:
    truncated = Response(status=200, body=b'{"items": [')
    session = build_session(FakeConsole(truncated, SUCCESS), FakeClock())
    assert (
        session.send_request(LIST_REQUEST, title="things", is_complete=lambda response: response.body != truncated.body)
        is SUCCESS
    )
    with pytest.raises(RemoteError) as caught:
        build_session(FakeConsole(truncated, truncated, truncated), FakeClock()).send_request(
            LIST_REQUEST, title="things", is_complete=lambda _: False
        )
    assert caught.value.reason == errors.GARBLED


def test_a_console_that_counts_requests_gets_one_an_interval_also_when_it_is_tried_again() -> None:
    time = FakeClock()
    console = FakeConsole(SUCCESS, build_response({}, 500), SUCCESS, SUCCESS)
    session = build_session(console, time, spec=build_api_spec(request_interval=timedelta(seconds=2)))
    for _ in range(3):
        session.send_request(LIST_REQUEST, title="things")
    assert time.slept == [2.0, 0.75, 1.25, 2.0]


def test_a_console_says_what_to_check_about_credentials_that_it_does_not_accept() -> None:
    spec = build_api_spec(denied_hint="check the region")
    session = build_session(FakeConsole(*[build_response({}, 401)] * 2), FakeClock(), spec=spec)
    with pytest.raises(RemoteError) as caught:
        session.send_request(LIST_REQUEST, title="things")
    assert caught.value.reason == errors.DENIED
    assert caught.value.sentence.endswith("(status 401): check the region")


def test_a_stopped_line_asks_nothing_more() -> None:
    console = FakeConsole(build_response({}, 500), SUCCESS)
    with pytest.raises(RemoteError) as caught:
        build_session(console, FakeClock(), stopped=[False, True]).send_request(LIST_REQUEST, title="things")
    assert caught.value.reason == errors.CANCELLED
    assert len(console.requests) == 1


def test_secrets_go_over_https_or_to_this_machine_alone() -> None:
    assert parse_origin("https://console.example.org/x") == parse_origin("https://console.example.org:443/y")
    assert parse_origin("http://127.0.0.1:8080/") == ("http", "127.0.0.1", 8080)
    for address in ("http://console.example.org", "ftp://x.example", "console.example.org", "https://", "https://x:y/"):
        with pytest.raises(RemoteError):
            parse_origin(address)


def test_a_secret_is_hidden_in_whatever_is_said() -> None:
    masked = errors.mask_secrets(f"no host {SECRET}.example", secrets=(SECRET, ""))
    assert masked == "no host •••.example"
