"""No body is read before its sender is known, no file is written for a stranger, and no value has a NUL."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import resolve

from tests.cast import Cast
from tests.web.platform.test_access import list_district_pages

ClientFactory = Callable[[str], Client]
FILE_PAGES = (
    "/sources/drop",
    "/sources/lists",
    "/alerts/rules/import",
    "/rollouts/f-0000000000001/rooms",
    "/budget/upload",
    "/privacy/new-request",
    "/privacy/disclosures",
    "/privacy/opt-outs",
    "/tools/effects",
)
pytestmark = pytest.mark.differs_by_database("NUL in values")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that an upload began to write."""
    names: list[str] = []
    begin = TemporaryFileUploadHandler.new_file

    def note(handler: Any, field: str, name: str, *arguments: Any, **options: Any) -> None:
        names.append(name)
        begin(handler, field, name, *arguments, **options)

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", note)
    return names


def build_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("big.csv", os.urandom(300_000))


def test_nobody_outside_the_district_makes_the_server_write_a_file(
    as_: ClientFactory, cast: Cast, written: list[str]
) -> None:
    pages = [page for page, _ in list_district_pages()]
    for client in (Client(), as_("stranger"), Client(enforce_csrf_checks=True)):
        for page in ("/sign-in", "/sign-out", *(f"/d/maple-valley{page}" for page in (*FILE_PAGES, *pages[:20]))):
            answer = client.post(page, {"files": build_file(), "file": build_file(), "proofs": build_file()})
            assert answer.status_code in (302, 400, 403, 404, 405, 413), page
    assert written == []


def test_a_member_sends_files_only_to_pages_that_take_them(as_: ClientFactory, cast: Cast, written: list[str]) -> None:
    director = as_("director")
    takers = [page for page, pattern in list_district_pages() if hasattr(pattern.callback, "takes_files")]
    assert set(FILE_PAGES) < set(takers)
    for page, pattern in list_district_pages():
        if page not in takers:
            answer = director.post(page, {"file": build_file()})
            assert answer.status_code in (200, 302, 400, 403, 404, 405, 422), (page, pattern.name)
    assert written == []
    assert as_("auditor").post("/sources/drop", {"files": build_file()}).status_code == 403
    assert written == []


@pytest.mark.django_db(databases="__all__")
def test_a_page_that_takes_files_takes_them_from_those_who_may_change_it(
    as_: ClientFactory, cast: Cast, store: object, written: list[str]
) -> None:
    answer = as_("director").post("/sources/drop", {"files": build_file()})
    assert answer.status_code == 302
    assert written == ["big.csv"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.director)
    for page in FILE_PAGES:
        assert strict.post(page, {"files": build_file()}).status_code == 403, "the token is checked there too"


def test_a_form_that_is_too_large_is_refused_by_the_length_that_it_states(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    form = "application/x-www-form-urlencoded"
    for client, size in ((Client(), 70_000), (as_("director"), 3 << 20)):
        client.cookies["csrftoken"] = "a" * 32
        for page in ("/sign-in", "/setup", "/sources/agents/secret"):
            answer = client.generic(
                "POST", page, b"", content_type=form, **{"CONTENT_LENGTH": str(size), "wsgi.input": Unread()}
            )
            assert answer.status_code == 413, page


@pytest.mark.parametrize("visitor", ["director", ""])
def test_a_nul_in_any_value_is_refused_in_a_sentence(
    as_: ClientFactory, cast: Cast, store: object, visitor: str
) -> None:
    client = as_(visitor) if visitor else Client()
    for page, _ in [*list_district_pages(), ("/sign-in", None)]:
        answer = client.get(page + "?q=a%00b&page=%00")
        assert answer.status_code == 400, page
        assert b"NUL" in answer.content
    for page in ("/sign-in", "/password", "/exceptions/new", "/sources/agents/secret", "/no-such-page"):
        answer = client.post(page, {"username": "a", "q": "a\0b"}, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500
    body = b"username=a%00b&password=x&note=%00"
    for page in ("/sign-in", *(page for page, _ in list_district_pages())):
        answer = client.post(page, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (302, 400, 403, 404, 405), page
    assert client.post("/sign-in", body, content_type="application/x-www-form-urlencoded").status_code == 400
    assert client.get("/people/%00").status_code == 400
    assert client.get("/sign-in", HTTP_COOKIE='sessionid="abcdefgh\\000"').status_code == 400


def test_a_nul_is_refused_in_a_form_of_either_type_and_by_any_charset(cast: Cast, store: object) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in")
    form = {"username": "a\0b", "password": "x", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    answer = client.post("/sign-in", form)
    assert answer.status_code == 400, "a multipart form without a file"
    assert b"NUL" in answer.content
    assert client.post("/sign-in", form | {"username": "ab"}).status_code == 422
    for charset in ("utf-7", "UTF-7"):
        answer = client.get("/sign-in?q=%2BAAA-", headers={"Content-Type": f"text/plain; charset={charset}"})
        assert answer.status_code == 400, charset
    assert client.get("/sign-in?" + "&".join(f"x{number}=" for number in range(2_001))).status_code == 400


def test_a_nul_beside_a_file_is_refused_as_well(as_: ClientFactory, cast: Cast, store: object) -> None:
    for page in FILE_PAGES:
        answer = as_("director").post(page, {"files": build_file(), "file": build_file(), "source": "a\0b"})
        assert answer.status_code == 400
        assert b"NUL" in answer.content


def test_every_page_with_a_file_field_is_marked(cast: Cast) -> None:
    templates = Path("src/homeroom/web")
    with_files = [path.name for path in templates.rglob("*.html") if 'type="file"' in path.read_text(encoding="utf-8")]
    assert sorted(with_files) == [
        "answer.html",
        "disclosures.html",
        "drop.html",
        "effects.html",
        "incident.html",
        "lists.html",
        "opt_outs.html",
        "plans.html",
        "request.html",
        "request_new.html",
        "rooms.html",
        "rule_import.html",
        "system.html",
    ]
    for page in ("/sources/drop", "/sources/lists", "/frameworks/attestations/1", "/alerts/incidents/incident-1"):
        view = resolve(page).func if not page.endswith("/1") else None
        assert view is None or hasattr(view, "takes_files")
