"""Responses of Django, sent by the event loop: a page leaves its thread at once, however slowly it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as WaitTimeout
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings

from homeroom.web.shared.response_headers import HSTS

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]
RawHeaders = list[tuple[bytes, bytes]]

WHOLE_BYTES = 4 << 20
"""Size up to which a response leaves its thread as a whole."""
CHUNK_SECONDS = 20.0
"""Seconds that a reader may take for one part of a longer response."""
_BODILESS = (204, 304)
_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"private, no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"close"),
)
"""What Django's middleware adds to a page, for responses that no view makes."""


@dataclass(frozen=True, kw_only=True)
class WholeResponse:
    """A response that is sent as a whole. `request_id` is set if no view made it."""

    status: int
    headers: RawHeaders
    body: bytes = b""
    request_id: str = ""


class StreamEnded(Exception):
    """A long response was sent by the thread itself, or was given up."""


def build_plain_response(status: int, sentence: str, *, retry_seconds: int = 0) -> WholeResponse:
    """Return a response of one sentence; the connection ends with it."""
    body = (sentence + "\n").encode()
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    if settings.HTTPS:
        headers.append((b"strict-transport-security", HSTS.encode()))
    if retry_seconds:
        headers.append((b"retry-after", str(retry_seconds).encode()))
    return WholeResponse(status=status, headers=headers, body=body)


class DjangoCaller:
    """Calls the WSGI application in a thread."""

    def __init__(self, application: Application, *, most_streams: int = 2) -> None:
        self._application = application
        self._streams = BoundedSemaphore(most_streams)

    def call(self, environ: dict[str, Any], *, send: Send, loop: asyncio.AbstractEventLoop) -> WholeResponse:
        """Return the response; one that is too long is sent part by part, and StreamEnded raised."""
        started: list[tuple[int, RawHeaders]] = []

        def start_response(status: str, headers: Sequence[tuple[str, str]], _exc_info: Any = None) -> None:
            started[:] = [
                (
                    int(status[:3]),
                    [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
                )
            ]

        result = self._application(environ, start_response)
        try:
            parts = (part for part in result if part)
            status, raw_headers = started[0]
            if environ["REQUEST_METHOD"] == "HEAD" or status in _BODILESS:
                return WholeResponse(status=status, headers=raw_headers)
            body, is_whole = _collect_start(parts)
            if is_whole:
                return WholeResponse(status=status, headers=raw_headers, body=body)
            if not self._streams.acquire(blocking=False):
                return build_plain_response(503, "Too many long downloads at once. Try again later.", retry_seconds=10)
            try:
                _send_parts(_PartSender(send, loop), status, raw_headers, start=body, parts=parts)
            finally:
                self._streams.release()
            raise StreamEnded
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()


class _PartSender:
    """Sends messages of the event loop from a thread; raise StreamEnded if the reader takes too long."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._send, self._loop = send, loop

    def send(self, message: Mapping[str, Any]) -> None:
        future = asyncio.run_coroutine_threadsafe(self._send_one(message), self._loop)
        try:
            future.result(timeout=CHUNK_SECONDS)
        except (WaitTimeout, OSError, RuntimeError) as error:
            future.cancel()
            raise StreamEnded from error

    async def _send_one(self, message: Mapping[str, Any]) -> None:
        await self._send(message)


def _collect_start(parts: Iterator[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of a response, and whether that is all of it."""
    collected: list[bytes] = []
    size = 0
    for part in parts:
        collected.append(part)
        size += len(part)
        if size > WHOLE_BYTES:
            return b"".join(collected), False
    return b"".join(collected), True


def _send_parts(sender: _PartSender, status: int, headers: RawHeaders, *, start: bytes, parts: Iterator[bytes]) -> None:
    sender.send({"type": "http.response.start", "status": status, "headers": headers})
    sender.send({"type": "http.response.body", "body": start, "more_body": True})
    for part in parts:
        sender.send({"type": "http.response.body", "body": part, "more_body": True})
    sender.send({"type": "http.response.body", "body": b"", "more_body": False})
