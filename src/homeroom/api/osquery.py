"""osquery's remote endpoints, at a district's own address: `/d/<district>/osquery/enroll` and so on.

An unknown agent, a district that does not exist and a wrong secret look the same from outside. Nothing that a stranger
sends is decoded: the secret or key is searched for in the text, and only the message of who holds one is decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from homeroom.api.messages import MessageInvalid, MessageTooLarge, decode_message, list_credentials, read_message
from homeroom.apps.know.agents import credentials, osquery_protocol
from homeroom.apps.know.agents.enrollment import enroll_agent
from homeroom.apps.know.agents.osquery_protocol import ENROLL_SECRET, NODE_KEY, AgentHandler
from homeroom.apps.platform.districts.queries import get_district
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission

MAX_ENROLL_BYTES = 64 << 10
"""Maximum size of one enrollment, decompressed; an agent sends two kilobytes."""
MAX_MESSAGE_BYTES = 16 << 20
"""Maximum size of any other message, decompressed; the programs of one computer are some hundred kilobytes."""
PERMISSION = get_permission("agents.report").name
Responder = Callable[[str, bytes, str], dict[str, Any]]
"""Answers the text of a message that was not decoded, to a district's slug, from an address."""


def _build_endpoint(respond: Responder, *, most_bytes: int) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    @require_POST
    def handle_request(request: HttpRequest) -> HttpResponse:
        try:
            text = read_message(request, most_bytes=most_bytes)
            slug = getattr(request, "prefix", "") or _find_only_slug()
            return _build_response(respond(slug, text, request.META.get("REMOTE_ADDR", "")))
        except MessageTooLarge:
            return _build_response({"error": "the message is too large"}, status=413)
        except MessageInvalid:
            return _build_response({"error": "not a JSON object"}, status=400)

    handle_request.max_body_bytes = most_bytes  # type: ignore[attr-defined]
    handle_request.permission = PERMISSION  # type: ignore[attr-defined]
    return handle_request


def _build_response(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)


def _find_district(slug: str) -> District | None:
    try:
        return get_district(slug=slug)
    except LookupError:
        return None


def _find_only_slug() -> str:
    """Return the slug of the only district, for an address that names none; empty if there are several."""
    district = _find_district("")
    return district.slug if district else ""


def _enroll_agent(slug: str, text: bytes, address: str) -> dict[str, Any]:
    if not credentials.has_active_secret(slug=slug, candidates=list_credentials(text, name=ENROLL_SECRET)):
        return dict(osquery_protocol.INVALID)
    body, district = decode_message(text), get_district(slug=slug)
    return enroll_agent(district=district, body=body, at=timezone.now(), address=address)


def _build_responder(handler: AgentHandler) -> Responder:
    def answer_agent(slug: str, text: bytes, _address: str) -> dict[str, Any]:
        now, keys = timezone.now(), list_credentials(text, name=NODE_KEY)
        agent = credentials.find_agent(slug=slug, keys=keys, at=now)
        if agent is None and not credentials.is_waiting(slug=slug, keys=keys):
            return dict(osquery_protocol.INVALID)
        body = decode_message(text)
        if agent is None:
            return osquery_protocol.build_waiting_answer()
        if not credentials.is_key_of(agent, body.get(NODE_KEY)):
            return dict(osquery_protocol.INVALID)
        return handler(agent=agent, body=body, at=now)

    return answer_agent


def _build_agent_endpoint(handler: AgentHandler) -> Callable[[HttpRequest], HttpResponse]:
    return _build_endpoint(_build_responder(handler), most_bytes=MAX_MESSAGE_BYTES)


ENDPOINTS = {
    "osquery/enroll": _build_endpoint(_enroll_agent, most_bytes=MAX_ENROLL_BYTES),
    "osquery/config": _build_agent_endpoint(osquery_protocol.build_config),
    "osquery/log": _build_agent_endpoint(osquery_protocol.store_results),
    "osquery/distributed/read": _build_agent_endpoint(osquery_protocol.list_pending_queries),
    "osquery/distributed/write": _build_agent_endpoint(osquery_protocol.store_answers),
}
"""The endpoints by their paths within a district."""
urlpatterns = [
    path(endpoint, view, name=endpoint.replace("/distributed", "").replace("/", "-"))
    for endpoint, view in ENDPOINTS.items()
]
