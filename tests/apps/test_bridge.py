"""Bodies are read before a thread is taken, in time and in bounds; responses leave their thread at once."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream, WSGIRequest

from homeroom.config.bridge import application, bodies, load_limits, responses
from homeroom.config.bridge.application import Bridge
from homeroom.config.bridge.bodies import SMALL, BodyRule
from homeroom.config.bridge.body_rules import choose_body_rule, find_agent_rule
from homeroom.config.bridge.environ import build_environ
from homeroom.config.bridge.lanes import CALLS, DOORS, PAGES, choose_lane
from homeroom.web.shared.client_address import parse_proxies
from tests.cast import Cast, create_cast

Message = Mapping[str, Any]


def build_scope(method: str = "POST", path: str = "/x", *, headers: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"a=1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50_000),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }


class FakeConnection:
    """One request whose body comes in parts, and what was sent back."""

    def __init__(self, *parts: bytes | None) -> None:
        self._parts = list(parts)
        self.sent: list[Message] = []
        self.received = 0

    async def receive(self) -> Message:
        """Return the next part; None stands for a sender who owes the rest, text for one who left."""
        if not self._parts:
            return {"type": "http.disconnect"}
        part = self._parts.pop(0)
        if part is None:
            await asyncio.Event().wait()
        self.received += len(part or b"")
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"]) if self.sent else 0

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def return_body(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    try:
        stream = LimitedStream(environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0))  # as Django reads it
        body = b"".join(iter(lambda: stream.read(SMALL), b""))
    except (RequestDataTooBig, OSError) as error:
        start_response("413 Too large", [])
        return [type(error).__name__.encode()]
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", ""))])
    return [body]


def run_coroutine(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; in a thread of its own where the browser of other tests has a loop in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(coroutine)
    else:
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, coroutine).result()


def run_request(
    connection: FakeConnection,
    scope: dict[str, Any],
    *,
    app: Any = return_body,
    rule: BodyRule = BodyRule(most_bytes=SMALL),  # noqa: B008 frozen
    bridge: Bridge | None = None,
) -> FakeConnection:
    paths: list[str] = []

    def choose_rule(environ: dict[str, Any]) -> BodyRule:
        paths.append(environ["PATH_INFO"])
        return rule

    called = bridge or Bridge(app, choose_rule=choose_rule, proxies=())
    run_coroutine(called(scope, connection.receive, connection.send))
    return connection


def state_length(length: int) -> list[tuple[str, str]]:
    return [("Content-Length", str(length))]


def test_a_small_body_is_passed_on_however_it_is_parted() -> None:
    for parts, headers in (((b"ab", b"c"), state_length(3)), ((b"abc",), [("Transfer-Encoding", "chunked")])):
        connection = run_request(FakeConnection(*parts), build_scope(headers=headers))
        assert (connection.status, connection.body) == (200, b"abc")
        assert (b"x-length", b"3") in connection.sent[0]["headers"]


def test_a_body_that_is_owed_ends_with_a_sentence_and_calls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "FREE_SECONDS", 0.01)
    for headers in (state_length(1_000), [("Transfer-Encoding", "chunked")]):
        connection = run_request(FakeConnection(b"abc", None), build_scope(headers=headers), app=None)
        assert connection.status == 408
        assert (b"connection", b"close") in connection.sent[0]["headers"]


def test_a_sender_who_leaves_gets_no_answer() -> None:
    assert run_request(FakeConnection(), build_scope(headers=state_length(3)), app=None).sent == []


def test_a_large_body_is_read_only_if_the_page_takes_it() -> None:
    size = 3 * SMALL
    parts = [b"x" * SMALL] * 3
    refused = run_request(FakeConnection(*parts), build_scope(headers=state_length(size)))
    assert (refused.status, refused.body, refused.received) == (413, b"RequestDataTooBig", 0)
    taken = run_request(FakeConnection(*parts), build_scope(headers=state_length(size)), rule=BodyRule(most_bytes=size))
    assert (taken.status, len(taken.body)) == (200, size)
    chunked = [("Transfer-Encoding", "chunked")]
    taken = run_request(FakeConnection(*parts), build_scope(headers=chunked), rule=BodyRule(most_bytes=size))
    assert (taken.status, len(taken.body)) == (200, size)
    refused = run_request(FakeConnection(*parts), build_scope(headers=chunked))
    assert (refused.status, refused.body) == (413, b"RequestDataTooBig")
    refused = run_request(FakeConnection(*parts), build_scope(headers=chunked), rule=BodyRule(most_bytes=2 * SMALL + 1))
    assert (refused.status, refused.body) == (413, b"RequestDataTooBig")


def test_files_are_read_by_their_page_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 5 * SMALL
    rule = BodyRule(most_bytes=size, is_streamed=True)
    connection = run_request(FakeConnection(*[b"x" * SMALL] * 5), build_scope(headers=state_length(size)), rule=rule)
    assert (connection.status, len(connection.body)) == (200, size)
    monkeypatch.setattr(application, "FREE_SECONDS", 0.01)
    monkeypatch.setattr(application, "compute_seconds", lambda _length: 0.01)
    connection = run_request(FakeConnection(b"x", None), build_scope(headers=state_length(size)), rule=rule)
    assert (connection.status, connection.body) == (413, b"OSError")


def test_one_address_sends_only_so_many_bodies_at_a_time() -> None:
    async def send_many() -> list[int]:
        bridge = Bridge(
            return_body, choose_rule=lambda _environ: BodyRule(most_bytes=SMALL), proxies=parse_proxies(["10.0.0.1"])
        )
        proxied = [*state_length(9), ("X-Forwarded-For", "203.0.113.9")]
        pending = [FakeConnection(b"a", None) for _ in range(load_limits.BODIES_PER_ADDRESS)]
        tasks = [
            asyncio.create_task(bridge(build_scope(headers=state_length(9)), item.receive, item.send))
            for item in pending
        ]
        await asyncio.sleep(0)
        scopes = [
            build_scope(headers=state_length(1)),
            build_scope(headers=[*state_length(1), ("X-Forwarded-For", "203.0.113.9")]),
            build_scope(headers=proxied) | {"client": ("10.0.0.1", 1)},
            build_scope(headers=state_length(1)) | {"client": ("198.51.100.9", 1)},
            build_scope("GET"),
        ]
        statuses = []
        for scope in scopes:
            connection = FakeConnection(b"a")
            await bridge(scope, connection.receive, connection.send)
            statuses.append(connection.status)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return statuses

    assert asyncio.run(send_many()) == [429, 429, 200, 200, 200]


def test_a_response_leaves_its_thread_as_a_whole_and_a_long_one_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    class Parts:
        def __iter__(self) -> Any:
            return iter([b"ab", b"", b"cd", b"ef"])

        def close(self) -> None:
            closed.append(True)

    def stream(environ: dict[str, Any], start_response: Callable[..., Any]) -> Parts:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return Parts()

    short = run_request(FakeConnection(), build_scope("GET"), app=stream)
    assert (len(short.sent), short.body) == (2, b"abcdef")
    head = run_request(FakeConnection(), build_scope("HEAD"), app=stream)
    assert (head.status, head.body) == (200, b"")
    monkeypatch.setattr(responses, "WHOLE_BYTES", 3)
    long = run_request(FakeConnection(), build_scope("GET"), app=stream)
    assert [message.get("body") for message in long.sent[1:]] == [b"abcd", b"ef", b""]
    assert closed == [True] * 3


def test_a_fault_of_the_application_is_an_answer_without_its_text() -> None:
    def fail(_environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        raise ValueError("secret")

    connection = run_request(FakeConnection(), build_scope("GET"), app=fail)
    assert connection.status == 500
    assert b"secret" not in connection.body


def read_query(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    query = WSGIRequest(environ).GET  # as every view does
    start_response("200 OK", [])
    return [query["a"].encode()]


def test_a_content_type_that_cannot_be_read_is_refused_without_a_trace_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for content_type in (
        *(
            f"text/plain; charset={name}"
            for name in ("hex", "base64", "zlib", "rot13", "undefined", "utf-7", "no-such")
        ),
        "text/plain; charset*=foo'en'%41",
        "text/plain; charset*" + "9" * 5000 + "=a",
        "x" * 20_000,
    ):
        for method, headers in (("GET", []), ("POST", state_length(2 * SMALL))):
            scope = build_scope(method, headers=[("Content-Type", content_type), *headers])
            connection = run_request(FakeConnection(b"x" * 2 * SMALL), scope, app=read_query)
            assert connection.status == 400, content_type
    assert not [record for record in caplog.records if record.exc_info]
    for content_type in ("text/plain", 'text/plain; charset="UTF-8"', "text/plain; charset=us-ascii", ";", ""):
        scope = build_scope("GET", headers=[("Content-Type", content_type)])
        assert run_request(FakeConnection(), scope, app=read_query).body == b"1", content_type


def test_the_environment_has_what_the_request_says_and_no_header_twice() -> None:
    headers = [("Cookie", "a=1"), ("Cookie", "b=2"), ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2")]
    environ = build_environ(
        build_scope(path="/p%C3%A9/%2e", headers=[*headers, ("X_Forwarded_For", "6.6.6.6"), ("Content-Type", "a/b")])
    )
    assert environ["PATH_INFO"] == "/pé/.".encode().decode("latin-1")
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1,2.2.2.2"
    assert (environ["CONTENT_TYPE"], environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("a/b", "a=1", "192.0.2.7")


def test_doors_have_threads_of_their_own() -> None:
    lanes = {
        path: choose_lane(build_environ(build_scope(method, path)))
        for method, path in (
            ("POST", "/sign-in"),
            ("POST", "/d/maple/sign-in"),
            ("POST", "/d/maple/osquery/log"),
            ("POST", "/d/maple/plan"),
            ("GET", "/"),
            ("GET", "/api/v1/loads"),
            ("POST", "/d/maple/api/v1/uploads"),
            ("GET", "/d/maple/people/api/v1"),
        )
    }
    assert list(lanes.values()) == [DOORS, DOORS, DOORS, PAGES, PAGES, CALLS, CALLS, PAGES]


def test_how_large_a_body_may_be_is_asked_in_the_lane_of_its_request() -> None:
    names: list[str] = []

    def choose_rule(_environ: dict[str, Any]) -> BodyRule:
        names.append(threading.current_thread().name.rpartition("_")[0])
        return BodyRule(most_bytes=SMALL)

    bridge = Bridge(return_body, choose_rule=choose_rule, proxies=())
    for path in ("/api/v1/uploads", "/sign-in", "/x"):
        scope = build_scope(path=path, headers=state_length(2 * SMALL))
        assert run_request(FakeConnection(), scope, bridge=bridge).status == 413
    assert names == ["homeroom-calls", "homeroom-doors", "homeroom-pages"]


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def test_what_a_request_may_bring_depends_on_its_page_and_its_visitor(cast: Cast, client: Any) -> None:
    def choose(path: str, cookie: str = "") -> tuple[int, bool]:
        environ = build_environ(build_scope(path=path, headers=[("Cookie", cookie)] if cookie else []))
        rule = choose_body_rule(environ | {"wsgi.input": io.BytesIO(b"never read")})
        return rule.most_bytes, rule.is_streamed

    client.force_login(cast.director)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    assert choose("/d/maple-valley/sources/drop") == (SMALL, False)
    assert choose("/d/maple-valley/sources/drop", cookie)[1] is True
    assert choose("/d/maple-valley/sources/drop", cookie)[0] > 1 << 30
    assert choose("/setup") == (SMALL, False)
    assert choose("/setup", cookie) == (2_621_440, False)
    assert choose("/no-such-page", cookie) == (SMALL, False)
    assert choose("/d/maple-valley/osquery/enroll") == (64 << 10, False)
    assert choose("/d/maple-valley/osquery/log") == (16 << 20, False)
    assert choose("/setup", "sessionid=guess") == (SMALL, False)
    for path, limit in (("/osquery/enroll", 64 << 10), ("/d/nowhere/osquery/log", 16 << 20)):
        fixed = find_agent_rule(build_environ(build_scope(path=path)))
        assert fixed is not None
        assert fixed.most_bytes == limit
    assert find_agent_rule(build_environ(build_scope(path="/setup"))) is None
    assert bodies.compute_seconds(0) == bodies.FREE_SECONDS
