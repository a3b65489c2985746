"""A console of a few lines, in memory, for what the engine does with one answer after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from homeroom.ingest.remote.client import Answer, Client, Exchange, Feed, Field, Page, Request, Settings, Start, Token
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.faults import Cut
from homeroom.ingest.remote.line import Line, Patience
from homeroom.ingest.remote.paging import by_token

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
HERE = "https://console.example.org"
SECRET = "a-very-secret-word"


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.at, self.slept = NOW, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep, chance=lambda: 0.5)


class Wire:
    """Answers by script: each entry is an answer, an exception to raise, or a function of the request."""

    def __init__(self, *script: Answer | Exception | Callable[[Request], Answer]) -> None:
        self.script, self.asked = list(script), list[Request]()

    def __call__(self, request: Request, most: int) -> Answer:
        self.asked.append(request)
        told = self.script.pop(0)
        if isinstance(told, Exception):
            raise told
        return told if isinstance(told, Answer) else told(request)


def said(document: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=msgspec.json.encode(document))


def cut() -> Cut:
    return Cut("the connection broke")


def token(settings: Settings, exchange: Exchange, at: datetime) -> Token:
    """Signs with what the script says of the token's end."""
    answer = exchange(Request(url=f"{HERE}/token", method="POST", form={"secret": settings["secret"]}))
    return Token(headers={"Authorization": "Bearer t"}, expires_at=at + timedelta(seconds=answer.document["seconds"]))


def static(_settings: Settings, _exchange: Exchange, _at: datetime) -> Token:
    return Token(headers={"Authorization": "Bearer t"})


def things(**more: object) -> Feed:
    """A list of things, whose pages lead on by a token."""

    def first(_settings: Settings, start: Start) -> Request:
        params = (("since", start.since.isoformat()),) if start.since else ()
        return Request(url=f"{HERE}/things", params=params)

    about = {"id": "things", "title": "things", "kind": "x.things", "first": first, "scopes": ("things.read",)}
    return Feed(**{**about, "next": by_token(param="page", at="next"), **more})  # type: ignore[arg-type]


def client(*feeds: Feed, authorise: object = static, **more: object) -> Client:
    about = {"name": "x", "title": "X", "settings": (Field(name="secret", title="Secret", secret=True),)}
    return Client(**{**about, "feeds": feeds or (things(),), "authorise": authorise, **more})  # type: ignore[arg-type]


def line(wire: Wire, time: Time, *, of: Client | None = None, stopped: Sequence[bool] = ()) -> Line:
    asked = iter(stopped)
    return Line(
        client=of or client(),
        settings={"secret": SECRET},
        send=wire,
        clock=time.clock,
        cancelled=lambda: next(asked, False),
        patience=Patience(tries=4),
    )


def total(page: Page) -> int | None:
    found = page.document.get("total")
    return found if isinstance(found, int) else None
