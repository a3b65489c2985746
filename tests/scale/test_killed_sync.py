"""`homeroom sync`, killed by the system in the middle of a page: the next one goes on there, and the rows are all there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from homeroom.cli.options import FIRST
from homeroom.evidence.store import Store
from tests.begun import begun
from tests.houses import ROOT, awaited, killed, started
from tests.services.console import Call
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import served
from tests.services.world import World

pytestmark = pytest.mark.scale
KILLED_AT = 6


class Watch:
    """Says when the call of a number comes, and holds its answer back while the process is killed."""

    def __init__(self) -> None:
        self.came, self.armed = Event(), False
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> None:
        self.calls.append(call)
        if self.armed and len(self.calls) == KILLED_AT:
            self.came.set()
            time.sleep(1)


@pytest.fixture
def watched() -> Iterator[tuple[Watch, dict[str, str]]]:
    console, watch = OneRoster(World(at=datetime.now(UTC))), Watch()
    with served(console, watch=watch) as url:
        yield watch, console.settings(url)


def verb(*words: str, data: Path, given: str = "") -> Any:
    command = [sys.executable, "-m", "homeroom", *words, "--json", "--data", str(begun(data))]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_worker_wakes_what_is_due_and_the_next_one_goes_on_where_it_was_killed(
    watched: tuple[Watch, dict[str, str]], tmp_path: Path
) -> None:
    watch, values = watched
    data = tmp_path / "data"
    verb("connect", "oneroster", "--stdin", "--every", "24", "--when", "any", data=data, given=json.dumps(values))
    watch.armed = True
    first = started("worker", data=data)
    try:
        assert watch.came.wait(60), "nobody asked for the sync but the clock"
    finally:
        killed(first)
    before = len(watch.calls)
    second = started("worker", data=data)
    store = Store(data / "evidence", district=FIRST)
    try:
        awaited(store.standing, seconds=90)
        awaited(lambda: verb("connections", data=data)["connections"][0]["last"]["state"] == "done", seconds=60)
    finally:
        killed(second)
    asked = [(call.path, call.query) for call in watch.calls if call.method == "GET"]
    assert [one for one in asked[before - 1 :] if one in asked[: before - 2]] == []
    (load,) = store.standing()
    assert load.tables["person_records"].rows == 130


def test_a_killed_sync_goes_on_in_mid_walk_and_lists_what_can_be_connected(
    watched: tuple[Watch, dict[str, str]], tmp_path: Path
) -> None:
    watch, values = watched
    data = tmp_path / "data"
    assert verb("connect", "oneroster", "--stdin", data=data, given=json.dumps(values))["name"] == "oneroster"
    watch.armed = True
    child = started("sync", data=data)
    assert watch.came.wait(60)
    killed(child)
    assert not Store(data / "evidence", district=FIRST).standing()
    before = len(watch.calls)
    (told,) = verb("sync", data=data)
    assert told["state"] == "done"
    asked = [(call.path, call.query) for call in watch.calls if call.method == "GET"]
    again = [one for one in asked[before - 1 :] if one in asked[: before - 2]]
    assert again == [], "a page that was kept is not asked for again"
    (load,) = Store(data / "evidence", district=FIRST).standing()
    assert {name: part.rows for name, part in load.tables.items()} == {
        "academic_sessions": 1, "classes": 18, "courses": 18, "enrollments": 130, "orgs": 4, "person_records": 130,
        "role_records": 130,
    }  # fmt: skip
    assert not list(data.glob("spool/**/*.json"))
    listed = verb("connections", data=data)
    assert listed["connections"][0]["last"]["number"] == told["number"]
    assert "client_secret" not in listed["connections"][0]["plain"]
    assert verb("disconnect", "oneroster", data=data)["name"] == "oneroster"
    assert verb("connections", data=data)["connections"] == []
