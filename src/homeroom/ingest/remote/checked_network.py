"""Connections of HTTP clients: each to an address that was checked, none longer than its deadline.

A host is resolved once, here, and the connection is made to the address that was checked; certificate and Host header
are still those of the host. Each redirect is another connection, so it is checked like the first.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from homeroom.ingest.remote.addresses import AddressPolicy, Resolve
from homeroom.ingest.remote.deadlines import Deadline
from homeroom.ingest.remote.errors import ASTRAY, RemoteError


class CheckedTransport(httpx.HTTPTransport):
    """An HTTP transport that connects to allowed addresses alone, within a deadline that each request starts.

    The system's certificates apply, and its proxy: that resolves hosts itself, so only a literal address is checked.
    """

    def __init__(self, *, policy: AddressPolicy, deadline: Deadline, resolve: Resolve | None = None) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context)
        self._policy, self._deadline, self._context = policy, deadline, context
        self._proxies: dict[str, httpx.HTTPTransport] = {}
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=20,
            keepalive_expiry=5.0,
            network_backend=CheckedBackend(policy=policy, deadline=deadline, resolve=resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raise RemoteError if its host may not be connected to."""
        self._deadline.start()
        proxy = _find_proxy(request.url)
        if not proxy:
            return super().handle_request(request)
        self._check_literal(request.url.host)
        transport = self._proxies.setdefault(proxy, httpx.HTTPTransport(verify=self._context, proxy=proxy))
        return transport.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        super().close()
        for transport in self._proxies.values():
            transport.close()

    def _check_literal(self, host: str) -> None:
        try:
            allowed = self._policy.allows(host)
        except ValueError:
            allowed = host != "localhost" and not host.endswith(".localhost")
        if not allowed:
            raise RemoteError(ASTRAY, f"{host} is not a public address, and the proxy is not asked for it")


class CheckedBackend(httpcore.NetworkBackend):
    """Makes the connections of a pool."""

    def __init__(self, *, policy: AddressPolicy, deadline: Deadline, resolve: Resolve | None = None) -> None:
        self._policy, self._deadline, self._resolve = policy, deadline, resolve
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers."""
        addresses = self._policy.select_addresses(host, port, resolve=self._resolve)
        options = tuple(socket_options or ())
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout, local_address, options)

    def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        options: tuple[httpcore.SOCKET_OPTION, ...],
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(
            address,
            port,
            timeout=self._deadline.limit(timeout),
            local_address=local_address,
            socket_options=options or None,
        )
        return _LimitedStream(stream, self._deadline)


class _LimitedStream(httpcore.NetworkStream):
    """A stream whose every step ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.limit(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._deadline.limit(timeout)
        return _LimitedStream(self._stream.start_tls(ssl_context, server_hostname, limit), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _find_proxy(url: httpx.URL) -> str:
    """Return the proxy that the system names for a URL, or empty text."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all", "")
    return "" if not proxy or proxy_bypass(url.host) else proxy if "://" in proxy else f"http://{proxy}"


def read_limited(response: httpx.Response, *, max_bytes: int, deadline: Deadline) -> bytes:
    """Return the body of a response. Raise ConnectionBroken if it takes too long, ValueError if it is too large."""
    parts, size = [], 0
    for part in response.iter_bytes():
        deadline.limit(None)
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise ValueError(f"one answer has more than {max_bytes:,} bytes")
    return b"".join(parts)
