"""The HTTP transport: one request out, one complete response in.

Only this module and the LDAP transport open sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpx

from homeroom import __version__
from homeroom.ingest.remote.addresses import PUBLIC_ONLY, AddressPolicy
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.checked_network import CheckedTransport, read_limited
from homeroom.ingest.remote.deadlines import Deadline
from homeroom.ingest.remote.errors import GARBLED, UNTRUSTED, ConnectionBroken, RemoteError
from homeroom.ingest.remote.ldap_transport import LdapDirectory
from homeroom.ingest.remote.urls import is_directory, parse_origin

Send = Callable[[Request, int], Response]
"""Sends one request and reads a response of at most so many bytes.

Raises ConnectionBroken, and RemoteError if a retry cannot help.
"""
_READ_SECONDS, _CONNECT_SECONDS, _TOTAL_SECONDS = 60.0, 15.0, 180.0


@contextmanager
def open_transport(
    *,
    seconds: float = _READ_SECONDS,
    total_seconds: float = _TOTAL_SECONDS,
    session_seconds: float | None = None,
    policy: AddressPolicy = PUBLIC_ONLY,
) -> Iterator[Send]:
    """Open a transport that reuses its connections and connects to the addresses that `policy` allows.

    It waits `seconds` for each piece of a response, `total_seconds` for all of it, and `session_seconds` for everything
    that is sent by it. The system's proxy and certificate settings apply.
    """
    timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
    headers = {"User-Agent": f"Homeroom/{__version__}", "Accept": "application/json"}
    deadline = Deadline(seconds=total_seconds, session_seconds=session_seconds)
    transport = CheckedTransport(policy=policy, deadline=deadline)
    with (
        httpx.Client(timeout=timeout, headers=headers, follow_redirects=False, transport=transport) as client,
        closing(LdapDirectory(seconds=seconds, policy=policy, deadline=deadline)) as directory,
    ):
        yield (
            lambda request, max_bytes: (
                directory.send(request, max_bytes)
                if is_directory(request.url)
                else _send(client, request, max_bytes, deadline)
            )
        )


def _send(client: httpx.Client, request: Request, max_bytes: int, deadline: Deadline) -> Response:
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
                status=response.status_code,
                headers=_read_headers(response),
                body=_read_body(response, max_bytes, deadline),
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


def _read_body(response: httpx.Response, max_bytes: int, deadline: Deadline) -> bytes:
    try:
        return read_limited(response, max_bytes=max_bytes, deadline=deadline)
    except ValueError as error:
        raise RemoteError(GARBLED, str(error)) from None
