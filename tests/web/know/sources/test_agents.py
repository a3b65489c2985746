"""The page of self-reporting agents."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from homeroom.apps.know.agents.commands import MAX_HOSTS_PER_HOUR
from homeroom.apps.know.agents.models import Agent, EnrollSecret, WaitingAgent
from homeroom.apps.know.agents.queries import get_agent_overview
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]


def _create_agent(cast: Cast, name: str, *, days: int) -> Agent:
    reported_at = MORNING - timedelta(days=days)
    return Agent.objects.create(
        district=cast.district,
        identifier=f"id-{name}",
        name=name,
        platform="windows",
        enrolled_at=reported_at,
        seen_at=reported_at,
    )


def test_a_secret_is_shown_once_with_the_flags_that_go_with_it(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    director = as_("director")
    page = director.post("/sources/agents/secret").content.decode()
    secret = re.search(r'<code class="figure">([\w-]+)</code>', page)
    assert secret
    assert "--enroll_tls_endpoint=/d/maple-valley/osquery/enroll" in page
    assert secret[1] not in director.get("/sources/agents").content.decode()
    stored_secret = EnrollSecret.objects.of(cast.district).get()
    assert stored_secret.hash != secret[1]
    director.post(f"/sources/agents/secrets/{stored_secret.pk}/end")
    assert get_agent_overview(district=cast.district, now=MORNING).secrets == ()


def test_those_longest_not_seen_stand_first_and_can_be_forgotten(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    fresh, quiet = _create_agent(cast, "LAB-1", days=0), _create_agent(cast, "LAB-2", days=9)
    technician = as_("technician")
    page = technician.get("/sources/agents").content.decode()
    assert page.index("LAB-2") < page.index("LAB-1")
    assert re.search(r"<strong>1</strong>\s+not seen for 7 days", page)
    technician.post(f"/sources/agents/{quiet.pk}/forget")
    assert [agent.id for agent in get_agent_overview(district=cast.district, now=MORNING).shown] == [fresh.pk]


def test_the_auditor_reads_and_nothing_is_taken_in_where_nobody_reported(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    assert "Create enrollment secret" not in as_("auditor").get("/sources/agents").content.decode()
    assert as_("auditor").post("/sources/agents/secret").status_code == 403
    answer = as_("technician").post("/sources/agents/take-in", follow=True)
    assert "No computer has reported yet" in answer.content.decode()


def _hold_agent(cast: Cast, name: str) -> WaitingAgent:
    return WaitingAgent.objects.create(
        district=cast.district, identifier=f"id-{name}", name=name, key_hash=name, asked_at=MORNING
    )


def test_those_that_wait_stand_on_top_and_a_person_decides(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    first, second = _hold_agent(cast, "LAB-1"), _hold_agent(cast, "LAB-2")
    technician = as_("technician")
    page = technician.get("/sources/agents").content.decode()
    assert "2 computers are waiting for approval" in page
    technician.post("/sources/agents/waiting/confirm", {"number": str(first.pk)})
    technician.post("/sources/agents/waiting/deny", {"number": str(second.pk)})
    overview = get_agent_overview(district=cast.district, now=MORNING)
    assert [agent.identifier for agent in overview.shown] == ["id-LAB-1"]
    assert [host.identifier for host in overview.shown_denied] == ["id-LAB-2"]
    page = technician.get("/sources/agents").content.decode()
    assert "1 blocked computer" in page
    technician.post(f"/sources/agents/{overview.shown[0].id}/block")
    assert get_agent_overview(district=cast.district, now=MORNING).denied == 2


def test_all_that_wait_are_let_in_at_once_and_a_rollout_stays_open(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    as_("director").post("/sources/agents/secret", {"hosts": "0", "per_hour": "junk"})
    secret = EnrollSecret.objects.of(cast.district).get()
    assert (secret.max_hosts, secret.max_per_hour) == (0, MAX_HOSTS_PER_HOUR)
    for number in range(3):
        _hold_agent(cast, f"LAB-{number}")
    WaitingAgent.objects.of(cast.district).update(secret=secret)
    as_("director").post("/sources/agents/waiting/confirm", {"more": "1"})
    assert get_agent_overview(district=cast.district, now=MORNING).total == 3
    assert "open for a rollout" in as_("director").get("/sources/agents").content.decode()
    for action in ("confirm", "deny"):
        assert as_("auditor").post(f"/sources/agents/waiting/{action}").status_code == 403
