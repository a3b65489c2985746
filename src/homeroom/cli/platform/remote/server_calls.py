"""Calls of a server's endpoints over HTTPS, with a token from a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import httpx
import msgspec

from homeroom import __version__
from homeroom.apps.platform.endpoints.catalog import PREFIX
from homeroom.apps.platform.endpoints.endpoint import CallRefused, Endpoint, NoParameters
from homeroom.apps.platform.endpoints.own_token import SHOW_TOKEN
from homeroom.cli.startup.remote_options import RemoteOptions

TIMEOUT = httpx.Timeout(120, connect=15, write=600)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MAX_TOKEN_BYTES, _MAX_WAIT_DIGITS = 1024, 6


class ServerRefused(Exception):
    """A server cannot be called like that; the text is the reason, and what to do.

    `is_temporary` if the same call may work later, since no answer came.
    """

    def __init__(self, reason: str, *, is_temporary: bool = False) -> None:
        super().__init__(reason)
        self.is_temporary = is_temporary


class ServerCalls:
    """The endpoints of a server. `transport` replaces the network in tests."""

    def __init__(
        self, options: RemoteOptions, *, district: str | None, transport: httpx.BaseTransport | None = None
    ) -> None:
        prefix = f"/d/{quote(district, safe='')}" if district else ""
        server = check_server(options.server)
        self._client = httpx.Client(
            base_url=f"{server}{prefix}{PREFIX}",
            headers={"Authorization": f"Bearer {read_token_file(options.token_file)}", "User-Agent": _AGENT},
            timeout=TIMEOUT,
            follow_redirects=False,
            transport=transport,
            trust_env=urlsplit(server).scheme == "https",  # a proxy would read the token in clear
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the token's district."""
        return ZoneInfo(self.call(SHOW_TOKEN, NoParameters()).timezone)

    def call[Q, R](self, endpoint: Endpoint[Q, R], parameters: Q, *, files: Sequence[Path] = ()) -> R:
        """Return the document of an endpoint. Raise CallRefused, and ServerRefused if no answer comes."""
        values: dict[str, Any] = asdict(parameters)  # type: ignore[call-overload]
        path = endpoint.path.format(**{name: quote(str(values[name]), safe="") for name in endpoint.path_names})
        fields = {name: str(values[name]) for name in endpoint.query_names}
        with ExitStack() as stack:
            uploads = [("files", (file.name, stack.enter_context(_open_file(file)))) for file in files]
            try:
                response = self._client.request(
                    endpoint.method,
                    path,
                    params=None if endpoint.takes_files else fields,
                    data=fields if endpoint.takes_files else None,
                    files=uploads or None,
                )
            except httpx.HTTPError as error:
                raise ServerRefused(_describe_error(error), is_temporary=True) from None
        if response.status_code != httpx.codes.OK:
            wait = response.headers.get("Retry-After", "")
            raise CallRefused(
                _read_reason(response),
                status=response.status_code,
                retry_seconds=int(wait) if wait.isdecimal() and len(wait) < _MAX_WAIT_DIGITS else 0,
            )
        try:
            return msgspec.json.decode(response.content, type=endpoint.result)
        except msgspec.DecodeError:
            raise ServerRefused("the server's answer is of another version; install the same version here") from None


_AGENT = f"Homeroom/{__version__}"


def check_server(server: str) -> str:
    """Return the address of a server; raise ServerRefused for none, and for one that would send the token in clear."""
    parts = urlsplit(server)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ServerRefused(f"--server {server!r} must be an address such as https://homeroom.example.org")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ServerRefused("http:// would send the token in clear; use https://")
    return server


def read_token_file(path: Path | None) -> str:
    """Return the token in a file; raise ServerRefused if it cannot be read, or others can read it too."""
    if path is None:
        raise ServerRefused("name the file with the API token: --token-file or HOMEROOM_TOKEN_FILE")
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()[: _MAX_TOKEN_BYTES + 1]
    except OSError as error:
        raise ServerRefused(f"cannot read the token in {path}: {error.strerror or error}") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ServerRefused(f"others can read {path}; run: chmod 600 {path}")
    words = text.decode("ascii", "replace").split()
    if len(words) != 1 or not text.isascii() or not words[0].isprintable():
        raise ServerRefused(f"{path} has to hold one token and nothing else")
    return words[0]


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ServerRefused(f"cannot read {path}: {error.strerror or error}") from None


def _read_reason(response: httpx.Response) -> str:
    try:
        document = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        document = {}
    reason = document.get("error")
    if isinstance(reason, str):
        return reason
    return f"the server answered {response.status_code} {response.reason_phrase}; is this the address of a Homeroom?"


def _describe_error(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the server did not answer in time"
    return f"the server cannot be reached: {error or type(error).__name__}"
