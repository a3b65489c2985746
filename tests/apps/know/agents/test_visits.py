"""A visit of an agent costs two statements, ends with its key, and stores all of a message or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from homeroom.apps.know.agents import answers, approval, commands, credentials
from homeroom.apps.know.agents.models import Agent, Answer
from homeroom.apps.know.agents.osquery_protocol import QUESTIONS
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.differs_by_database("statements in plain SQL")

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
PROGRAMS = QUESTIONS["programs"]


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def secret(cast: Cast) -> str:
    return commands.create_enroll_secret(district=cast.district, actor="director", at=AT)


def post_message(endpoint: str, **body: Any) -> Any:
    address = f"/d/maple-valley/osquery/{endpoint}"
    return Client().post(address, json.dumps(body), content_type="application/json").json()


def enroll(secret: str, identifier: str = "lab-7") -> str:
    key: str = post_message("enroll", enroll_secret=secret, host_identifier=identifier)["node_key"]
    return key


def count_statements(endpoint: str, **body: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        post_message(endpoint, **body)
    statements = (item["sql"].upper() for item in captured.captured_queries)
    return sum(not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")) for sql in statements)


def test_a_visit_costs_two_statements_and_a_stranger_no_more(cast: Cast, secret: str) -> None:
    key = enroll(secret)
    post_message("config", node_key=key)
    rows = [{"name": "Editor"}]
    answers_of_all = {f"homeroom_{name}": rows for name in QUESTIONS}
    assert count_statements("config", node_key=key) == 1
    assert count_statements("distributed/read", node_key=key) == 2
    assert count_statements("distributed/write", node_key=key, queries={"homeroom_programs": rows}) == 2
    assert count_statements("distributed/write", node_key=key, queries=answers_of_all) == 2
    assert count_statements("distributed/read", node_key="guess") == 2
    assert count_statements("enroll", enroll_secret="guess", host_identifier="x") == 1
    assert count_statements("config") == 0


def test_a_key_ends_with_the_next_message(cast: Cast, secret: str) -> None:
    keys = {name: enroll(secret, name) for name in ("lab-7", "lab-8")}
    numbers = dict(Agent.objects.of(cast.district).values_list("identifier", "pk"))
    assert not any(post_message("config", node_key=key)["node_invalid"] for key in keys.values())
    assert approval.block_agent(district=cast.district, number=numbers["lab-7"], actor="technician", at=AT)
    assert commands.delete_agent(district=cast.district, number=numbers["lab-8"], actor="technician", at=AT)
    for key in keys.values():
        assert post_message("distributed/read", node_key=key) == {"node_invalid": True}


def test_the_last_visit_is_recorded_once_in_a_quarter_of_an_hour(cast: Cast, secret: str) -> None:
    key, now = enroll(secret), timezone.now()
    for minutes, seen_minutes in ((0, 0), (14, 0), (15, 15), (29, 15), (31, 31)):
        at = now + timedelta(minutes=minutes)
        assert credentials.find_agent(slug="maple-valley", keys=["guess", key], at=at)
        assert Agent.objects.of(cast.district).get().seen_at == now + timedelta(minutes=seen_minutes)
    assert Agent.objects.of(cast.district).get().is_key_used


def test_a_key_opens_its_own_district_alone(cast: Cast, secret: str) -> None:
    key = enroll(secret)
    assert credentials.find_agent(slug="next-door", keys=[key], at=AT) is None
    assert credentials.find_agent(slug="", keys=[key], at=AT) is None
    assert not credentials.has_active_secret(slug="next-door", candidates=[secret])
    assert credentials.has_active_secret(slug="maple-valley", candidates=["guess", secret])


def test_the_answer_of_an_agent_that_was_removed_meanwhile_is_not_stored(cast: Cast, secret: str) -> None:
    visitor = credentials.find_agent(slug="maple-valley", keys=[enroll(secret)], at=AT)
    assert visitor is not None
    Agent.objects.of(cast.district).delete()
    answers.write_answers({PROGRAMS: [{"name": "Editor"}]}, district_id=cast.district.pk, agent_id=visitor.id, at=AT)
    assert not Answer.objects.of(cast.district).exists()


def test_an_answer_replaces_the_one_before_within_limits(cast: Cast, secret: str) -> None:
    visitor = credentials.find_agent(slug="maple-valley", keys=[enroll(secret)], at=AT)
    assert visitor is not None
    rows: list[Any] = [{"name": "E" * 600, "version": "1\0.2", "vendor": "", "other": "x"}, "no row", {"version": 3}]
    for at, stored in ((AT, None), (AT + timedelta(hours=1), rows * answers.MAX_ROWS)):
        answers.write_answers({PROGRAMS: stored}, district_id=cast.district.pk, agent_id=visitor.id, at=at)
    answer = Answer.objects.of(cast.district).get()
    decoded = answers.decode_rows(answer)
    assert answer.at == AT + timedelta(hours=1)
    assert decoded is not None
    assert len(decoded) < answers.MAX_ROWS
    assert decoded[:2] == [{"name": "E" * answers.MAX_TEXT_LENGTH, "version": "1.2"}, {"version": "3"}]
    fresh = {"district_id": cast.district.pk, "agent_id": visitor.id}
    assert answers.list_fresh_questions(**fresh, at=AT + timedelta(hours=12)) == {"programs"}
    assert answers.list_fresh_questions(**fresh, at=AT + timedelta(hours=14)) == set()
