"""A secret lets in a few new computers and takes nobody's place; a person decides about all others, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.agents import approval, commands
from homeroom.apps.know.agents import enrollment as enrollments
from homeroom.apps.know.agents.models import Agent, Answer, EnrollSecret, WaitingAgent
from homeroom.apps.know.agents.queries import AgentOverview, get_agent_overview
from homeroom.apps.platform.audit.models import Entry
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.differs_by_database("unique agents that wait, locked secrets")

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def create_secret(cast: Cast, *, hosts: int = 3, per_hour: int = 2) -> str:
    return commands.create_enroll_secret(
        district=cast.district, actor="director", at=AT, max_hosts=hosts, max_per_hour=per_hour
    )


def enroll(cast: Cast, secret: str, name: str, *, at: datetime = AT, **more: str) -> str:
    """Enroll a computer and return its key; empty if it is refused."""
    body = {"enroll_secret": secret, "host_identifier": name, **more}
    answer = enrollments.enroll_agent(district=cast.district, body=body, at=at, address="192.0.2.7")
    return str(answer.get("node_key", ""))


def visit(key: str, endpoint: str = "distributed/read", **more: Any) -> dict[str, Any]:
    body = json.dumps({"node_key": key, **more})
    answer: dict[str, Any] = (
        Client().post(f"/d/maple-valley/osquery/{endpoint}", body, content_type="application/json").json()
    )
    return answer


def get_overview(cast: Cast, *, at: datetime = AT) -> AgentOverview:
    return get_agent_overview(district=cast.district, now=at, limit=1_000)


def list_actions(cast: Cast) -> list[str]:
    return list(Entry.objects.of(cast.district).order_by("pk").values_list("action", flat=True))


def test_a_secret_lets_in_a_few_an_hour_and_a_few_in_all(cast: Cast) -> None:
    secret = create_secret(cast)
    for number in range(5):
        assert enroll(cast, secret, f"lab-{number}")
    assert (get_overview(cast).total, get_overview(cast).waiting) == (2, 3)
    assert enroll(cast, secret, "lab-5", at=AT + 2 * HOUR)
    assert enroll(cast, secret, "lab-6", at=AT + 2 * HOUR)
    assert (get_overview(cast).total, get_overview(cast).waiting) == (3, 4), "three in all"


def test_three_hundred_invented_computers_wait(cast: Cast) -> None:
    secret = commands.create_enroll_secret(district=cast.district, actor="director", at=AT)
    for number in range(300):
        enroll(cast, secret, f"invented-{number}")
    overview = get_overview(cast)
    assert overview.total == commands.MAX_HOSTS_PER_HOUR
    assert overview.waiting == 300 - commands.MAX_HOSTS_PER_HOUR
    assert list_actions(cast) == ["create enrollment secret", "hold agents"]


def test_a_computer_that_waits_is_asked_nothing_and_nothing_of_it_is_stored(cast: Cast) -> None:
    secret = create_secret(cast, hosts=0)
    key = enroll(cast, secret, "lab-1")
    assert visit(key)["queries"] == {}
    assert visit(key, "config")["schedule"] == {}
    rows = {"homeroom_programs": [{"name": "Editor"}]}
    assert visit(key, "distributed/write", queries=rows)["node_invalid"] is False
    assert not Agent.objects.of(cast.district).exists()
    assert not Answer.objects.of(cast.district).exists()
    assert approval.confirm_agents(district=cast.district, actor="technician", at=AT) == 1
    assert visit(key)["queries"], "its key holds from now on"
    assert get_overview(cast).waiting == 0


def test_a_rollout_of_three_hundred_laptops_is_confirmed_once(cast: Cast) -> None:
    secret = commands.create_enroll_secret(district=cast.district, actor="director", at=AT)
    for number in range(60):
        enroll(cast, secret, f"laptop-{number}")
    count = approval.confirm_agents(district=cast.district, actor="technician", at=AT, expects_more=True)
    assert count == 60 - commands.MAX_HOSTS_PER_HOUR
    for number in range(60, 300):
        enroll(cast, secret, f"laptop-{number}", at=AT + HOUR * number / 60)
    assert (get_overview(cast).total, get_overview(cast).waiting) == (300, 0)
    assert enroll(cast, secret, "laptop-300", at=AT + 26 * HOUR)
    assert get_overview(cast).waiting == 1, "a day later it is closed again"
    entry = Entry.objects.of(cast.district).get(action="approve agents")
    assert (entry.actor, entry.detail["agents"], entry.detail["expects more"]) == ("technician", count, True)


def test_a_secret_never_takes_the_place_of_a_computer_that_is_known(cast: Cast) -> None:
    secret = create_secret(cast, hosts=50, per_hour=50)
    key = enroll(cast, secret, "lab-1")
    assert visit(key)["queries"]
    stolen = enroll(cast, secret, "lab-1")
    assert visit(stolen)["queries"] == {}
    assert visit(key)["queries"], "the computer itself goes on"
    (waiting,) = get_overview(cast).shown_waiting
    assert (waiting.is_known, waiting.address, waiting.tries) == (True, "192.0.2.7", 1)
    assert approval.deny_agents(district=cast.district, actor="technician", at=AT) == 1
    assert visit(stolen) == {"node_invalid": True}
    assert enroll(cast, secret, "lab-1") == ""
    assert visit(key)["queries"]
    assert get_overview(cast).denied == 1


def test_a_known_computer_enrolls_again_with_its_own_key(cast: Cast) -> None:
    secret = create_secret(cast)
    key = enroll(cast, secret, "lab-1")
    assert visit(key)["queries"]
    new_key = enroll(cast, secret, "lab-1", node_key=key)
    assert visit(new_key)["queries"]
    assert visit(key) == {"node_invalid": True}
    assert visit(enroll(cast, secret, "lab-1", node_key="guess"))["queries"] == {}


def test_an_answer_that_was_lost_costs_no_approval(cast: Cast) -> None:
    secret = create_secret(cast)
    unheard, key = enroll(cast, secret, "lab-1"), enroll(cast, secret, "lab-1")
    assert visit(unheard) == {"node_invalid": True}
    assert visit(key)["queries"]


def test_a_computer_that_was_set_up_again_comes_in_with_an_approval_and_keeps_its_place(cast: Cast) -> None:
    secret = create_secret(cast)
    old_key = enroll(cast, secret, "lab-1")
    assert visit(old_key)["queries"]
    number = Agent.objects.of(cast.district).get().pk
    new_key = enroll(cast, secret, "lab-1")
    waiting = get_overview(cast).shown_waiting[0]
    assert approval.confirm_agents(district=cast.district, actor="technician", at=AT, numbers=[waiting.id]) == 1
    assert visit(new_key)["queries"]
    assert visit(old_key) == {"node_invalid": True}
    assert Agent.objects.of(cast.district).get().pk == number


def test_a_computer_that_is_blocked_stays_out_whatever_secret_it_shows(cast: Cast) -> None:
    secret = create_secret(cast)
    key = enroll(cast, secret, "lab-1")
    number = Agent.objects.of(cast.district).get().pk
    assert approval.block_agent(district=cast.district, number=number, actor="technician", at=AT)
    assert not approval.block_agent(district=cast.district, number=number, actor="technician", at=AT)
    assert visit(key) == {"node_invalid": True}
    assert enroll(cast, create_secret(cast), "lab-1") == ""
    (denied,) = get_overview(cast).shown_denied
    assert approval.confirm_agents(district=cast.district, actor="technician", at=AT) == 0, "all are those that wait"
    assert approval.confirm_agents(district=cast.district, actor="director", at=AT, numbers=[denied.id]) == 1
    assert visit(enroll(cast, secret, "lab-1"))["queries"]
    assert list_actions(cast)[1:] == ["block agents", "create enrollment secret", "approve agents"]


def test_a_secret_that_is_withdrawn_takes_those_that_wait_with_it(cast: Cast) -> None:
    secret, other = create_secret(cast, hosts=0), create_secret(cast, hosts=0)
    key, other_key = enroll(cast, secret, "lab-1"), enroll(cast, other, "lab-2")
    row = EnrollSecret.objects.of(cast.district).earliest("pk")
    assert commands.withdraw_enroll_secret(district=cast.district, number=row.pk, actor="director", at=AT)
    assert visit(key) == {"node_invalid": True}
    assert visit(other_key)["node_invalid"] is False
    assert enroll(cast, secret, "lab-1") == ""
    entry = Entry.objects.of(cast.district).latest("pk")
    assert (entry.action, entry.detail) == ("revoke enrollment secret", {"waiting": 1})


def test_those_that_wait_are_bounded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrollments, "MAX_WAITING", 3)
    secret = create_secret(cast, hosts=0)
    keys = [enroll(cast, secret, f"lab-{number}") for number in range(5)]
    assert [bool(key) for key in keys] == [True, True, True, False, False]
    assert enroll(cast, secret, "lab-0"), "who waits already may ask again"
    assert [host.tries for host in get_overview(cast).shown_waiting] == [2, 1, 1]


def test_nobody_decides_about_the_computers_of_the_next_district(cast: Cast) -> None:
    secret = create_secret(cast, hosts=0)
    enroll(cast, secret, "lab-1")
    number = WaitingAgent.objects.of(cast.district).get().pk
    decide: Callable[..., int]
    for decide in (approval.confirm_agents, approval.deny_agents):
        for numbers in (None, [number]):
            assert decide(district=cast.next_district, actor="stranger", at=AT, numbers=numbers) == 0
    assert get_overview(cast).waiting == 1
