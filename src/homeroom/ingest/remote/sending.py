"""The wire: one request out, one whole answer in. This module opens sockets, and `directory.py`, for directories; no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpx

from homeroom import __version__
from homeroom.ingest.remote.addresses import is_directory, origin_of
from homeroom.ingest.remote.client import Answer, Request
from homeroom.ingest.remote.directory import Directory
from homeroom.ingest.remote.faults import GARBLED, UNTRUSTED, Cut, Fault

Send = Callable[[Request, int], Answer]
"""Sends one request and reads an answer of at most so many bytes. Raises Cut, and Fault where another try cannot help."""
_SECONDS, _CONNECTING = 60.0, 15.0


@contextmanager
def opened(*, seconds: float = _SECONDS) -> Iterator[Send]:
    """A wire that keeps its connections while it is open, and waits so many seconds for each piece of an answer. The system's
    proxy and certificate settings count."""
    timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECTING))
    agent = {"User-Agent": f"Homeroom/{__version__}", "Accept": "application/json"}
    with (
        httpx.Client(timeout=timeout, headers=agent, follow_redirects=False) as client,
        closing(Directory(seconds=seconds)) as directory,
    ):
        yield (
            lambda request, most: (
                directory.sent(request, most) if is_directory(request.url) else _sent(client, request, most)
            )
        )


def _sent(client: httpx.Client, request: Request, most: int) -> Answer:
    origin_of(request.url)
    try:
        with client.stream(
            request.method,
            request.url,
            params=list(request.params) or None,
            headers=dict(request.headers),
            data=dict(request.form) if request.form is not None else None,
            json=request.json,
        ) as answer:
            return Answer(status=answer.status_code, headers=_headers(answer), body=_body(answer, most))
    except httpx.ConnectError as error:
        if "CERTIFICATE" in str(error).upper():
            raise Fault(UNTRUSTED, "this machine does not trust the console's certificate") from None
        raise Cut("no connection") from None
    except httpx.TimeoutException:
        raise Cut("no answer in time") from None
    except (httpx.TransportError, httpx.DecodingError):
        raise Cut("the connection broke") from None
    except httpx.InvalidURL:
        raise Fault(GARBLED, "that is no address; one that begins with https:// fits") from None


def _headers(answer: httpx.Response) -> dict[str, str]:
    # Several headers of one name are one list (RFC 9110, section 5.3).
    return {name.lower(): answer.headers[name] for name in answer.headers}


def _body(answer: httpx.Response, most: int) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > most:
            raise Fault(GARBLED, f"one answer has more than {most:,} bytes")
    return b"".join(parts)
