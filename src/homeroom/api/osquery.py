"""osquery's remote endpoints, at a district's own address: `/d/<district>/osquery/enroll` and so on.

An unknown agent, a district that does not exist and a wrong secret look the same from outside.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from homeroom.apps.agents import osquery_protocol
from homeroom.apps.districts.queries import get_district
from homeroom.domain.district import District

MAX_MESSAGE_BYTES = 32 << 20
"""Maximum size of one message, decompressed; the programs of one computer are some hundred kilobytes."""


class OsqueryHandler(Protocol):
    """Handler of one endpoint of the protocol."""

    def __call__(self, *, district: District, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return the body of the response."""


class MessageTooLarge(ValueError):
    """A message is larger than any agent sends."""


def _build_endpoint(handler: OsqueryHandler) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    @require_POST
    def handle_request(request: HttpRequest) -> HttpResponse:
        try:
            message = _read_message(request)
        except MessageTooLarge:
            return JsonResponse({"error": "the message is too large"}, status=413)
        except (ValueError, msgspec.DecodeError):
            return JsonResponse({"error": "not a JSON object"}, status=400)
        try:
            district = get_district(slug=getattr(request, "prefix", ""))
        except LookupError:
            return JsonResponse(dict(osquery_protocol.INVALID))
        return JsonResponse(handler(district=district, body=message, at=timezone.now()))

    return handle_request


def _read_message(request: HttpRequest) -> Mapping[str, Any]:
    """Return the posted JSON object, decompressed if it is gzip; raise MessageTooLarge or ValueError."""
    body = request.read(MAX_MESSAGE_BYTES + 1)
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        body = _decompress(body)
    if len(body) > MAX_MESSAGE_BYTES:
        raise MessageTooLarge
    return msgspec.json.decode(body, type=dict[str, Any])


def _decompress(body: bytes) -> bytes:
    """Decompress gzip data; raise ValueError if it is not gzip, MessageTooLarge if it exceeds the limit."""
    decompressor = zlib.decompressobj(wbits=31)
    try:
        content = decompressor.decompress(body, MAX_MESSAGE_BYTES + 1)
    except zlib.error:
        raise ValueError("no gzip") from None
    if len(content) > MAX_MESSAGE_BYTES:
        raise MessageTooLarge
    return content


urlpatterns = [
    path("osquery/enroll", _build_endpoint(osquery_protocol.enroll_agent), name="osquery-enroll"),
    path("osquery/config", _build_endpoint(osquery_protocol.build_config), name="osquery-config"),
    path("osquery/log", _build_endpoint(osquery_protocol.store_results), name="osquery-log"),
    path("osquery/distributed/read", _build_endpoint(osquery_protocol.list_pending_queries), name="osquery-read"),
    path("osquery/distributed/write", _build_endpoint(osquery_protocol.store_answers), name="osquery-write"),
]
