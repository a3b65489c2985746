"""Whatever goes wrong between an agent and Homeroom, the same answers are stored in the end, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from homeroom.apps.know.agents import answers, commands
from homeroom.apps.know.agents.models import Agent, Answer
from tests.cast import Cast, create_cast
from tests.services.osqueryd import Osqueryd

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
InjectedFault = Callable[[int, bytes], str]
"""How a call fails, by its number: lost, unanswered, cut, busy or broken; empty text lets it through.

`busy` and `broken` are answers of a proxy.
"""


class ServerUnreachable(ConnectionError):
    """The failure that the agent sees; it tries again at its next visit."""


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def secret(cast: Cast) -> str:
    return commands.create_enroll_secret(district=cast.district, actor="director", at=AT)


def start_agent(secret: str, fault: InjectedFault) -> Osqueryd:
    client, calls = Client(), 0

    def post_message(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        nonlocal calls
        calls += 1
        failure = fault(calls, body)
        if failure in ("lost", "busy", "broken"):
            raise ServerUnreachable
        remaining_headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        payload = body[: len(body) // 2] if failure == "cut" else body
        content_type = headers["Content-Type"]
        response = client.post(
            f"/d/maple-valley/osquery/{endpoint}", payload, content_type=content_type, headers=remaining_headers
        )
        if failure == "cut":
            assert response.status_code == 400
        if failure:
            raise ServerUnreachable
        return response.status_code, response.json()

    return Osqueryd(post_message, secret=secret)


def load_stored_answers(cast: Cast) -> dict[str, Any]:
    return {answer.question: answers.decode_rows(answer) for answer in Answer.objects.of(cast.district)}


def visit_until_answered(osqueryd: Osqueryd, *, visits: int = 30) -> None:
    """Let the agent visit until its answers arrived; like osqueryd, it repeats what was not answered."""
    idle_visits = 0
    for _ in range(visits):
        try:
            if not osqueryd.node_key and not osqueryd.enroll():
                continue
            osqueryd.log_snapshots()
            idle_visits += osqueryd.answer_queries() == []
        except ServerUnreachable:
            continue
        if idle_visits:
            return
    raise AssertionError("it was never heard")


@pytest.mark.fault(area="agents", fault="interrupted anywhere")
@pytest.mark.parametrize("what", ["lost", "unanswered", "cut", "busy", "broken"])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_an_agent_that_is_interrupted_anywhere_is_heard_in_the_end_and_once(
    cast: Cast, secret: str, what: str, turn: int
) -> None:
    visit_until_answered(start_agent(secret, lambda _call, _body: ""))
    expected = load_stored_answers(cast)
    Agent.objects.of(cast.district).delete()
    assert load_stored_answers(cast) == {}
    visit_until_answered(start_agent(secret, lambda call, _body: what if call % 3 == turn and call < 12 else ""))
    assert load_stored_answers(cast) == expected
    assert Agent.objects.of(cast.district).count() == 1


@pytest.mark.fault(area="agents", fault="a message is cut off")
def test_a_message_that_is_cut_off_changes_nothing_that_was_known(cast: Cast, secret: str) -> None:
    visit_until_answered(start_agent(secret, lambda _call, _body: ""))
    before = load_stored_answers(cast)
    osqueryd = start_agent(secret, lambda _call, _body: "")
    assert osqueryd.enroll()
    body = json.dumps({"node_key": osqueryd.node_key, "queries": {"homeroom_programs": []}}).encode()
    for length in range(1, len(body)):
        answer = Client().post(
            "/d/maple-valley/osquery/distributed/write", body[:length], content_type="application/json"
        )
        assert answer.status_code == 400
    assert load_stored_answers(cast) == before


def test_a_key_that_ended_costs_one_enrollment_and_no_answer(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret, lambda _call, _body: "")
    visit_until_answered(osqueryd)
    before = load_stored_answers(cast)
    Agent.objects.of(cast.district).update(key_hash="")
    assert osqueryd._post_document("distributed/read", {"node_key": osqueryd.node_key}) == {"node_invalid": True}
    assert osqueryd.enroll()
    assert osqueryd.answer_queries() == []
    assert load_stored_answers(cast) == before
    assert Agent.objects.of(cast.district).count() == 1


@pytest.mark.fault(area="agents", fault="a clock is wrong")
@pytest.mark.parametrize("hours", [-26, 3, 24 * 365])
def test_a_clock_that_is_wrong_on_the_computer_makes_no_answer_older_or_newer(
    cast: Cast, secret: str, hours: int
) -> None:
    osqueryd = start_agent(secret, lambda _call, _body: "")
    assert osqueryd.enroll()
    agent_time = (timezone.now() + timedelta(hours=hours)).timestamp()
    entry = {
        "name": "homeroom_programs",
        "action": "snapshot",
        "snapshot": [{"name": "Editor"}],
        "unixTime": int(agent_time),
    }
    before = timezone.now()
    osqueryd._post_document("log", {"node_key": osqueryd.node_key, "log_type": "result", "data": [entry]})
    answer = Answer.objects.of(cast.district).get(question="programs")
    assert before <= answer.at <= timezone.now()
