"""What a request may be: from this site, with the method of the page, and harmless if it only reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.evidence.files.log_file import ACCESS
from tests.apps.platform.telemetry.recorded_logs import record_logs
from tests.cast import Cast
from tests.web.conftest import record_session
from tests.web.platform.test_access import AGENT_VIEWS, fill_route, iter_url_patterns, list_district_pages

ClientFactory = Callable[[str], Client]
WEB = Path(__file__).resolve().parents[3] / "src" / "homeroom" / "web"
WRITES = re.compile(r"^\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|DROP|ALTER|CREATE TABLE)\b", re.IGNORECASE)
OWN_BOOKS = re.compile(r"\"(?:audit_\w+|django_session|accounts_usersession)\"")
"""Tables in which the site records that somebody came and read."""
HUGE = "9" * 24
TEXT = "javascript:alert(7)//' OR 1=1; DROP TABLE districts_district; -- %\\\"_[a-z]*)(<script>alert(7)</script>"
HOSTILE = (TEXT, HUGE)


def enforce_forms(cast: Cast) -> Client:
    """Return the director's client, which is not exempt from the token of forms as clients of tests are."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.director)
    record_session(client, user=cast.director)
    return client


def list_asked_names() -> list[str]:
    """Return all names that a page reads from the query of an address."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.py")))
    return sorted(set(re.findall(r"(?:GET|query|asked|values)\.get(?:list)?\(\s*\"([\w-]+)\"", text)))


def test_no_page_takes_a_form_without_its_token_or_from_another_site(
    cast: Cast, morning: Any, empty_folder: None
) -> None:
    client = enforce_forms(cast)
    client.get("/password")
    token = client.cookies["csrftoken"].value
    tried = 0
    for route, pattern in iter_url_patterns():
        if pattern.name in AGENT_VIEWS:
            continue
        page = fill_route(route)
        without = client.post(page, {"a": "b"})
        elsewhere = client.post(page, {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"})
        assert {without.status_code, elsewhere.status_code} <= {403, 404, 405}, page
        tried += without.status_code == elsewhere.status_code == 403
    assert tried > 150
    answer = client.post("/sign-out", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 302, "the form itself works"


def test_reading_changes_nothing(as_: ClientFactory, judged_district: Cast) -> None:
    client = as_("director")
    statuses = []
    for page, pattern in list_district_pages():
        sends = (client.get, client.head) if "POST" in pattern.callback.methods else (client.get,)
        for send in sends:
            with CaptureQueriesContext(connection) as queries:
                answer: Any = send(page)
                b"".join(answer)
            for close in answer._resource_closers:
                close()
            statuses.append(answer.status_code)
            written = [query["sql"] for query in queries if WRITES.match(query["sql"])]
            assert all(OWN_BOOKS.search(sql) for sql in written), (page, written)
    assert statuses.count(200) > 100


def test_methods_that_no_page_names_are_refused(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    for route, _ in iter_url_patterns():
        for method in ("TRACE", "PUT", "DELETE", "PATCH", "CONNECT"):
            answer = client.generic(method, fill_route(route))
            assert answer.status_code in {302, 403, 404, 405}, (route, method)
            assert b"TRACE" not in answer.content
    for page in ("/healthz", "/static/homeroom/homeroom.css", "/"):
        assert client.trace(page).status_code == 405, page


def test_folders_list_nothing(cast: Cast) -> None:
    for folder in (
        "/static",
        "/static/",
        "/static/homeroom",
        "/static/homeroom/",
        "/static/../",
        "/static/homeroom/..",
    ):
        assert Client().get(folder, follow=True).status_code == 404, folder


@pytest.mark.parametrize("value", HOSTILE, ids=["text", "number"])
def test_no_value_in_an_address_breaks_a_page_or_becomes_part_of_it(
    as_: ClientFactory, judged_district: Cast, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeroom.web.platform.health._check_parts_at_most_often", lambda _now: {"database": True})
    names = list_asked_names()
    assert len(names) > 40
    assert {"q", "page", "school"} <= set(names)
    client = as_("director")
    client.raise_request_exception = False
    failed, shown, linked = [], [], []
    for route, _ in iter_url_patterns():
        page = fill_route(route)
        for address in {page, re.sub(r"/1(?=/|$)", f"/{HUGE}", page)}:
            answer: Any = client.get(address, dict.fromkeys(names, value))
            failed += [address] if answer.status_code >= 500 else []
            text = b"".join(answer)
            shown += [address] if b"<script>alert(7)" in text else []
            linked += re.findall(rb"(?:href|src|action)=\"[^\"]*javascript:alert[^\"]*", text)
    assert not failed
    assert not shown
    assert not linked, "a value is encoded within an address, and never its scheme"


@pytest.mark.django_db(databases="__all__")
def test_refusals_and_tries_to_get_around_are_in_the_log(
    cast: Cast, as_: ClientFactory, tmp_path: Path, empty_folder: None
) -> None:
    with record_logs(tmp_path / "logged") as logs:
        as_("auditor").post("/sources/consoles/connect/jamf")
        as_("stranger").get("/d/maple-valley/people")
        Client().get("/people")
        enforce_forms(cast).post("/sign-out")
        as_("director").get("/people?q=%00")
        as_("director").post("/audit", b"x" * 5_000_000, content_type="application/octet-stream")
        Client().post("/osquery/config", b"{", content_type="application/json")
        entries = logs.read(ACCESS)
    assert [entry["status"] for entry in entries] == [403, 404, 302, 403, 400, 413, 400]
    assert [("user" in entry) for entry in entries] == [True, True, False, True, False, True, False]
    assert [entry["route"] for entry in entries if "user" in entry] == [
        "/sources/consoles/connect/<slug:client>",
        "/people",
        "/sign-out",
        "/audit",
    ]
