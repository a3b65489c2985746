"""Probes show whether parts work, and nothing else; Today does so to those who may change things."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.monitoring.service_state import (
    ProcessState,
    ServiceState,
    get_heartbeat_path,
    write_service_state,
)
from homeroom.evidence.files.data_folder import open_data_folder
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.web.platform import health
from homeroom.web.shared.errors import render_server_error
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases="__all__")
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA = open_data_folder(tmp_path / "data", kind="real")
    health._checked.clear()
    return Path(settings.DATA)


def write_heartbeat(data: Path, *, age: float = 0) -> None:
    path = get_heartbeat_path(data)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    at = path.stat().st_mtime - age
    os.utime(path, (at, at))


def write_crashes(data: Path, failures: int) -> None:
    process = ProcessState(name="worker", title="The background worker", failures=failures, ended="exit code 3")
    write_service_state(data, ServiceState(pid=os.getpid(), started_at=AT, processes=(process,)))


def read_parts() -> dict[str, bool]:
    health._checked.clear()
    return Client().get("/readyz").json()["parts"]


def test_a_stranger_learns_that_parts_work_and_nothing_else(data: Path) -> None:
    write_heartbeat(data)
    answer = Client().get("/readyz", headers={"host": "203.0.113.9"})
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "parts": {"database": True, "data_folder": True, "worker": True}},
    )
    assert Client().get("/healthz", headers={"host": "203.0.113.9"}).content == b"ok\n"
    assert Client().get("/sign-in", headers={"host": "203.0.113.9"}).status_code == 400
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_probes_are_only_read(page: str, data: Path) -> None:
    assert {Client().generic(method, page).status_code for method in ("POST", "PUT", "DELETE", "PATCH")} == {405}
    assert Client().head(page).status_code == 200
    assert Client().get(f"/d/maple-valley{page}").status_code == 200


def test_a_worker_that_stopped_or_keeps_crashing_is_not_ready(data: Path) -> None:
    assert read_parts()["worker"], "nothing needs one yet"
    write_heartbeat(data, age=300)
    assert not read_parts()["worker"]
    write_heartbeat(data)
    assert read_parts()["worker"]
    write_crashes(data, 5)
    assert not read_parts()["worker"]


def test_a_data_folder_without_its_mark_is_not_ready(data: Path) -> None:
    (data / "store.json").write_bytes(b"{")
    assert not read_parts()["data_folder"]
    (data / "store.json").unlink()
    assert not read_parts()["data_folder"]


def show_notice(as_: Callable[[str], Client], name: str) -> str:
    page = as_(name).get("/").content.decode()
    match = re.search(r"The background worker [^.;]+", page)
    return match[0] if match else ""


def test_today_says_that_the_worker_does_not_run_to_those_who_may_change_things(
    data: Path, as_: Callable[[str], Client], cast: Cast
) -> None:
    assert show_notice(as_, "technician") == ""
    LoadJob.objects.create(district_id=cast.district.pk, made_at=AT, made_by="technician", folder="/nowhere")
    assert show_notice(as_, "technician") == "The background worker is not running, so uploads and syncs are waiting"
    write_heartbeat(data)
    assert show_notice(as_, "technician") == ""
    write_crashes(data, 3)
    assert show_notice(as_, "director") == "The background worker keeps crashing, so uploads and syncs are waiting"
    assert show_notice(as_, "auditor") == ""


def test_today_names_a_trail_that_was_tampered_with_to_those_who_may_change_things(
    data: Path, as_: Callable[[str], Client], cast: Cast
) -> None:
    words = "was changed outside Homeroom"
    folder = data / "run" / "verified"
    folder.mkdir(parents=True)
    path = folder / f"{cast.district.slug}.json"
    path.write_text('{"at": "2026-01-15T08:00:00Z", "problems": 0}')
    assert words not in as_("director").get("/").content.decode()
    path.write_text('{"at": "2026-01-15T08:00:00Z", "problems": 2, "first": ["entry 7 was altered"]}')
    assert words in as_("director").get("/").content.decode()
    assert words not in as_("auditor").get("/").content.decode()


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 503, "There is no room left"),
        (OperationalError("database is locked"), 503, "The database is busy"),
        (OperationalError("connection refused"), 503, "The database cannot be reached"),
        (EvidenceDamaged(Path("/data/evidence/maple/loads/1.json"), "is empty"), 500, "is damaged"),
        (KeyError("lucia"), 500, "Nothing was changed. Try again"),
    ],
)
def test_an_error_page_says_what_fails_and_no_detail(error: Exception, status: int, sentence: str) -> None:
    try:
        raise error
    except type(error):
        page = render_server_error(RequestFactory().get("/"))
    assert (page.status_code, sentence in page.content.decode()) == (status, True)
    assert "lucia" not in page.content.decode()
    assert "/data/" not in page.content.decode()
