"""The API below `/api/v1/`: endpoints that a token opens, with JSON in answers.

A call has no session and no cookie, so that no other site can make a browser call in a visitor's name, and a token
opens no page. The token names its district; the address of a district (`/d/<slug>/api/v1/`) takes its own tokens alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone

from homeroom.api.json_answers import build_answer, build_failure, build_refusal
from homeroom.apps.know.sources.upload_handlers import TypedTextHandler
from homeroom.apps.platform.api_tokens.callers import (
    TokenCaller,
    TokenEnded,
    TokenUnknown,
    find_caller,
    register_ended_token,
    register_wrong_token,
)
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.request_budget import RequestBudget
from homeroom.apps.platform.endpoints.catalog import PREFIX, match_path
from homeroom.apps.platform.endpoints.endpoint import Caller, CallRefused, Endpoint, TokenFacts
from homeroom.apps.platform.endpoints.openapi import encode_document
from homeroom.evidence.query.executor import QueryTimeout

WINDOW, MAX_COST = timedelta(minutes=10), 1200
"""What the calls of a token may cost in a window, for each web process."""
FORM_BYTES = 1024**2
"""What a form of many files adds to them: boundaries and names."""
MAX_BYTES = 64 * 1024
"""Bytes of a call that brings no files."""
DOCUMENT = "openapi.json"
"""The description of the API, which anybody may read: it is the same on each server."""
BUDGET = RequestBudget(window=WINDOW, max_cost=MAX_COST)
_PATH = re.compile(rf"^(?:/d/(?P<slug>[-\w]+))?{PREFIX}(?P<path>.*)$", re.ASCII | re.DOTALL)
_FORM = "multipart/form-data"

AnyEndpoint = Endpoint[Any, Any]


class ApiRefused(Exception):
    """A call was refused before an endpoint answered it."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, kw_only=True)
class ApiPath:
    """A path below the prefix: the slug in it, its endpoints by method, and the parameters in it."""

    slug: str
    endpoints: Mapping[str, AnyEndpoint]
    texts: Mapping[str, str]

    is_document: bool = False

    @property
    def route(self) -> str:
        """The path with the names of its parameters, for logs."""
        endpoint = next(iter(self.endpoints.values()), None)
        if self.is_document:
            return PREFIX + DOCUMENT
        return PREFIX + ("" if endpoint is None else endpoint.path)


class TokenEndpoints:
    """Middleware that answers calls of the API before sessions, languages and forms are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a call, or the response of the site."""
        path = find_api_path(request.path_info)
        if path is None:
            return self.get_response(request)
        request.route = path.route  # type: ignore[attr-defined]  # for logs
        try:
            request.get_host()  # refuses a name that is not the site's
            response = _answer(request, path, at=timezone.now())
        except ApiRefused as error:
            response = build_refusal(str(error), status=error.status, headers=error.headers)
        except CallRefused as error:
            response = build_refusal(str(error), status=error.status)
        except Exception as error:  # noqa: BLE001 the answer is JSON whatever happened
            response = build_failure(error)
        response._has_been_logged = True  # type: ignore[attr-defined]  # or strangers could fill the log
        return response


def find_api_path(path: str) -> ApiPath | None:
    """Return what is at a path of the API, perhaps no endpoint; None for another path."""
    match = _PATH.match(path)
    if match is None:
        return None
    endpoints, texts = match_path(match["path"])
    by_method = {endpoint.method: endpoint for endpoint in endpoints}
    return ApiPath(slug=match["slug"] or "", endpoints=by_method, texts=texts, is_document=match["path"] == DOCUMENT)


def read_bearer(headers: Mapping[str, str]) -> str:
    """Return the token of a header `Authorization: Bearer TOKEN`; empty if there is none."""
    scheme, _, text = headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def choose_body_limit(path: ApiPath, *, method: str, authorization: str) -> int:
    """Return how many bytes a call may bring, before its body is read: files only with a token that may push them."""
    endpoint = path.endpoints.get(method)
    if endpoint is None or not endpoint.takes_files:
        return MAX_BYTES
    try:
        caller = find_caller(text=read_bearer({"Authorization": authorization}), address="", at=timezone.now())
    except (TokenUnknown, TokenEnded):
        return MAX_BYTES
    return _get_most_bytes(endpoint) if caller.holds(endpoint.permission) else MAX_BYTES


def _get_most_bytes(endpoint: AnyEndpoint) -> int:
    """Return how many bytes a call of an endpoint may bring that its token opens."""
    return settings.DROP_MOST_BYTES + FORM_BYTES if endpoint.takes_files else MAX_BYTES


def _answer(request: HttpRequest, path: ApiPath, *, at: datetime) -> HttpResponse:
    if path.is_document:
        if request.method not in ("GET", "HEAD"):
            raise ApiRefused(405, "the method here is GET", Allow="GET")
        return build_answer(encode_document())
    if not path.endpoints:
        raise ApiRefused(404, "there is no such endpoint; see /api/v1/openapi.json")
    token = _find_caller(request, at=at)
    if path.slug and path.slug != token.district.slug:
        raise ApiRefused(404, "there is no such endpoint; see /api/v1/openapi.json")
    request.visit = token  # type: ignore[attr-defined]  # of which logs take the district
    endpoint = path.endpoints.get("GET" if request.method == "HEAD" else request.method or "")
    if endpoint is None:
        allowed = ", ".join(path.endpoints)
        raise ApiRefused(405, f"the method here is {allowed}", Allow=allowed)
    if not BUDGET.take(token.token, cost=endpoint.cost, at=at):
        raise ApiRefused(429, "this token calls too often", Retry_After=str(int(WINDOW.total_seconds())))
    _check_permission(token, endpoint)
    parameters, uploads = _read_call(request, endpoint, path)
    if endpoint.takes_files:  # for hours perhaps, in which a token can be revoked
        token = _find_caller(request, at=timezone.now())
        _check_permission(token, endpoint)
    caller = Caller(
        district=token.district,
        now=at,
        today=at.astimezone(ZoneInfo(token.district.timezone)).date(),
        actor=token.username,
        holds=token.holds,
        uploads=uploads,
        token=TokenFacts(
            id=token.token, name=token.token_name, permissions=token.list_held(), expires_at=token.expires_at
        ),
    )
    return build_answer(_run(endpoint, caller, parameters, token=token))


def _check_permission(token: TokenCaller, endpoint: AnyEndpoint) -> None:
    """Raise ApiRefused if a token does not open an endpoint."""
    if not token.holds(endpoint.permission):
        raise ApiRefused(403, f"the token, or its user, does not hold {endpoint.permission}")


def _run(endpoint: AnyEndpoint, caller: Caller, parameters: Any, *, token: TokenCaller) -> Any:
    """Return the document of an endpoint; what it changes is never in the trail without the token before it."""
    if endpoint.changes or endpoint.is_recorded:
        record_audit_entry(
            district=caller.district,
            at=caller.now,
            actor=caller.actor,
            action="use API token",
            subject_kind="token",
            subject=token.token,
            detail={"endpoint": endpoint.name},
        )
    try:
        return endpoint.run(caller, parameters)
    except QueryTimeout:
        raise ApiRefused(503, "the server is busy; try again in a moment", Retry_After="5") from None


def _find_caller(request: HttpRequest, *, at: datetime) -> TokenCaller:
    """Return who calls; raise ApiRefused if the request has no token that works."""
    text, address = read_bearer(request.headers), request.META.get("REMOTE_ADDR", "")
    try:
        return find_caller(text=text, address=address, at=at)
    except TokenEnded as error:
        register_ended_token(text=text, reason=str(error), at=at)
        raise ApiRefused(401, str(error), WWW_Authenticate='Bearer error="invalid_token"') from None
    except TokenUnknown:
        pass
    if not text:
        raise ApiRefused(401, "send a token: Authorization: Bearer hrt_…", WWW_Authenticate="Bearer")
    wait = register_wrong_token(text=text, address=address, at=at)
    if wait:
        seconds = int(wait.total_seconds()) + 1
        raise ApiRefused(429, "too many wrong tokens came from this network", Retry_After=str(seconds))
    raise ApiRefused(401, "this is no token of this server", WWW_Authenticate='Bearer error="invalid_token"')


def _read_call(request: HttpRequest, endpoint: AnyEndpoint, path: ApiPath) -> tuple[Any, list[Any]]:
    """Return the parameters of a call and its files; raise ApiRefused and CallRefused."""
    values: dict[str, Any] = dict(path.texts)
    uploads: list[Any] = []
    limit = _get_most_bytes(endpoint)
    stated = request.META.get("CONTENT_LENGTH") or "0"
    if not stated.isdecimal() or int(stated) > limit:
        raise ApiRefused(413, f"at most {limit:,} bytes at once")
    if endpoint.takes_files:
        form, uploads = _read_form(request)
        values |= form
    for name, texts in request.GET.lists():
        if len(texts) > 1 or name in values:
            raise ApiRefused(400, f"the parameter {name[:40]!r} came twice")
        values[name] = texts[0]
    return endpoint.read_parameters(values), uploads


def _read_form(request: HttpRequest) -> tuple[dict[str, str], list[Any]]:
    """Return the fields of a form and its files, which are written to temporary files as they arrive."""
    if request.content_type != _FORM:
        raise ApiRefused(415, f"send {_FORM}, each file in a field with the name files")
    request.upload_handlers = [TypedTextHandler(request)]
    try:
        unknown = sorted(set(request.FILES) - {"files"})
        repeated = [name for name, texts in request.POST.lists() if len(texts) > 1]
        fields = request.POST.dict()
    except RequestDataTooBig:
        raise ApiRefused(413, "the form is too large") from None
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise ApiRefused(400, "the form cannot be read") from None
    if repeated:
        raise ApiRefused(400, f"the parameter {repeated[0][:40]!r} came twice")
    if unknown:
        raise ApiRefused(400, f"{unknown[0][:40]!r} is no field for files; files is")
    return fields, request.FILES.getlist("files")
