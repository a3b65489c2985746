"""What every console on this machine has: calls and replies, tokens that end, and what changes from one day to the next."""

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

    def param(self, name: str, otherwise: str = "") -> str:
        return dict(self.query).get(name, otherwise)

    def params(self, name: str) -> list[str]:
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


def query_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer: `body` is bytes, or anything that JSON can say."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()


class Console:
    """One console. Its clock goes `skew` wrong; its tokens end after `token_seconds` and all at once by `expire`.

    `client` is the name of the client that reads it; `secrets` are texts that must be in no file, error or log.
    """

    client = ""
    token_seconds = 3600
    secrets: tuple[str, ...] = ()

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        self.world, self.skew = world, skew
        self.calls: list[Call] = []
        self._tokens: dict[str, datetime] = {}

    def settings(self, url: str) -> dict[str, str]:
        """What a person enters to connect to it, when it is served at the url."""
        raise NotImplementedError

    def answer(self, call: Call) -> Reply:
        """What it says to a call."""
        raise NotImplementedError

    def change(self) -> None:
        """A day goes by: at least one row comes, one changes and one goes of what it lists."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The time by its own clock."""
        return self.world.now() + self.skew

    def issue(self) -> str:
        """A new token."""
        token = f"token-{len(self._tokens) + 1:04d}-{id(self):x}"
        self._tokens[token] = self.now() + timedelta(seconds=self.token_seconds)
        return token

    def expire(self) -> None:
        """Every token so far has ended."""
        self._tokens = dict.fromkeys(self._tokens, self.now() - timedelta(seconds=1))

    def good(self, token: str) -> bool:
        """Whether a token is one of its own and has not ended."""
        return token in self._tokens and self.now() < self._tokens[token]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that it gave."""
        return tuple(self._tokens)
