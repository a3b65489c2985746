"""Each request has an id and an entry of the access log: route, status, time, a hash for the user, nothing private."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from homeroom.apps.platform.telemetry.request_ids import compute_user_id, is_request_id
from homeroom.config.bridge import application
from homeroom.evidence.files.log_file import ACCESS, CRASHES
from homeroom.web.shared.client_address import parse_proxies
from homeroom.web.shared.request_records import RequestRecords
from tests.apps.platform.telemetry.recorded_logs import RecordedLogs, record_logs
from tests.apps.test_bridge import FakeConnection, build_scope, run_request, state_length
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases="__all__")
STATED = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[RecordedLogs]:
    with record_logs(tmp_path / "logged") as recorded:
        yield recorded


def read_entry(logs: RecordedLogs) -> dict[str, Any]:
    (entry,) = logs.read(ACCESS)
    return entry


def test_an_entry_has_the_route_and_a_hash_of_the_user_and_no_value(
    logs: RecordedLogs, as_: Callable[[str], Client], cast: Cast, empty_folder: None, settings: Any
) -> None:
    response = as_("technician").get("/d/maple-valley/people/lucia-nunez?q=078-05-1120", headers={"referer": "/lucia"})
    entry = read_entry(logs)
    assert response.headers["X-Request-ID"] == entry["request_id"]
    assert (entry["method"], entry["status"], entry["bytes"]) == ("GET", 404, len(response.content))
    assert (entry["route"], entry["district"]) == ("/people/<str:public>", "maple-valley")
    assert entry["user"] == compute_user_id(cast.technician.pk, secret=settings.SECRET_KEY)
    assert entry["ms"] > 0
    assert not {"lucia", "078", "technician", "127.0.0.1"} & set(logs.read_text().replace('"', " ").split())
    assert "lucia" not in logs.read_text()


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/healthz", "/healthz", 200),
        ("/lucia.nunez@maple.test", "(none)", 404),
        ("/osquery/enroll", "/osquery/enroll", 405),
    ],
)
def test_requests_that_no_page_answers_are_recorded_by_what_answered(
    logs: RecordedLogs, path: str, route: str, status: int
) -> None:
    assert Client().get(path).status_code == status
    entry = read_entry(logs)
    assert (entry["route"], entry["status"]) == (route, status)
    assert "user" not in entry


def test_a_word_that_is_no_method_is_recorded_as_other(logs: RecordedLogs) -> None:
    Client().generic("LUCIA", "/sign-in")
    assert read_entry(logs)["method"] == "OTHER"


def test_an_id_is_taken_from_a_trusted_proxy_and_from_nobody_else(settings: Any) -> None:
    headers = {"x-request-id": STATED}
    assert Client().get("/healthz", headers=headers).headers["X-Request-ID"] != STATED
    settings.PROXIES = parse_proxies(["127.0.0.1"])
    assert Client().get("/healthz", headers=headers).headers["X-Request-ID"] == STATED
    new_id = Client().get("/healthz", headers={"x-request-id": "lucia.nunez@maple.test"}).headers["X-Request-ID"]
    assert is_request_id(new_id)


def test_a_failure_is_in_the_log_of_crashes_under_the_id_that_the_page_shows(
    logs: RecordedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: Any) -> HttpResponse:
        raise KeyError("lucia.nunez@maple.test")

    monkeypatch.setitem(__import__("homeroom.web.platform.health", fromlist=["_VIEWS"])._VIEWS, "/healthz", fail)
    response = Client(raise_request_exception=False).get("/healthz")
    entry, (crash,) = read_entry(logs), logs.read(CRASHES)
    assert (response.status_code, entry["status"]) == (500, 500)
    assert crash["request_id"] == entry["request_id"] == response.headers["X-Request-ID"]
    assert crash["errors"][0]["type"] == "builtins.KeyError"
    assert crash["route"] == "/healthz"
    assert entry["request_id"] in response.content.decode()
    assert "lucia" not in logs.read_text()


def test_a_long_response_is_recorded_once_with_the_bytes_that_were_taken(logs: RecordedLogs) -> None:
    middleware = RequestRecords(lambda request: StreamingHttpResponse(iter([b"12345", b"678", b"9"])))
    complete_response: Any = middleware(RequestFactory().get("/"))
    assert logs.read(ACCESS) == []
    assert b"".join(complete_response) == b"123456789"
    complete_response.close()
    cut: Any = middleware(RequestFactory().get("/"))
    next(iter(cut))
    cut.close()
    complete, broken = logs.read(ACCESS)
    assert (complete["bytes"], complete.get("complete")) == (9, None)
    assert (broken["bytes"], broken["complete"]) == (5, False)


def test_a_request_that_no_view_answers_has_an_entry_as_well(
    logs: RecordedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "FREE_SECONDS", 0.01)
    late = run_request(FakeConnection(b"lucia", None), build_scope(headers=state_length(1_000)), app=None)

    def fail(environ: Any, start_response: Any) -> list[bytes]:
        raise KeyError("lucia")

    broken = run_request(FakeConnection(), build_scope("GET", "/lucia"), app=fail)
    assert (late.status, broken.status) == (408, 500)
    entries, (crash,) = logs.read(ACCESS), logs.read(CRASHES)
    assert [(entry["status"], entry["route"]) for entry in entries] == [(408, "(none)"), (500, "(none)")]
    assert entries[0]["ms"] >= 10
    assert crash["request_id"] == entries[1]["request_id"]
    assert "lucia" not in logs.read_text()
