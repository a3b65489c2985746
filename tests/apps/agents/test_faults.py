"""Whatever goes wrong between an agent and Homeroom, in the end the same answers stand, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from homeroom.apps.agents import commands, conversing
from homeroom.apps.agents.models import Agent, Answer
from tests.cast import Cast, gather
from tests.services.osqueryd import Osqueryd

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
Fault = Callable[[int, bytes], str]
"""What befalls the call of a number: lost on the way, unanswered, cut, busy or broken at a proxy; empty text lets it through."""


class Away(ConnectionError):
    """What the agent sees of it: it comes by again at its next visit."""


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def secret(cast: Cast) -> str:
    return commands.make_secret(district=cast.district, actor="director", at=AT)


def agent(secret: str, fault: Fault) -> Osqueryd:
    client, calls = Client(), 0

    def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        nonlocal calls
        calls += 1
        what = fault(calls, body)
        if what in ("lost", "busy", "broken"):
            raise Away
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        sent = body[: len(body) // 2] if what == "cut" else body
        kind = headers["Content-Type"]
        answer = client.post(f"/d/maple-valley/osquery/{endpoint}", sent, content_type=kind, headers=rest)
        if what == "cut":
            assert answer.status_code == 400
        if what:
            raise Away
        return answer.status_code, answer.json()

    return Osqueryd(post, secret=secret)


def kept(cast: Cast) -> dict[str, Any]:
    return {one.question: conversing.rows_of(one) for one in Answer.objects.of(cast.district)}


def came_by(one: Osqueryd, *, visits: int = 30) -> None:
    """The agent comes by until it was heard: an agent repeats what was not answered, as osqueryd does."""
    done = 0
    for _ in range(visits):
        try:
            if not one.node_key and not one.enrol():
                continue
            one.snapshots()
            done += one.visit() == []
        except Away:
            continue
        if done:
            return
    raise AssertionError("it was never heard")


@pytest.mark.parametrize("what", ["lost", "unanswered", "cut", "busy", "broken"])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_an_agent_that_is_interrupted_anywhere_is_heard_in_the_end_and_once(
    cast: Cast, secret: str, what: str, turn: int
) -> None:
    came_by(agent(secret, lambda _call, _body: ""))
    expected = kept(cast)
    Agent.objects.of(cast.district).delete()
    assert kept(cast) == {}
    came_by(agent(secret, lambda call, _body: what if call % 3 == turn and call < 12 else ""))
    assert kept(cast) == expected
    assert Agent.objects.of(cast.district).count() == 1


def test_a_message_that_is_cut_off_changes_nothing_that_was_known(cast: Cast, secret: str) -> None:
    came_by(agent(secret, lambda _call, _body: ""))
    before = kept(cast)
    key = agent(secret, lambda _call, _body: "")
    assert key.enrol()
    said = json.dumps({"node_key": key.node_key, "queries": {"homeroom_programs": []}}).encode()
    for length in range(1, len(said)):
        answer = Client().post(
            "/d/maple-valley/osquery/distributed/write", said[:length], content_type="application/json"
        )
        assert answer.status_code == 400
    assert kept(cast) == before


def test_a_key_that_ended_costs_one_enrolment_and_no_answer(cast: Cast, secret: str) -> None:
    one = agent(secret, lambda _call, _body: "")
    came_by(one)
    before = kept(cast)
    Agent.objects.of(cast.district).update(key_hash="")
    assert one._say("distributed/read", {"node_key": one.node_key}) == {"node_invalid": True}
    assert one.enrol()
    assert one.visit() == []
    assert kept(cast) == before
    assert Agent.objects.of(cast.district).count() == 1


@pytest.mark.parametrize("hours", [-26, 3, 24 * 365])
def test_a_clock_that_is_wrong_on_the_computer_makes_no_answer_older_or_newer(
    cast: Cast, secret: str, hours: int
) -> None:
    one = agent(secret, lambda _call, _body: "")
    assert one.enrol()
    wrong = (timezone.now() + timedelta(hours=hours)).timestamp()
    entry = {
        "name": "homeroom_programs",
        "action": "snapshot",
        "snapshot": [{"name": "Editor"}],
        "unixTime": int(wrong),
    }
    before = timezone.now()
    one._say("log", {"node_key": one.node_key, "log_type": "result", "data": [entry]})
    answer = Answer.objects.of(cast.district).get(question="programs")
    assert before <= answer.at <= timezone.now()
