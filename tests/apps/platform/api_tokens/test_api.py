"""The API: a token opens endpoints as the table of permissions has it, no page, and nothing of another district."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from homeroom.api import token_endpoints
from homeroom.api.token_endpoints import BUDGET, MAX_COST, choose_body_limit, find_api_path
from homeroom.apps.know.sources import drops, reject_export
from homeroom.apps.know.sources.endpoints.loads import LIST_LOADS, LIST_REJECTS
from homeroom.apps.know.sources.endpoints.uploads import MAX_OPEN_JOBS
from homeroom.apps.know.sources.load_report import Reject
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.api_tokens.commands import make_token, revoke_token
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.endpoints.catalog import list_endpoints
from homeroom.config.bridge.body_rules import choose_body_rule
from homeroom.domain.platform.permissions.permission import Access
from homeroom.domain.platform.permissions.roles import OFFICE
from homeroom.domain.platform.permissions.table import PERMISSIONS
from homeroom.domain.platform.permissions.tokens import TOKEN_PERMISSIONS
from tests.apps.platform.api_tokens.conftest import Call, MakeToken
from tests.assessed_district import publish_load
from tests.cast import Cast
from tests.web.platform.test_access import fill_route, iter_url_patterns

pytestmark = pytest.mark.django_db(databases="__all__")
FILLED = {"load_id": "000001-0123456789ab", "number": "7"}
UNAUTHORIZED, FORBIDDEN, MISSING, NOT_ALLOWED, LATER = 401, 403, 404, 405, 429


def fill_path(path: str) -> str:
    return path.format(**FILLED)


def list_rows(cast: Cast) -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.subject) for line in list_audit_entries(district=cast.district).lines]


def publish_schools(cast: Cast, *, next_district: bool = False) -> str:
    store = get_evidence_store(district=cast.next_district if next_district else cast.district)
    rows = [{"key": "org-1", "name": "Cedar Middle", "kind": "school"}]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", rows, at=datetime(2026, 1, 15, tzinfo=UTC))
    return store.list_current_loads()[0].id


def test_tokens_can_hold_exactly_what_endpoints_name() -> None:
    named = {endpoint.permission for endpoint in list_endpoints()}
    of_roles = {name for name in named if PERMISSIONS[name].access is Access.ROLE}
    assert of_roles | {"sources.approve_removals"} == set(TOKEN_PERMISSIONS)
    assert named - of_roles == {"account.use"}
    assert len({endpoint.name for endpoint in list_endpoints()}) == len(list_endpoints())


@pytest.mark.parametrize("role", sorted(OFFICE))
def test_an_endpoint_opens_to_a_role_with_its_permission_in_the_token_and_to_nobody_else(
    cast: Cast, call: Call, role: str
) -> None:
    """Every endpoint × role × token with one permission × own and next district, expected from the table's rows."""
    members = {"director": "director", "technician": "technician", "privacy": "privacy", "auditor": "auditor"}
    held = [name for name in TOKEN_PERMISSIONS if role in PERMISSIONS[name].roles]
    leaks = []
    for permission in held:
        new = make_token(
            district=cast.district,
            username=members[role],
            name="one",
            permissions=(permission,),
            actor="",
            at=timezone.now(),
        )
        for endpoint in list_endpoints():
            is_open = endpoint.permission in (permission, "account.use")
            status = call(fill_path(endpoint.path), new.text, method=endpoint.method).status_code
            if (status not in (UNAUTHORIZED, FORBIDDEN, NOT_ALLOWED)) != is_open:
                leaks.append((endpoint.name, permission, status))
            across = call(fill_path(endpoint.path), new.text, method=endpoint.method, prefix="/d/next-door")
            if across.status_code != MISSING:
                leaks.append((endpoint.name, "next-door", across.status_code))
        revoke_token(district=cast.district, token=new.id, actor="", at=timezone.now())
    assert leaks == []
    assert held


def test_a_token_of_a_demoted_user_opens_nothing_but_itself(cast: Cast, make: MakeToken, call: Call) -> None:
    text = make("technician", ("sources.read", "sources.load"), actor="").text  # of the operator
    cast.technician.memberships.update(role="person")
    statuses = {endpoint.name: call(fill_path(endpoint.path), text, method=endpoint.method).status_code
                for endpoint in list_endpoints()}  # fmt: skip
    assert statuses.pop("showToken") == 200
    assert set(statuses.values()) == {FORBIDDEN}


def test_without_a_token_no_endpoint_answers_and_a_session_is_none(cast: Cast) -> None:
    signed_in = Client()
    signed_in.force_login(cast.director)
    for client in (Client(), signed_in):
        for endpoint in list_endpoints():
            response = client.generic(endpoint.method, f"/api/v1/{fill_path(endpoint.path)}")
            assert response.status_code == UNAUTHORIZED
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert response.headers["Content-Type"] == "application/json"
            assert not response.cookies


def test_a_token_opens_no_page(cast: Cast, make: MakeToken) -> None:
    headers = {"authorization": f"Bearer {make().text}"}
    pages = [
        (fill_route(route), pattern)
        for route, pattern in iter_url_patterns()
        if getattr(pattern.callback, "of_district", False)
    ]
    statuses = {Client().get(page, headers=headers).headers.get("Location", "")[:8] for page, _ in pages}
    assert statuses == {"/sign-in"}


def test_an_unknown_path_and_a_wrong_method_are_told_in_json(cast: Cast, make: MakeToken, call: Call) -> None:
    text = make().text
    for path in ("", "nothing", "loads/", "loads//rejects", "../v1/loads", "uploads/7/8"):
        response = call(path, text)
        assert (response.status_code, list(response.json())) == (MISSING, ["error"])
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        response = call("loads", text, method=method)
        assert (response.status_code, response.headers["Allow"]) == (NOT_ALLOWED, "GET")
    assert call("loads", text, method="HEAD").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=10001", "limit=x", "offset=-1", "offset=9" + "9" * 40, "page=2", "limit=1&limit=2", "load_id=x"],
)
def test_parameters_that_do_not_fit_are_refused_with_what_does(make: MakeToken, call: Call, query: str) -> None:
    response = call(f"loads/000001-0123456789ab/rejects?{query}", make().text)
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_loads_are_those_of_the_tokens_district_alone(cast: Cast, make: MakeToken, call: Call) -> None:
    own, other = publish_schools(cast), publish_schools(cast, next_district=True)
    rows = call("loads", make().text).json()
    assert [(row["id"], row["stream"], row["state"]) for row in rows] == [(own, "oneroster.orgs", "stands")]
    assert rows[0]["rows"]["kept"] == 1
    stranger = make("stranger").text
    assert [row["id"] for row in call("loads", stranger).json()] == [other]
    if other != own:
        assert call(f"loads/{other}/undo", make().text, method="POST").status_code == MISSING


def test_a_page_of_rejects_reads_no_others_and_costs_more_than_a_list(
    cast: Cast, make: MakeToken, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = {"file": "a.csv", "field": "grade", "value": None, "reason": "no grade", "row_lost": True}
    path = tmp_path / "rejects.parquet"
    pl.DataFrame([{**values, "line": line} for line in range(1_000)]).write_parquet(path)
    read: list[int] = []

    def build_reject(**row: Any) -> Reject:
        read.append(row["line"])
        return Reject(**row)

    monkeypatch.setattr(reject_export, "_find_rejects_file", lambda *_: path)
    monkeypatch.setattr(reject_export, "Reject", build_reject)
    load, text = publish_schools(cast), make().text
    page = call(f"loads/{load}/rejects?offset=990&limit=3", text).json()
    assert (page["total"], [row["line"] for row in page["rejects"]]) == (1_000, [990, 991, 992])
    assert read == [990, 991, 992]
    assert call(f"loads/{load}/rejects?offset=1000000000", text).json() == {"total": 1_000, "rejects": []}
    assert LIST_REJECTS.cost >= 10 * LIST_LOADS.cost


def test_a_change_is_in_the_audit_trail_with_its_user_and_its_token(cast: Cast, make: MakeToken, call: Call) -> None:
    load, new = publish_schools(cast), make("technician", ("sources.load",))
    assert call(f"loads/{load}/undo", new.text, method="POST").json()["id"] == load
    assert list_rows(cast)[:2] == [("technician", "undo load", load), ("technician", "use API token", new.id)]
    assert call(f"loads/{load}/undo", new.text, method="POST").status_code == MISSING


def test_no_change_by_a_token_is_in_the_trail_or_done_without_it(
    cast: Cast, make: MakeToken, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, new = publish_schools(cast), make("technician", ("sources.load",))
    missing = call("loads/000099-0123456789ab/undo", new.text, method="POST")
    assert (missing.status_code, list_rows(cast)[0]) == (MISSING, ("technician", "use API token", new.id))

    def fail(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(token_endpoints, "record_audit_entry", fail)
    assert call(f"loads/{load}/undo", new.text, method="POST").status_code == 503
    assert [entry.id for entry in get_evidence_store(district=cast.district).list_current_loads()] == [load]
    monkeypatch.undo()
    monkeypatch.setattr(drops, "record_audit_entry", fail)
    assert call("uploads", new.text, method="POST", data={"files": SimpleUploadedFile("a", b"1")}).status_code == 503
    assert not LoadJob.objects.of(cast.district).exists(), "or a worker would load it"


def test_a_pushed_file_becomes_a_job_that_holds_what_removes_many_records(
    cast: Cast, make: MakeToken, call: Call, settings: Any
) -> None:
    new = make("technician", ("sources.load",))
    file = SimpleUploadedFile("assets.csv", b"Asset Tag,Serial\n1,5CD1234ABC\n")
    response = call("uploads", new.text, method="POST", data={"files": [file], "source": "warehouse"})
    document = response.json()
    assert (response.status_code, document["state"]) == (200, "waiting")
    job = LoadJob.objects.of(cast.district).get()
    assert (job.made_by, job.source, job.approved, job.pk) == ("technician", "warehouse", False, document["number"])
    assert Path(job.folder).parent == settings.DATA / "uploads"
    assert [file["name"] for file in document["files"]] == ["assets.csv"]
    assert call(f"uploads/{job.pk}", new.text).json()["files"] == document["files"]
    assert call(f"uploads/{job.pk}", make("stranger").text).status_code == MISSING
    assert [action for _, action, _ in list_rows(cast)][:2] == ["drop files", "use API token"]


def test_a_push_without_files_in_another_form_or_beyond_the_limits_is_refused(
    cast: Cast, make: MakeToken, call: Call, settings: Any
) -> None:
    text = make("technician", ("sources.load",)).text

    def push(**values: Any) -> tuple[int, str]:
        response = call("uploads", text, method="POST", **values)
        return response.status_code, response.json()["error"]

    def build_file() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.csv", b"id\n1\n")

    assert push(data={"source": "a"})[0] == 400
    assert push(data=b"{}", content_type="application/json")[0] == 415
    assert push(data=b"no form", content_type="multipart/form-data; boundary=x")[0] == 400
    assert push(data={"other": build_file()})[0] == 400
    assert push(data={"files": build_file(), "approved": "1"})[0] == 400
    assert push(data={"files": build_file(), "source": "a\0b"})[0] == 400
    assert push(data={"files": build_file(), "source": ["a", "b"]}) == (400, "the parameter 'source' came twice")
    settings.DROP_MOST_FILES = 1
    assert push(data={"files": [build_file(), build_file()]})[0] == 413
    settings.DROP_MOST_FILES, settings.DROP_MOST_BYTES = 9, 3
    assert push(data={"files": build_file()})[0] == 413
    settings.DROP_MOST_BYTES, settings.DEMO = 1000, True
    assert push(data={"files": build_file()})[0] == 409
    settings.DEMO = False
    for _ in range(MAX_OPEN_JOBS):
        LoadJob.objects.create(district=cast.district, made_at=timezone.now(), made_by="x")
    assert push(data={"files": build_file()})[0] == LATER
    assert LoadJob.objects.of(cast.district).count() == MAX_OPEN_JOBS
    assert not list((settings.DATA / "uploads").glob("*"))


def test_wrong_tokens_wait_and_right_ones_never_do(cast: Cast, make: MakeToken, call: Call) -> None:
    text = make().text
    wrong = text[:-1] + ("b" if text[-1] != "b" else "c")
    statuses = [call("loads", wrong).status_code for _ in range(7)]
    assert statuses == [UNAUTHORIZED] * 5 + [LATER] * 2
    assert int(call("loads", "another").headers["Retry-After"]) > 50
    assert call("loads", text).status_code == 200
    failed = [row for row in list_rows(cast) if row[1] == "failed API token"]
    assert len(failed) == 5
    assert call("loads", wrong, REMOTE_ADDR="198.51.100.9").status_code == UNAUTHORIZED


def test_a_token_that_calls_too_often_waits_and_another_does_not(cast: Cast, make: MakeToken, call: Call) -> None:
    first, second = make(), make()
    assert BUDGET.take(first.id, cost=MAX_COST, at=timezone.now())
    response = call("token", first.text)
    assert (response.status_code, response.headers["Retry-After"]) == (LATER, "600")
    assert call("token", second.text).status_code == 200


def test_an_expired_or_revoked_token_is_told_so(cast: Cast, make: MakeToken, call: Call) -> None:
    expired = make(days=1, at=timezone.now() - timedelta(days=2)).text
    revoked = make()
    revoke_token(district=cast.district, token=revoked.id, actor="director", at=timezone.now())
    assert "expired" in call("token", expired).json()["error"]
    assert "revoked" in call("token", revoked.text).json()["error"]


def test_a_token_shows_what_it_opens_now(cast: Cast, make: MakeToken, call: Call) -> None:
    document = call("token", make("auditor", ("sources.read", "users.read"), actor="").text).json()
    assert (document["user"], document["permissions"]) == ("auditor", ["sources.read", "users.read"])
    assert (document["district"], document["timezone"]) == ("maple-valley", "America/Chicago")


def test_only_a_token_that_may_push_brings_a_large_body(cast: Cast, make: MakeToken, settings: Any) -> None:
    may_push, may_not = make("technician", ("sources.load",)).text, make("auditor", ("sources.read",)).text

    def choose(path: str, token: str, method: str = "POST") -> int:
        api_path = find_api_path(path)
        assert api_path is not None
        return choose_body_limit(api_path, method=method, authorization=f"Bearer {token}")

    large = settings.DROP_MOST_BYTES + 1024**2
    assert choose("/api/v1/uploads", may_push) == large
    assert {
        choose("/api/v1/uploads", may_not),
        choose("/api/v1/uploads", "x"),
        choose("/api/v1/uploads", may_push, "GET"),
        choose("/api/v1/loads/x/undo", may_push),
        choose("/api/v1/nothing", may_push),
    } == {64 * 1024}


def test_the_bridge_streams_files_to_who_may_push_them(cast: Cast, make: MakeToken) -> None:
    text = make("technician", ("sources.load",)).text
    environ = {"PATH_INFO": "/api/v1/uploads", "REQUEST_METHOD": "POST", "REMOTE_ADDR": "192.0.2.7"}
    assert choose_body_rule({**environ, "HTTP_AUTHORIZATION": f"Bearer {text}"}).is_streamed
    assert not choose_body_rule(environ).is_streamed


def test_what_a_call_is_refused_for_names_no_value_of_another(cast: Cast, make: MakeToken, call: Call) -> None:
    response = call("loads/..%2f..%2fsecret/rejects", make().text)
    assert response.status_code in (400, MISSING)
    assert "secret" not in response.json()["error"]
