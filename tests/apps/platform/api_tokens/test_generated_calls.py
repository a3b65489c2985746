"""Generated calls of every JSON endpoint: none fails (500), and what the API answers is what its document describes.

schemathesis makes calls that fit the document and calls that do not. `./run test --thorough` makes 20,000 of them.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from homeroom.api.token_endpoints import BUDGET
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.endpoints.openapi import build_document
from tests.amounts import THOROUGH, choose_amount
from tests.apps.platform.api_tokens.conftest import MakeToken
from tests.assessed_district import publish_load
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases="__all__")
API_CALLS = choose_amount(brief=12, thorough=1000)
"""Calls of an endpoint in each mode; ten endpoints, two modes."""
OTHER_CALLS = choose_amount(brief=6, thorough=330)
"""Calls of an endpoint of agents, probes and browsers in each mode."""
AT = datetime(2026, 1, 15, tzinfo=UTC)
BASE = "http://localhost"
_OBJECT = {"type": "object"}
_TEXT = {"type": "string"}


def build_post(properties: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {
        "post": {"requestBody": {"content": {media: {"schema": schema}}}, "responses": {"200": {"description": ""}}}
    }


def build_get(*names: str) -> dict[str, Any]:
    parameters = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]
    return {"get": {"parameters": parameters, "responses": {"200": {"description": ""}}}}


FORM = "application/x-www-form-urlencoded"
OTHERS = {
    "/osquery/enroll": build_post({"enroll_secret": _TEXT, "host_identifier": _TEXT, "host_details": _OBJECT}),
    "/osquery/config": build_post({"node_key": _TEXT}),
    "/osquery/log": build_post({"node_key": _TEXT, "log_type": {"enum": ["result", "status"]}, "data": {}}),
    "/osquery/distributed/read": build_post({"node_key": _TEXT}),
    "/osquery/distributed/write": build_post({"node_key": _TEXT, "queries": _OBJECT, "statuses": _OBJECT}),
    "/healthz": build_get(),
    "/readyz": build_get(),
    "/outbox": build_get(),
    "/api/v1/openapi.json": build_get(),
    "/sign-in/passkey/options": build_post({}, FORM),
    "/sign-in/passkey": build_post({"response": _TEXT}, FORM),
    "/awareness/drills.json": build_get(),
    "/awareness/drills/{key}.json": build_get("key"),
    "/frameworks/{framework}/files/{name}": build_get("framework", "name"),
    "/rollouts/{public}/label": build_get("public"),
    "/rollouts/{public}/visits/1/record": build_post({"record": _TEXT, "key": _TEXT}, FORM),
}


def list_operations(document: dict[str, Any]) -> list[Any]:
    return [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]


def send(client: Client, case: Case, headers: dict[str, str]) -> Any:
    """Send a generated call to Django without a network."""
    values = case.as_transport_kwargs(base_url=BASE, headers=headers)
    kwargs = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    request = requests.Request(**{name: values[name] for name in kwargs if name in values}).prepare()
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    sent = {name: value for name, value in request.headers.items() if name.lower() not in ("content-length", "host")}
    sent = {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in sent.items()}
    content_type = sent.pop("Content-Type", "application/octet-stream" if body else "")
    return client.generic(
        str(request.method),
        request.path_url.partition("?")[0],
        body,
        content_type,
        headers=sent,
        QUERY_STRING=request.path_url.partition("?")[2],
    )


def list_failures(statuses: Counter[int]) -> list[int]:
    """Return statuses of failures; 503 means a busy server."""
    return [status for status in statuses if status >= 500 and status != 503]


def run_calls(operation: Any, mode: GenerationMode, amount: int, answer: Any) -> None:
    """Call an operation with generated values; a fixed seed where CI calls."""

    @settings(
        max_examples=amount,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=not THOROUGH,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Case) -> None:
        answer(case)

    call()


@pytest.fixture
def load(cast: Cast) -> str:
    store = get_evidence_store(district=cast.district)
    rows = [{"key": "org-1", "name": "Cedar Middle", "kind": "school"}]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", rows, at=AT)
    return store.list_current_loads()[0].id


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_generated_call_of_the_api_fails_or_differs_from_the_document(
    cast: Cast, make: MakeToken, load: str, mode: GenerationMode
) -> None:
    document = build_document()
    headers, numbers = {"Authorization": f"Bearer {make().text}"}, count()
    statuses: Counter[int] = Counter()
    for operation in list_operations(document):
        described = document["paths"][operation.path][operation.method.lower()]["responses"]
        checks = {status: build_check(document, response) for status, response in described.items()}
        if mode is GenerationMode.NEGATIVE and not has_negatives(document, operation):
            continue

        def answer(case: Case, checks: Any = checks) -> None:
            if "load_id" in case.path_parameters and next(numbers) % 3 == 0:
                case.path_parameters["load_id"] = load
            BUDGET.clear()
            LoadJob.objects.of(cast.district).delete()
            response = send(Client(raise_request_exception=False), case, headers)
            statuses[response.status_code] += 1
            if response.status_code not in (404, 405):
                checks[str(response.status_code)].validate(response.json())

        run_calls(operation, mode, API_CALLS, answer)
    assert list_failures(statuses) == []
    assert statuses.total() >= API_CALLS * 6
    assert statuses[200] or mode is GenerationMode.NEGATIVE


def has_negatives(document: dict[str, Any], operation: Any) -> bool:
    """Check whether a call of an operation can be wrong: it has parameters, or a form."""
    described = document["paths"][operation.path][operation.method.lower()]
    return bool(described["parameters"]) or "requestBody" in described


def build_check(document: dict[str, Any], response: dict[str, Any]) -> Any:
    schema = response["content"]["application/json"]["schema"]
    return jsonschema_rs.validator_for({**schema, "components": document["components"]})


def test_no_generated_call_of_another_json_endpoint_fails(cast: Cast) -> None:
    document = {"openapi": "3.1.0", "info": {"title": "others", "version": "1"}, "paths": OTHERS}
    client, statuses = Client(raise_request_exception=False), Counter[int]()
    client.force_login(cast.director)

    def answer(case: Case) -> None:
        response = send(client, case, {})
        b"".join(getattr(response, "streaming_content", ()))
        statuses[response.status_code] += 1

    for operation in list_operations(document):
        run_calls(operation, GenerationMode.POSITIVE, OTHER_CALLS, answer)
    assert list_failures(statuses) == []
    assert statuses.total() >= OTHER_CALLS * 11


BODIES = st.one_of(
    st.binary(max_size=200),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda part: st.lists(part, max_size=3)
                 | st.dictionaries(st.sampled_from(["node_key", "enroll_secret", "data", "queries"]), part, max_size=3))
    .map(lambda value: json.dumps(value).encode()),
)  # fmt: skip


@seed(1)
@settings(max_examples=OTHER_CALLS * 11, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    body=BODIES,
    path=st.sampled_from([path for path, methods in OTHERS.items() if "post" in methods] + ["/api/v1/uploads"]),
    content_type=st.sampled_from(["application/json", FORM, "multipart/form-data; boundary=x", "text/plain", "x"]),
)
def test_no_body_of_any_form_fails(cast: Cast, body: bytes, path: str, content_type: str) -> None:
    client = Client(raise_request_exception=False)
    response = client.generic("POST", path.format(public="r-1"), body, content_type)
    assert response.status_code < 500


@seed(1)
@settings(max_examples=choose_amount(brief=40, thorough=500), deadline=None, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(path=st.text(max_size=60), text=st.text(max_size=120))
def test_no_text_as_path_or_token_fails(cast: Cast, path: str, text: str) -> None:
    client = Client(raise_request_exception=False)
    for target, token in ((path, "x"), ("loads", text)):
        headers = {"authorization": f"Bearer {token}".encode("utf-8", "replace").decode("latin-1")}
        response = client.get(f"/api/v1/{requests.utils.quote(target)}", headers=headers)
        assert response.status_code in (200, 401, 404, 429)
