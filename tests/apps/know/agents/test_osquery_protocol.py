"""osquery agents enroll with a secret, answer what is missing, and become evidence of one computer each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone

from homeroom.apps.know.agents import answers, commands
from homeroom.apps.know.agents.approval import confirm_agents
from homeroom.apps.know.agents.models import Agent, Answer
from homeroom.apps.know.agents.queries import get_agent_overview
from homeroom.apps.platform.audit.models import Entry
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast, create_cast
from tests.services.osqueryd import Osqueryd

pytestmark = pytest.mark.differs_by_database("unique agents and secrets")

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
WINDOWS = {"system", "os", "interfaces", "programs", "administrators_windows", "bitlocker", "security_center"}


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def secret(cast: Cast) -> str:
    return commands.create_enroll_secret(district=cast.district, actor="director", at=AT)


def start_agent(secret: str, *, slug: str = "maple-valley", **options: str) -> Osqueryd:
    client = Client(enforce_csrf_checks=True)

    def post_message(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        content_type = headers["Content-Type"]
        remaining_headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        response = client.post(
            f"/d/{slug}/osquery/{endpoint}", body, content_type=content_type, headers=remaining_headers
        )
        return response.status_code, response.json()

    return Osqueryd(post_message, secret=secret, **options)


def test_an_agent_is_let_in_asked_once_and_asked_again_when_its_answers_are_old(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret)
    assert osqueryd.enroll()
    first = {name.removeprefix("homeroom_") for name in osqueryd.answer_queries()}
    assert first == WINDOWS - {"system", "os"}, "those two came with its enrollment"
    assert osqueryd.answer_queries() == []
    outdated = timezone.now() - timedelta(hours=13)
    Answer.objects.of(cast.district).filter(question="programs").update(at=outdated)
    assert osqueryd.answer_queries() == ["homeroom_programs"]
    commands.request_fresh_answers(district=cast.district, actor="director", at=AT)
    assert {name.removeprefix("homeroom_") for name in osqueryd.answer_queries()} == WINDOWS
    assert osqueryd.answer_queries() == []


def test_what_an_agent_logs_by_itself_is_as_good_as_an_answer(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret)
    assert osqueryd.enroll()
    assert {name.removeprefix("homeroom_") for name in osqueryd.log_snapshots()} == WINDOWS
    assert osqueryd.answer_queries() == []


def test_a_question_that_fails_there_is_not_asked_at_every_visit_and_proves_nothing(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret)
    osqueryd.broken = {"homeroom_bitlocker"}
    assert osqueryd.enroll()
    assert "homeroom_bitlocker" in osqueryd.answer_queries()
    assert osqueryd.answer_queries() == []
    failed = Answer.objects.of(cast.district).get(question="bitlocker")
    assert answers.decode_rows(failed) is None


def test_a_computer_becomes_one_device_with_its_software(cast: Cast, secret: str, tmp_path: Path) -> None:
    osqueryd = start_agent(secret)
    assert osqueryd.enroll()
    osqueryd.answer_queries()
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    report = commands.load_answers(district=cast.district, store=store, actor="director", at=AT)
    assert [(load.outcome, load.connector, load.problems) for load in report.loaded] == [("new", "osquery", ())]
    tables = {
        name: pl.read_parquet(store.get_blob_path(part.blob)).to_dicts()
        for load in store.list_current_loads()
        for name, part in load.tables.items()
    }
    (device,) = tables["device_records"]
    assert (device["serial"], device["name"], device["platform"]) == ("7LAT007", "LAB-07", "windows")
    assert (device["os_version"], device["os_edition"]) == ("10.0.22631", "Pro Education")
    assert (device["encrypted"], device["firewall"], device["managed"]) == (False, True, None)
    assert (device["local_admins"], device["macs"], device["addresses"]) == (
        ["labteacher"],
        ["f4ee08000007"],
        ["10.4.0.7"],
    )
    assert device["reports_software"]
    assert {row["name"] for row in tables["software_records"]} == {"7-Zip 23.01 (x64)", "Google Chrome"}
    again = commands.load_answers(district=cast.district, store=store, actor="director", at=AT + timedelta(days=1))
    assert [load.outcome for load in again.loaded] == ["unchanged"]


def test_who_shows_no_secret_that_holds_is_not_let_in(cast: Cast, secret: str) -> None:
    assert not start_agent("guess").enroll()
    assert not start_agent("").enroll()
    assert not start_agent(secret, slug="next-door").enroll(), "a secret lets into its own district alone"
    assert not start_agent(secret, slug="nowhere").enroll()
    active_secrets = get_agent_overview(district=cast.district, now=AT).secrets
    assert commands.withdraw_enroll_secret(district=cast.district, number=active_secrets[0].id, actor="director", at=AT)
    assert not start_agent(secret).enroll()
    assert not Agent.objects.of(cast.district).exists()


def test_an_agent_without_a_key_that_holds_is_told_to_enroll_again(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret)
    assert osqueryd.enroll()
    old_key = osqueryd.node_key
    osqueryd.answer_queries()
    assert osqueryd.enroll(), "a computer that was set up again waits under the same identifier"
    assert confirm_agents(district=cast.district, actor="technician", at=AT) == 1
    assert Agent.objects.of(cast.district).count() == 1
    Answer.objects.of(cast.district).filter(question="programs").delete()
    client = Client()
    for key in (old_key, "", "guess"):
        for endpoint in ("config", "log", "distributed/read", "distributed/write"):
            body = json.dumps({"node_key": key, "queries": {"homeroom_programs": [{"name": "X"}]}})
            answer = client.post(f"/d/maple-valley/osquery/{endpoint}", body, content_type="application/json")
            assert answer.json() == {"node_invalid": True}, endpoint
    assert not Answer.objects.of(cast.district).filter(question="programs").exists()


def test_what_was_not_asked_for_is_not_kept(cast: Cast, secret: str) -> None:
    item = start_agent(secret)
    assert item.enroll()
    body = {
        "node_key": item.node_key,
        "queries": {
            "homeroom_history": [{"url": "https://example.org"}],
            "homeroom_programs": [{"name": "Editor", "version": 3, "install_source": "C:\\Users\\student"}, "no row"],
        },
    }
    Client().post("/d/maple-valley/osquery/distributed/write", json.dumps(body), content_type="application/json")
    stored_rows = {
        item.question: answers.decode_rows(item) for item in Answer.objects.of(cast.district).exclude(question="os")
    }
    assert "history" not in stored_rows
    assert stored_rows["programs"] == [{"name": "Editor", "version": "3"}]
    assert stored_rows["system"] is not None
    assert "cpu_brand" not in stored_rows["system"][0]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"no json", {}, 400),
        (b"[]", {}, 400),
        (b"\x1f\x8bbroken", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * (33 << 20)), {"Content-Encoding": "gzip"}, 413),
    ],
    ids=["no json", "no object", "no gzip", "a gzip bomb"],
)
def test_a_message_that_no_agent_sends_is_refused(
    cast: Cast, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = Client().post("/d/maple-valley/osquery/log", body, content_type="application/json", headers=headers)
    assert answer.status_code == status


def test_each_act_of_a_person_is_in_the_trail_and_no_secret_is(cast: Cast, secret: str) -> None:
    osqueryd = start_agent(secret)
    assert osqueryd.enroll()
    number = get_agent_overview(district=cast.district, now=AT).shown[0].id
    assert commands.delete_agent(district=cast.district, number=number, actor="technician", at=AT)
    assert not commands.delete_agent(district=cast.district, number=number, actor="technician", at=AT)
    entries = Entry.objects.of(cast.district)
    assert sorted(entries.values_list("action", flat=True)) == ["create enrollment secret", "remove agent"]
    assert secret not in str(list(entries.values()))
    assert secret not in str(list(Agent.objects.of(cast.district).values()))


def test_by_night_the_worker_takes_in_what_is_new_once(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[int] = []

    class Queue:
        @staticmethod
        def enqueue(_district: str, number: int) -> None:
            queued.append(number)

    monkeypatch.setattr(commands, "load_job", Queue)
    osqueryd = start_agent(secret)
    assert commands.queue_nightly_intakes(at=AT) == 0, "nobody reported"
    assert osqueryd.enroll()
    newest = Answer.objects.of(cast.district).latest("at").at
    noon = newest.replace(hour=18, minute=0) + timedelta(days=1)  # midday in the district
    night = newest.replace(hour=8, minute=0) + timedelta(days=2)  # two in the morning there
    assert commands.queue_nightly_intakes(at=noon) == 0
    assert commands.queue_nightly_intakes(at=night) == 1
    assert commands.queue_nightly_intakes(at=night + timedelta(hours=1)) == 0
    assert commands.queue_nightly_intakes(at=night + timedelta(days=1)) == 0, "nothing new was said"
    Answer.objects.of(cast.district).update(at=night + timedelta(hours=5))
    assert commands.queue_nightly_intakes(at=night + timedelta(days=1)) == 1
    assert len(queued) == 2
