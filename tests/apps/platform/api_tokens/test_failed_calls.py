"""Calls of the API that fail or are refused midway: the answer is JSON, and the trail names the token."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone

from homeroom.api import token_endpoints
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.api_tokens.commands import revoke_token
from homeroom.apps.platform.endpoints import openapi
from homeroom.apps.platform.endpoints.endpoint import CallRefused
from homeroom.evidence.files.manifests import EvidenceDamaged
from tests.apps.platform.api_tokens.conftest import Call, MakeToken
from tests.apps.platform.api_tokens.test_api import list_rows
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases="__all__")
UNAUTHORIZED, FORBIDDEN, NOT_ALLOWED = 401, 403, 405


def test_the_document_is_built_once_and_read_alone(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    first = call("openapi.json")
    monkeypatch.setattr(openapi, "list_endpoints", None)  # without which no document can be built
    assert (call("openapi.json").content, first.json()["openapi"]) == (first.content, "3.1.0")
    assert call("openapi.json", method="HEAD").status_code == 200
    refused = call("openapi.json", method="POST")
    assert (refused.status_code, refused.headers["Allow"], list(refused.json())) == (NOT_ALLOWED, "GET", ["error"])


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (EvidenceDamaged(Path("x.parquet"), "is damaged"), 500),
        (RuntimeError("Dana Whitfield"), 500),
        (OSError(errno.ENOSPC, "no space"), 503),
        (OperationalError("database is locked"), 503),
        (TooManyFieldsSent("x"), 400),
        (RequestDataTooBig("x"), 413),
        (CallRefused("\ud800 is no name", status=400), 400),
    ],
)
def test_a_call_that_fails_is_answered_in_json_without_the_text_of_the_failure(
    make: MakeToken, call: Call, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    text = make().text
    monkeypatch.setattr(token_endpoints, "_run", fail)
    response = call("token", text)
    assert (response.status_code, list(response.json())) == (status, ["error"])
    assert "Dana" not in response.content.decode()


def test_a_call_by_another_name_of_the_server_is_refused_in_json(call: Call, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["homeroom.maple.test"]
    response = call("token")
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_a_token_that_is_revoked_while_its_files_arrive_pushes_none(
    cast: Cast, make: MakeToken, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_call = token_endpoints._read_call
    ends: list[Callable[[], object]] = []

    def read_slowly(*arguments: Any) -> Any:
        result = read_call(*arguments)
        ends.pop()()
        return result

    def revoke() -> None:
        revoke_token(district=cast.district, token=new.id, actor="director", at=timezone.now())

    new = make("technician", ("sources.load",), actor="")
    monkeypatch.setattr(token_endpoints, "_read_call", read_slowly)
    for end, status in (
        (lambda: cast.technician.memberships.update(role="auditor"), FORBIDDEN),
        (revoke, UNAUTHORIZED),
    ):
        ends.append(end)
        response = call("uploads", new.text, method="POST", data={"files": SimpleUploadedFile("a.csv", b"id\n1\n")})
        assert response.status_code == status
        cast.technician.memberships.update(role="technician")
    assert not LoadJob.objects.of(cast.district).exists()


def test_tries_of_an_ended_token_and_wrong_secrets_are_recorded_but_fill_no_trail(
    cast: Cast, make: MakeToken, call: Call
) -> None:
    def count() -> int:
        return list_rows(cast).count(("", "failed API token", new.id))

    new = make("technician", ("sources.read",))
    revoke_token(district=cast.district, token=new.id, actor="director", at=timezone.now())
    for _ in range(8):
        assert call("loads", new.text).status_code == UNAUTHORIZED
    assert count() == 5
    new = make("technician", ("sources.read",))
    wrong = new.text[:-1] + ("a" if new.text[-1] != "a" else "b")
    for number in range(8):
        assert call("loads", wrong, REMOTE_ADDR=f"2001:db8:0:{number:x}::1").status_code == UNAUTHORIZED
    assert count() == 5, "from how many networks they come"
    assert call("loads", new.text).status_code == 200
