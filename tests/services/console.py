"""The common parts of all consoles on this machine: calls, replies, expiring tokens, and daily changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from tests.services.world import World


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came. Header names are in lower case, `path` and `query` are decoded."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    url: str

    def get_param(self, name: str, default: str = "") -> str:
        return dict(self.query).get(name, default)

    def list_params(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def bearer(self) -> str:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""


def parse_query(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply: `body` is bytes, or anything that JSON can express."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()


class Console:
    """One console, with a clock that is wrong by `skew`.

    Its tokens expire after `token_seconds`, or all at once by `expire_tokens`.
    `client` is the name of the client that reads it; `secrets` are texts that must be in no file, error or log.
    """

    client = ""
    token_seconds = 3600
    secrets: tuple[str, ...] = ()

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        self.world, self.skew = world, skew
        self.calls: list[Call] = []
        self._tokens: dict[str, datetime] = {}

    def build_settings(self, url: str) -> dict[str, str]:
        """Return the settings that a person enters to connect to it, served at the url."""
        raise NotImplementedError

    def handle_call(self, call: Call) -> Reply:
        """Return the reply to a call."""
        raise NotImplementedError

    def change_rows(self) -> None:
        """Simulate a day: at least one of its rows is added, one is changed and one is removed."""
        raise NotImplementedError

    def read_clock(self) -> datetime:
        """Return the time by its own clock."""
        return self.world.read_clock() + self.skew

    def issue_token(self) -> str:
        """Issue a new token."""
        token = f"token-{len(self._tokens) + 1:04d}-{id(self):x}"
        self._tokens[token] = self.read_clock() + timedelta(seconds=self.token_seconds)
        return token

    def expire_tokens(self) -> None:
        """Expire every token so far."""
        self._tokens = dict.fromkeys(self._tokens, self.read_clock() - timedelta(seconds=1))

    def is_valid_token(self, token: str) -> bool:
        """Return True if the token is one of its own and has not expired."""
        return token in self._tokens and self.read_clock() < self._tokens[token]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Tokens issued so far."""
        return tuple(self._tokens)
