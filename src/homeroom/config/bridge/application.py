"""The ASGI application that the server runs: Django in threads, behind bodies that come in time and in bounds."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from homeroom.apps.platform.telemetry.request_ids import bind_request_id
from homeroom.config.bridge.bodies import (
    FREE_SECONDS,
    SMALL,
    BodyExceeds,
    BodyLate,
    BodyLeft,
    BodyReader,
    BodyRule,
    Receive,
    RefusedBody,
    StreamedBody,
    compute_seconds,
)
from homeroom.config.bridge.environ import ContentTypeRefused, build_environ, check_content_type
from homeroom.config.bridge.lanes import FILES, LaneFull, Lanes, choose_lane
from homeroom.config.bridge.load_limits import LoadLimits, TooManyBodies
from homeroom.config.bridge.responses import (
    Application,
    DjangoCaller,
    Send,
    StreamEnded,
    WholeResponse,
    build_plain_response,
)
from homeroom.web.shared.client_address import Network, find_client_address, is_trusted
from homeroom.web.shared.request_records import RECEIVED, record_refusal

_log = logging.getLogger(__name__)
Environ = dict[str, Any]


class Bridge:
    """Reads the body of each request in the event loop, then answers it in a thread of Django.

    `choose_rule` decides in a thread how large a body may be, `find_rule` at once where that depends on the path alone.
    """

    def __init__(
        self,
        application: Application,
        *,
        choose_rule: Callable[[Environ], BodyRule],
        proxies: Sequence[Network],
        find_rule: Callable[[Environ], BodyRule | None] = lambda _environ: None,
    ) -> None:
        self._caller, self._choose_rule, self._proxies = DjangoCaller(application), choose_rule, proxies
        self._find_rule = find_rule
        self._lanes, self._limits = Lanes(), LoadLimits()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        environ = build_environ(scope)
        environ[RECEIVED] = time.perf_counter()
        try:
            response = await self._answer(environ, receive, send)
        except (BodyLeft, StreamEnded):
            return
        except ContentTypeRefused:
            response = _refuse(environ, 400, "Send text as UTF-8: the Content-Type of the request cannot be read.")
        except BodyLate:
            response = _refuse(environ, 408, "The request did not come in time.")
        except TooManyBodies:
            response = _refuse(environ, 429, "Too much is sent from this address at once.", retry_seconds=5)
        except LaneFull:
            response = _refuse(environ, 503, "The server is busy. Try again in a moment.", retry_seconds=2)
        except Exception:  # noqa: BLE001 whatever happened, the visitor gets an answer
            response = _refuse(environ, 500, "Something went wrong here.")
            with bind_request_id(response.request_id):
                _log.exception("A request could not be answered.")
        await _send_whole(send, response)

    async def _answer(self, environ: Environ, receive: Receive, send: Send) -> WholeResponse:
        check_content_type(environ)
        lane = choose_lane(environ)
        length = environ.get("CONTENT_LENGTH", "")
        if (length.isdecimal() and int(length) > 0) or "HTTP_TRANSFER_ENCODING" in environ:
            lane = await self._read_body(environ, receive, lane=lane)
        call = partial(self._caller.call, environ, send=send, loop=asyncio.get_running_loop())
        return await self._lanes.run(lane, call)

    async def _read_body(self, environ: Environ, receive: Receive, *, lane: str) -> str:
        """Put the body into the environment and return the lane to answer in."""
        address = self._find_address(environ)
        reader = BodyReader(receive, seconds=FREE_SECONDS)
        stated = environ.get("CONTENT_LENGTH", "")
        length = int(stated) if stated.isdecimal() else None
        with self._limits.count_body(address):
            start = b""
            if length is None or length <= SMALL:
                try:
                    _set_body(environ, await reader.read_all(most_bytes=SMALL))
                    return lane
                except BodyExceeds as error:
                    start = error.start
            rule = self._find_rule(environ)
            if rule is None:
                rule = await self._lanes.run(lane, partial(self._choose_rule, environ))
            if (size := length or len(start)) > rule.most_bytes:
                _refuse_body(environ, size=size)
                return lane
            if not (rule.is_streamed and length is not None):
                await self._buffer_body(environ, reader, rule=rule, start=start, address=address)
                return lane
        reader.extend(compute_seconds(length))
        environ["wsgi.input"] = StreamedBody(reader, loop=asyncio.get_running_loop(), length=length)
        return FILES

    async def _buffer_body(
        self, environ: Environ, reader: BodyReader, *, rule: BodyRule, start: bytes, address: str
    ) -> None:
        size = int(environ.get("CONTENT_LENGTH") or min(rule.most_bytes, 16 << 20))
        with self._limits.count_large(address, size=size):
            reader.extend(compute_seconds(size))
            try:
                _set_body(environ, await reader.read_all(most_bytes=size, start=start))
            except BodyExceeds:
                _refuse_body(environ, size=size + 1)

    def _find_address(self, environ: Environ) -> str:
        peer = environ["REMOTE_ADDR"]
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        return (
            find_client_address(peer, forwarded, proxies=self._proxies)
            if is_trusted(peer, proxies=self._proxies)
            else peer
        )


def _refuse(environ: Environ, status: int, sentence: str, *, retry_seconds: int = 0) -> WholeResponse:
    """Return the response to a request that no view answers, which is recorded as others are."""
    response = build_plain_response(status, sentence, retry_seconds=retry_seconds)
    request_id = record_refusal(environ, status=status, size=len(response.body))
    return replace(response, request_id=request_id)


def _set_body(environ: Environ, body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _refuse_body(environ: Environ, *, size: int) -> None:
    """Let a page that reads the body learn that it is too large; one that does not answers as always."""
    environ["wsgi.input"] = RefusedBody()
    environ["CONTENT_LENGTH"] = str(size)


async def _send_whole(send: Send, response: WholeResponse) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})
