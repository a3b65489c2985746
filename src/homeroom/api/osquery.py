"""osquery's remote endpoints, at a district's own address: `/d/<district>/osquery/enroll` and so on.

An agent that is not known, a district that does not exist and a secret that is wrong look the same from outside.
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

from homeroom.apps.agents import conversing
from homeroom.apps.districts.queries import district_of

MOST_BYTES = 32 << 20
"""Of one message, unpacked: the programs of one computer are some hundred kilobytes."""


class Said(Protocol):
    """One endpoint of the protocol."""

    def __call__(self, *, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """The body of the answer."""


class TooMuch(ValueError):
    """A message that is larger than any agent sends."""


def _endpoint(said: Said) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    @require_POST
    def endpoint(request: HttpRequest) -> HttpResponse:
        try:
            message = _message(request)
        except TooMuch:
            return JsonResponse({"error": "the message is too large"}, status=413)
        except (ValueError, msgspec.DecodeError):
            return JsonResponse({"error": "not a JSON object"}, status=400)
        try:
            district = district_of(slug=getattr(request, "prefix", ""))
        except LookupError:
            return JsonResponse(dict(conversing.INVALID))
        return JsonResponse(said(district=district, said=message, at=timezone.now()))

    return endpoint


def _message(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object that was posted, unpacked where an agent packs its logs. Raises TooMuch, and ValueError."""
    body = request.read(MOST_BYTES + 1)
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        body = _unpacked(body)
    if len(body) > MOST_BYTES:
        raise TooMuch
    return msgspec.json.decode(body, type=dict[str, Any])


def _unpacked(body: bytes) -> bytes:
    """Raises ValueError where it is no gzip, TooMuch where it would grow beyond the bound."""
    packed = zlib.decompressobj(wbits=31)
    try:
        found = packed.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise ValueError("no gzip") from None
    if len(found) > MOST_BYTES:
        raise TooMuch
    return found


urlpatterns = [
    path("osquery/enroll", _endpoint(conversing.enrol), name="osquery-enroll"),
    path("osquery/config", _endpoint(conversing.configure), name="osquery-config"),
    path("osquery/log", _endpoint(conversing.log), name="osquery-log"),
    path("osquery/distributed/read", _endpoint(conversing.ask), name="osquery-read"),
    path("osquery/distributed/write", _endpoint(conversing.hear), name="osquery-write"),
]
