"""The HTTP transport: one request out, one complete response in.

Only this module and the LDAP transport open sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpx

from homeroom import __version__
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.errors import GARBLED, UNTRUSTED, ConnectionBroken, RemoteError
from homeroom.ingest.remote.ldap_transport import LdapDirectory
from homeroom.ingest.remote.urls import is_directory, parse_origin

Send = Callable[[Request, int], Response]
"""Sends one request and reads a response of at most so many bytes.

Raises ConnectionBroken, and RemoteError if a retry cannot help.
"""
_READ_SECONDS, _CONNECT_SECONDS = 60.0, 15.0


@contextmanager
def open_transport(*, seconds: float = _READ_SECONDS) -> Iterator[Send]:
    """Open a transport that reuses its connections and waits so many seconds for each piece of a response.

    The system's proxy and certificate settings apply.
    """
    timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
    headers = {"User-Agent": f"Homeroom/{__version__}", "Accept": "application/json"}
    with (
        httpx.Client(timeout=timeout, headers=headers, follow_redirects=False) as client,
        closing(LdapDirectory(seconds=seconds)) as directory,
    ):
        yield (
            lambda request, max_bytes: (
                directory.send(request, max_bytes) if is_directory(request.url) else _send(client, request, max_bytes)
            )
        )


def _send(client: httpx.Client, request: Request, max_bytes: int) -> Response:
    parse_origin(request.url)
    try:
        with client.stream(
            request.method,
            request.url,
            params=list(request.params) or None,
            headers=dict(request.headers),
            data=dict(request.form) if request.form is not None else None,
            json=request.json,
        ) as response:
            return Response(
                status=response.status_code, headers=_read_headers(response), body=_read_body(response, max_bytes)
            )
    except httpx.ConnectError as error:
        if "CERTIFICATE" in str(error).upper():
            raise RemoteError(UNTRUSTED, "this machine does not trust the console's certificate") from None
        raise ConnectionBroken("no connection") from None
    except httpx.TimeoutException:
        raise ConnectionBroken("no answer in time") from None
    except (httpx.TransportError, httpx.DecodingError):
        raise ConnectionBroken("the connection broke") from None
    except httpx.InvalidURL:
        raise RemoteError(GARBLED, "that is no address; one that begins with https:// fits") from None


def _read_headers(response: httpx.Response) -> dict[str, str]:
    # Several headers of one name are one list (RFC 9110, section 5.3).
    return {name.lower(): response.headers[name] for name in response.headers}


def _read_body(response: httpx.Response, max_bytes: int) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise RemoteError(GARBLED, f"one answer has more than {max_bytes:,} bytes")
    return b"".join(parts)
