"""`homeroom sync`, killed in the middle of a page: the next sync resumes there, and no rows are missing."""

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

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.data_folders import prepare_data_folder
from tests.sample_server import ROOT, run_to_end, start_to_kill, wait_until
from tests.services.console import Call
from tests.services.oneroster import SECRET, OneRoster
from tests.services.server import LOCAL_NETWORK, serve_console
from tests.services.world import World

pytestmark = pytest.mark.scale
KILLED_AT = 6


class CallWatch:
    """Watch for the call of a certain number, and delay its response while the process is killed."""

    def __init__(self) -> None:
        self.reached, self.armed = Event(), False
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> None:
        self.calls.append(call)
        if self.armed and len(self.calls) == KILLED_AT:
            self.reached.set()
            time.sleep(1)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[CallWatch, dict[str, str]]]:
    monkeypatch.setenv("HOMEROOM_LOCAL_CONSOLES", LOCAL_NETWORK)
    console, watch = OneRoster(World(at=datetime.now(UTC))), CallWatch()
    with serve_console(console, watch=watch) as url:
        yield watch, console.build_settings(url)


def run_verb(*arguments: str, data: Path, stdin: str = "") -> Any:
    options = ("--json", "--data", str(prepare_data_folder(data)))
    if stdin:
        command = [sys.executable, "-m", "homeroom", *arguments, *options]
        process = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, encoding="utf-8", check=False)
    else:
        process = run_to_end(*arguments, *options, data=data)
    assert process.returncode == 0, process.stderr
    assert SECRET not in process.stdout + process.stderr
    return json.loads(process.stdout)


@pytest.mark.fault(area="sync", fault="the worker is killed in the middle of a page")
def test_a_worker_wakes_what_is_due_and_the_next_one_goes_on_where_it_was_killed(
    watched: tuple[CallWatch, dict[str, str]], tmp_path: Path
) -> None:
    watch, values = watched
    data = tmp_path / "data"
    run_verb("connect", "oneroster", "--stdin", "--every", "24", "--when", "any", data=data, stdin=json.dumps(values))
    watch.armed = True
    first = start_to_kill("worker", data=data)
    try:
        assert watch.reached.wait(60), "nobody asked for the sync but the clock"
    finally:
        first.kill()
    before = len(watch.calls)
    second = start_to_kill("worker", data=data)
    store = EvidenceStore(data / "evidence", district=DEFAULT_DISTRICT)
    try:
        wait_until(store.list_current_loads, seconds=90)
        wait_until(lambda: run_verb("connections", data=data)["connections"][0]["last"]["state"] == "done", seconds=60)
    finally:
        second.kill()
    requests = [(call.path, call.query) for call in watch.calls if call.method == "GET"]
    assert [request for request in requests[before - 1 :] if request in requests[: before - 2]] == []
    (load,) = store.list_current_loads()
    assert load.tables["person_records"].rows == 130


@pytest.mark.fault(area="sync", fault="killed in the middle of a page")
def test_a_killed_sync_goes_on_in_mid_walk_and_lists_what_can_be_connected(
    watched: tuple[CallWatch, dict[str, str]], tmp_path: Path
) -> None:
    watch, values = watched
    data = tmp_path / "data"
    assert run_verb("connect", "oneroster", "--stdin", data=data, stdin=json.dumps(values))["name"] == "oneroster"
    watch.armed = True
    child = start_to_kill("sync", data=data)
    assert watch.reached.wait(60)
    child.kill()
    assert not EvidenceStore(data / "evidence", district=DEFAULT_DISTRICT).list_current_loads()
    before = len(watch.calls)
    (sync,) = run_verb("sync", data=data)
    assert sync["state"] == "done"
    requests = [(call.path, call.query) for call in watch.calls if call.method == "GET"]
    repeated = [request for request in requests[before - 1 :] if request in requests[: before - 2]]
    assert repeated == [], "a page that was kept is not asked for again"
    (load,) = EvidenceStore(data / "evidence", district=DEFAULT_DISTRICT).list_current_loads()
    assert {name: part.rows for name, part in load.tables.items()} == {
        "academic_sessions": 1, "classes": 18, "courses": 18, "enrollments": 130, "orgs": 4, "person_records": 130,
        "role_records": 130,
    }  # fmt: skip
    assert not list(data.glob("spool/**/*.json"))
    listed = run_verb("connections", data=data)
    assert listed["connections"][0]["last"]["number"] == sync["number"]
    assert "client_secret" not in listed["connections"][0]["plain"]
    assert run_verb("disconnect", "oneroster", data=data)["name"] == "oneroster"
    assert run_verb("connections", data=data)["connections"] == []
