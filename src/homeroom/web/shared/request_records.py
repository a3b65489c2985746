"""Records of each request: its id, an entry of the access log, counters and a span.

An entry has the method, the route, the status, milliseconds, bytes, the district and a keyed hash for the user: no
path, no query, no address, no name.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from homeroom.apps.platform.telemetry.counters import get_counters
from homeroom.apps.platform.telemetry.log_lines import ACCESS_LOGGER
from homeroom.apps.platform.telemetry.request_ids import bind_request_id, compute_user_id
from homeroom.apps.platform.telemetry.routes import UNKNOWN_ROUTE, describe_method, describe_route
from homeroom.apps.platform.telemetry.spans import SERVER, start_span
from homeroom.web.shared.request_ids import HEADER, choose_request_id, get_stated_parent

RECEIVED = "homeroom.received"
"""Key of the environment: when the request came in (seconds of `time.perf_counter`), before it waited for a thread."""
_log = logging.getLogger(ACCESS_LOGGER)


@dataclass(frozen=True, kw_only=True)
class RequestRecord:
    """What is recorded of one request. `started` is in seconds of `time.perf_counter`."""

    request_id: str
    method: str
    started: float
    route: str = UNKNOWN_ROUTE
    status: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def write(self, *, size: int, is_complete: bool = True) -> None:
        """Write the entry and count the request. `size` is the bytes of the body."""
        seconds = time.perf_counter() - self.started
        fields = {
            "event": "request",
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "ms": round(seconds * 1000, 1),
            "bytes": size,
            "complete": None if is_complete else False,
        }
        _log.info("", extra={"fields": {**fields, **self.facts}})
        if (counters := get_counters()) is not None:
            counters.count_request(route=self.route, method=self.method, status=self.status, seconds=seconds)


class RequestRecords:
    """Middleware around all others: it gives the request its id, and records how it was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response with the id of its request."""
        started = float(request.META.get(RECEIVED, 0.0) or time.perf_counter())
        method = describe_method(request.method)
        request_id = choose_request_id(request.META, proxies=settings.PROXIES)
        parent = get_stated_parent(request.META)
        with bind_request_id(request_id), start_span(method, kind=SERVER, parent=parent) as span:
            response = self.get_response(request)
            route = describe_route(request)
            response.headers[HEADER] = request_id
            span.rename(f"{method} {route}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                    "homeroom.request_id": request_id,
                }
            )
            if response.status_code >= 500:
                span.record_error(str(response.status_code))
            record = RequestRecord(
                request_id=request_id,
                method=method,
                started=started,
                route=route,
                status=response.status_code,
                facts=_find_facts(request),
            )
            _write_at_end(record, response)
        return response


def record_refusal(environ: dict[str, Any], *, status: int, size: int) -> str:
    """Record a request that was refused before it came to a view, and return its id."""
    request_id = choose_request_id(environ, proxies=settings.PROXIES)
    record = RequestRecord(
        request_id=request_id,
        method=describe_method(environ.get("REQUEST_METHOD")),
        started=float(environ.get(RECEIVED, 0.0) or time.perf_counter()),
        status=status,
    )
    record.write(size=size)
    return request_id


def _write_at_end(record: RequestRecord, response: HttpResponseBase) -> None:
    """Write the record now, or when the last part of a long response was taken."""
    if isinstance(response, HttpResponse):
        record.write(size=len(response.content))
        return
    streaming: Any = response
    streaming.streaming_content = _StreamedParts(streaming.streaming_content, record)  # closed with the response


class _StreamedParts:
    """The parts of a long response, counted as they are taken; the record is written once."""

    def __init__(self, parts: Iterable[bytes], record: RequestRecord) -> None:
        self._parts, self._record = iter(parts), record
        self._size, self._is_written = 0, False
        self._is_complete = record.method == "HEAD"  # whose parts nobody takes

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._size += len(part)
            yield part
        self._is_complete = True
        self.close()

    def close(self) -> None:
        """Write the record, unless that was done."""
        if not self._is_written:
            self._is_written = True
            self._record.write(size=self._size, is_complete=self._is_complete)


def _find_facts(request: HttpRequest) -> dict[str, Any]:
    """Return the district and the user of a request as far as they are known already, without a query."""
    visit = getattr(request, "visit", None)
    user = getattr(request, "_cached_user", None)
    facts: dict[str, Any] = {}
    with suppress(AttributeError):
        facts["district"] = visit.district.slug if visit is not None else None
    if user is not None and user.pk is not None:
        facts["user"] = compute_user_id(user.pk, secret=settings.SECRET_KEY)
    return facts
