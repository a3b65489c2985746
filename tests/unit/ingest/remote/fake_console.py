"""A fake console in memory that answers one request after another from a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from homeroom.ingest.remote.api_session import ApiSession, RetryPolicy
from homeroom.ingest.remote.api_spec import (
    AccessToken,
    ApiSpec,
    Exchange,
    Feed,
    FeedPage,
    Request,
    Response,
    SettingField,
    Settings,
    SyncStart,
)
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.errors import ConnectionBroken
from homeroom.ingest.remote.pagination import page_by_token

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
CONSOLE_URL = "https://console.example.org"
SECRET = "a-very-secret-word"


class FakeClock:
    """A clock that moves when it sleeps."""

    def __init__(self) -> None:
        self.at, self.slept = NOW, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep, chance=lambda: 0.5)


class FakeConsole:
    """Answers by script: each entry is a response, an exception to raise, or a function of the request."""

    def __init__(self, *script: Response | Exception | Callable[[Request], Response]) -> None:
        self.script, self.requests = list(script), list[Request]()

    def __call__(self, request: Request, max_bytes: int) -> Response:
        self.requests.append(request)
        entry = self.script.pop(0)
        if isinstance(entry, Exception):
            raise entry
        return entry if isinstance(entry, Response) else entry(request)


def build_response(document: object, status: int = 200, **headers: str) -> Response:
    header_values = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=header_values, body=msgspec.json.encode(document))


def break_connection() -> ConnectionBroken:
    return ConnectionBroken("the connection broke")


def authorize_until(settings: Settings, exchange: Exchange, at: datetime) -> AccessToken:
    """Sign requests with a token that expires after the seconds in the scripted response."""
    response = exchange(Request(url=f"{CONSOLE_URL}/token", method="POST", form={"secret": settings["secret"]}))
    return AccessToken(
        headers={"Authorization": "Bearer t"}, expires_at=at + timedelta(seconds=response.document["seconds"])
    )


def authorize_forever(_settings: Settings, _exchange: Exchange, _at: datetime) -> AccessToken:
    return AccessToken(headers={"Authorization": "Bearer t"})


def build_feed(**overrides: object) -> Feed:
    """Build a feed of things whose pages continue by a token."""

    def first(_settings: Settings, start: SyncStart) -> Request:
        params = (("since", start.since.isoformat()),) if start.since else ()
        return Request(url=f"{CONSOLE_URL}/things", params=params)

    defaults = {"id": "things", "title": "things", "kind": "x.things", "first": first, "scopes": ("things.read",)}
    return Feed(**{**defaults, "next": page_by_token(param="page", path="next"), **overrides})  # type: ignore[arg-type]


def build_api_spec(*feeds: Feed, authorize: object = authorize_forever, **overrides: object) -> ApiSpec:
    defaults = {"name": "x", "title": "X", "settings": (SettingField(name="secret", title="Secret", secret=True),)}
    return ApiSpec(**{**defaults, "feeds": feeds or (build_feed(),), "authorize": authorize, **overrides})  # type: ignore[arg-type]


def build_session(
    console: FakeConsole, time: FakeClock, *, spec: ApiSpec | None = None, stopped: Sequence[bool] = ()
) -> ApiSession:
    cancellations = iter(stopped)
    return ApiSession(
        spec=spec or build_api_spec(),
        settings={"secret": SECRET},
        send=console,
        clock=time.clock,
        cancelled=lambda: next(cancellations, False),
        retry_policy=RetryPolicy(tries=4),
    )


def get_total(page: FeedPage) -> int | None:
    value = page.document.get("total")
    return value if isinstance(value, int) else None
