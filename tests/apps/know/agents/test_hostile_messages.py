"""Whatever a stranger posts to the endpoints of agents, it is refused before it is decoded, and costs nobody else."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from homeroom.api import messages
from homeroom.api.messages import MAX_VALUES
from homeroom.api.osquery import MAX_ENROLL_BYTES, MAX_MESSAGE_BYTES
from homeroom.apps.know.agents import answers, commands
from homeroom.apps.know.agents.models import Agent, Answer
from tests.cast import Cast, create_cast

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
ENDPOINTS = ("enroll", "config", "log", "distributed/read", "distributed/write")
AGENT_ENDPOINTS = ENDPOINTS[1:]
SERVER_STACK = 2 << 20
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def secret(cast: Cast) -> str:
    return commands.create_enroll_secret(district=cast.district, actor="director", at=AT)


@pytest.fixture
def key(cast: Cast, secret: str) -> str:
    body = {"enroll_secret": secret, "host_identifier": "lab-7"}
    key: str = post_message("enroll", json.dumps(body).encode()).json()["node_key"]
    return key


def post_message(endpoint: str, body: bytes, *, packed: bool = False, slug: str = "maple-valley") -> Any:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    content = gzip.compress(body) if packed else body
    return Client().post(f"/d/{slug}/osquery/{endpoint}", content, content_type="application/json", headers=headers)


def wrap_in(credentials: dict[str, str], deep: bytes) -> bytes:
    return json.dumps(credentials).encode()[:-1] + b', "more": ' + deep + b"}"


@pytest.fixture
def refuse_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("a stranger's message was decoded")

    monkeypatch.setattr(messages, "decode_json", fail)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nothing_that_a_stranger_sends_is_decoded(
    cast: Cast, secret: str, refuse_decoding: None, endpoint: str, packed: bool
) -> None:
    guesses = {"node_key": "guess", "enroll_secret": "guess", "host_identifier": "x"}
    bodies = [DEEP, wrap_in(guesses, DEEP), json.dumps(guesses).encode(), b"{}", b'{"a":' * 20_000 + b"}"]
    for body in bodies:
        answer = post_message(endpoint, body, packed=packed)
        expected = 413 if endpoint == "enroll" and len(body) > MAX_ENROLL_BYTES else 200
        assert answer.status_code == expected
        assert expected == 413 or answer.json() == {"node_invalid": True}


@pytest.mark.parametrize("endpoint", AGENT_ENDPOINTS)
def test_who_holds_a_key_is_bounded_as_well(cast: Cast, key: str, endpoint: str) -> None:
    for deep in (DEEP, b"[" * 100_000 + b"]" * 100_000, b'{"a":[' * 9 + b"]}" * 9):
        assert post_message(endpoint, wrap_in({"node_key": key}, deep)).status_code == 400
    wide = b"[" + b"1," * MAX_VALUES + b"1]"
    assert post_message(endpoint, wrap_in({"node_key": key}, wide)).status_code == 413
    big = wrap_in({"node_key": key}, b'"' + b"x" * MAX_MESSAGE_BYTES + b'"')
    assert post_message(endpoint, big).status_code == 413
    assert post_message(endpoint, big, packed=True).status_code == 413
    assert post_message(endpoint, b'{"node_key": "' + key.encode() + b'"}').json()["node_invalid"] is False


def test_a_secret_opens_nothing_for_a_message_that_no_agent_sends(cast: Cast, secret: str) -> None:
    credentials = {"enroll_secret": secret, "host_identifier": "lab-8"}
    assert post_message("enroll", wrap_in(credentials, b'{"a":' * 5_000 + b"1" + b"}" * 5_000)).status_code == 400
    assert post_message("enroll", wrap_in(credentials, b'"' + b"x" * MAX_ENROLL_BYTES + b'"')).status_code == 413
    assert not Agent.objects.of(cast.district).exists()


def test_a_key_elsewhere_in_the_message_is_none(cast: Cast, key: str) -> None:
    for body in ({"data": {"node_key": key}}, {"node_key": "guess", "data": [{"node_key": key}]}):
        assert post_message("config", json.dumps(body).encode()).json() == {"node_invalid": True}
    for wrong in (None, 7, [key], {"node_key": key}):
        body = json.dumps({"node_key": wrong, "other": {"node_key": key}}).encode()
        assert post_message("config", body).json() == {"node_invalid": True}


def test_a_key_at_the_end_of_a_large_message_counts(cast: Cast, key: str) -> None:
    programs = [{"name": f"Program {number}", "version": "1"} for number in range(3_000)]
    body = json.dumps({"queries": {"homeroom_programs": programs}, "statuses": {}, "node_key": key}).encode()
    assert post_message("distributed/write", body).json() == {"node_invalid": False}
    stored = Answer.objects.of(cast.district).get(question="programs")
    assert len(answers.decode_rows(stored) or ()) == 3_000


def test_a_district_that_exists_answers_a_stranger_as_one_that_does_not(cast: Cast) -> None:
    for endpoint in ENDPOINTS:
        for body in (b"{}", b"no json", DEEP, b"{" + b" " * MAX_MESSAGE_BYTES + b"}"):
            responses = [post_message(endpoint, body, slug=slug) for slug in ("maple-valley", "nowhere")]
            assert len({(answer.status_code, answer.content) for answer in responses}) == 1


def test_a_packed_message_may_not_grow_more_than_reports_do(cast: Cast) -> None:
    assert post_message("log", b"{" + b" " * (8 << 20) + b"}", packed=True).status_code == 413
    cut = gzip.compress(b'{"node_key": "x"}')[:-6]
    answer = Client().post(
        "/d/maple-valley/osquery/log", cut, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 400


def test_a_nul_in_what_an_agent_reports_is_left_out(cast: Cast, secret: str) -> None:
    details = {"system_info": {"computer_name": "LAB\0-9", "hardware_serial": "7\0"}, "os_version": {"platform": "\0"}}
    body = {"enroll_secret": secret, "host_identifier": "lab\0-9", "host_details": details}
    assert post_message("enroll", json.dumps(body).encode()).json()["node_invalid"] is False
    agent = Agent.objects.of(cast.district).get()
    assert (agent.identifier, agent.name) == ("lab-9", "LAB-9")
    system = Answer.objects.of(cast.district).get(question="system")
    assert answers.decode_rows(system) == [{"computer_name": "LAB-9", "hardware_serial": "7"}]


def test_the_decoder_itself_is_safe_in_a_thread_of_the_server(cast: Cast) -> None:
    def decode(results: list[str]) -> None:
        try:
            messages.decode_message(DEEP)
        except messages.MessageInvalid as error:
            results.append(str(error))

    results: list[str] = []
    _run_in_thread(lambda: decode(results))
    assert results == ["no JSON object"]


def _run_in_thread(task: Callable[[], None]) -> None:
    before = threading.stack_size(SERVER_STACK)
    try:
        thread = threading.Thread(target=task)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
