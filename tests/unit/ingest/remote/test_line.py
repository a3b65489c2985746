"""A line to a console waits where it is told to, tries again what passes, and says in a sentence what does not."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.addresses import origin_of
from homeroom.ingest.remote.client import Answer, Request
from homeroom.ingest.remote.faults import Fault
from tests.unit.ingest.remote.wire import HERE, NOW, SECRET, Time, Wire, client, cut, line, said, token

ASKED = Request(url=f"{HERE}/things")
WELL = said({"items": []})


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        ([said({}, 429, retry_after="7")], [5.0, 2.0]),
        ([said({}, 503, retry_after=format_datetime(NOW + timedelta(seconds=4), usegmt=True))], [4.0]),
        ([said({}, 429, date=format_datetime(NOW + timedelta(hours=9), usegmt=True),
               retry_after=format_datetime(NOW + timedelta(hours=9, seconds=4), usegmt=True))], [4.0]),
        ([said({}, 500), cut(), said({}, 502)], [0.75, 1.5, 3.0]),
        ([], []),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again_after_the_pause_that_was_asked_for(
    answers: list[Answer | Exception], slept: list[float]
) -> None:
    time = Time()
    assert line(Wire(*answers, WELL), time).ask(ASKED, asked="things") is WELL
    assert time.slept == slept


@pytest.mark.parametrize(
    ("answers", "reason", "words"),
    [
        ([said({}, 403, x="y")], faults.FORBIDDEN, "it takes things.read"),
        ([said({"error": {"code": "accessDenied", "message": "a pupil's name"}}, 403)], faults.FORBIDDEN, "accessDenied"),
        ([said({}, 404)], faults.MISSING, "nothing at this address"),
        ([said({}, 302)], faults.ASTRAY, "another address"),
        ([said({}, 401), said({}, 401)], faults.DENIED, "does not accept the credentials"),
        ([cut()] * 4, faults.UNREACHABLE, "4 times (the connection broke)"),
        ([said({}, 429, retry_after="86400")], faults.BUSY, "come back later"),
    ],
)  # fmt: skip
def test_what_does_not_pass_is_a_sentence_without_what_the_console_quotes(
    answers: list[Answer | Exception], reason: str, words: str
) -> None:
    with pytest.raises(Fault) as raised:
        line(Wire(*answers), Time()).ask(ASKED, asked="things", scopes=("things.read",))
    assert raised.value.reason == reason
    assert words in raised.value.sentence
    assert "pupil" not in raised.value.sentence


def test_a_token_that_ended_is_asked_for_anew_before_and_after_the_console_says_so() -> None:
    time = Time()
    wire = Wire(said({"seconds": 100}), WELL, said({"seconds": 3600}), said({}, 401), said({"seconds": 3600}), WELL)
    made = line(wire, time, of=client(authorise=token))
    made.ask(ASKED, asked="things")
    time.sleep(50)  # less than a minute before its end
    made.ask(ASKED, asked="things")
    assert [one.url.rpartition("/")[2] for one in wire.asked] == [
        "token",
        "things",
        "token",
        "things",
        "token",
        "things",
    ]


def test_an_assertion_that_was_refused_for_a_wrong_clock_is_made_again_by_the_console_s_clock() -> None:
    there = NOW + timedelta(hours=-26)
    moments = []

    def by_clock(settings: object, exchange: object, at: object) -> object:
        moments.append(at)
        answer = exchange(ASKED)  # type: ignore[operator]
        if answer.status == 400:
            raise faults.denied(answer)
        return token.__globals__["Token"](headers={})

    refused = said({"error": "invalid_grant"}, 400, date=format_datetime(there, usegmt=True))
    line(Wire(refused, WELL), Time(), of=client(authorise=by_clock)).sign()
    assert moments == [NOW, there]


def test_a_page_that_was_cut_off_is_no_json_and_asked_for_again() -> None:
    half = Answer(status=200, body=b'{"items": [')
    made = line(Wire(half, WELL), Time())
    assert made.ask(ASKED, asked="things", good=lambda answer: answer.body != half.body) is WELL
    with pytest.raises(Fault) as raised:
        line(Wire(half, half, half), Time()).ask(ASKED, asked="things", good=lambda _: False)
    assert raised.value.reason == faults.GARBLED


def test_a_stopped_line_asks_nothing_more() -> None:
    wire = Wire(said({}, 500), WELL)
    with pytest.raises(Fault) as raised:
        line(wire, Time(), stopped=[False, True]).ask(ASKED, asked="things")
    assert raised.value.reason == faults.CANCELLED
    assert len(wire.asked) == 1


def test_secrets_go_over_https_or_to_this_machine_alone() -> None:
    assert origin_of("https://console.example.org/x") == origin_of("https://console.example.org:443/y")
    assert origin_of("http://127.0.0.1:8080/") == ("http", "127.0.0.1", 8080)
    for address in ("http://console.example.org", "ftp://x.example", "console.example.org", "https://", "https://x:y/"):
        with pytest.raises(Fault):
            origin_of(address)


def test_a_secret_is_hidden_in_whatever_is_said() -> None:
    told = faults.without(f"no host {SECRET}.example", secrets=(SECRET, ""))
    assert told == "no host •••.example"
