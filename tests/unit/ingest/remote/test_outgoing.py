"""Connections go to checked addresses, also after a redirect and a changed DNS answer, and end with their deadline."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from homeroom.apps.protect.vulnerabilities.feed_download import FeedRefused, download_feed
from homeroom.ingest.remote.addresses import PUBLIC_ONLY
from homeroom.ingest.remote.api_spec import Request
from homeroom.ingest.remote.checked_network import CheckedTransport
from homeroom.ingest.remote.deadlines import Deadline
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError
from homeroom.ingest.remote.http_transport import open_transport
from tests.services.server import LOCAL_POLICY

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def serve_bytes(answer: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[int, list[bytes]]]:
    """Serve connections one by one; yield the port and the heads of the requests that came."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        heads.append(connection.recv(65536))
                        answer(connection, heads[-1])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], heads
        finally:
            ended.set()
            thread.join()


def send_slowly(connection: socket.socket, part: bytes) -> None:
    """Send a part again and again, until the other side goes away."""
    for _ in range(400):
        connection.sendall(part)
        time.sleep(0.02)


def test_a_console_on_this_machine_is_refused_unless_its_network_is_named() -> None:
    with serve_bytes(lambda connection, _: connection.sendall(OK)) as (port, heads):
        with open_transport() as send, pytest.raises(RemoteError, match="HOMEROOM_LOCAL_CONSOLES"):
            send(Request(url=f"http://127.0.0.1:{port}/"), 1000)
        assert heads == []
        with open_transport(policy=LOCAL_POLICY) as send:
            assert send(Request(url=f"http://127.0.0.1:{port}/"), 1000).body == b"{}"


def test_the_checked_address_is_connected_to_and_the_host_stays_in_the_request() -> None:
    """DNS that answers something else the second time changes nothing: there is no second time."""
    answers = cycle([["127.0.0.1"], ["169.254.169.254"]])
    with serve_bytes(lambda connection, _: connection.sendall(OK)) as (port, heads):
        transport = CheckedTransport(
            policy=LOCAL_POLICY, deadline=Deadline(seconds=5), resolve=lambda _host, _port: next(answers)
        )
        with httpx.Client(transport=transport) as client:
            assert client.get(f"http://console.example:{port}/").text == "{}"
        assert f"host: console.example:{port}".encode() in heads[0].lower()
        with httpx.Client(transport=transport) as client, pytest.raises(RemoteError, match=r"169\.254\.169\.254"):
            client.get(f"http://console.example:{port}/")
        assert len(heads) == 1


def test_a_redirect_to_another_address_is_checked_as_well() -> None:
    def redirect(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://inner.example/\r\nContent-Length: 0\r\n\r\n")

    addresses = {"outer.example": ["127.0.0.1"], "inner.example": ["169.254.169.254"]}
    with serve_bytes(redirect) as (port, _):
        transport = CheckedTransport(
            policy=LOCAL_POLICY, deadline=Deadline(seconds=5), resolve=lambda host, _port: addresses[host]
        )
        client = httpx.Client(transport=transport, follow_redirects=True)
        with client, pytest.raises(RemoteError, match=r"inner\.example leads to 169\.254\.169\.254"):
            client.get(f"http://outer.example:{port}/")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "part"),
    [(HEAD, b" "), (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), (b"", b"H")],
    ids=["body", "headers", "status"],
)
def test_a_console_that_drips_ends_with_the_deadline(first: bytes, part: bytes) -> None:
    def answer(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(first)
        send_slowly(connection, part)

    with (
        serve_bytes(answer) as (port, _),
        open_transport(total_seconds=0.3, policy=LOCAL_POLICY) as send,
        pytest.raises(ConnectionBroken),
    ):
        send(Request(url=f"http://127.0.0.1:{port}/"), 1 << 20)


def test_everything_of_a_session_ends_with_its_deadline() -> None:
    now = 0.0
    deadline = Deadline(seconds=10, session_seconds=25, clock=lambda: now)
    deadline.start()
    now = 9.0
    assert deadline.limit(60) == 1
    now = 20.0
    with pytest.raises(ConnectionBroken):
        deadline.limit(60)
    deadline.start()
    assert deadline.limit(None) == 5
    now = 25.0
    with pytest.raises(RemoteError, match="no time left"):
        deadline.start()


def test_a_large_answer_is_refused() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b" " * 2000
    with (
        serve_bytes(lambda connection, _: connection.sendall(body)) as (port, _),
        open_transport(policy=LOCAL_POLICY) as send,
        pytest.raises(RemoteError, match="more than 1,000 bytes"),
    ):
        send(Request(url=f"http://127.0.0.1:{port}/"), 1000)


def test_a_feed_is_not_downloaded_from_a_local_address(tmp_path: Path) -> None:
    transport = CheckedTransport(
        policy=PUBLIC_ONLY, deadline=Deadline(seconds=5), resolve=lambda _host, _port: ["127.0.0.1"]
    )
    with pytest.raises(FeedRefused, match="not a public address"):
        download_feed(
            "https://feeds.example/feed",
            out=tmp_path / "feed.json",
            max_bytes=1000,
            progress=lambda *_: None,
            transport=transport,
        )
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_drips_ends_with_the_deadline() -> None:
    pytest.importorskip("ldap3")

    def answer(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"\x30\x84\x00\x01\x00\x00")
        send_slowly(connection, b"\x02")

    headers = {"Authorization": "Basic YTpi"}
    with serve_bytes(answer) as (port, _), open_transport(total_seconds=0.3, policy=LOCAL_POLICY) as send:
        with pytest.raises(ConnectionBroken, match="too slowly"):
            send(Request(url=f"ldap://127.0.0.1:{port}/", method="BIND", headers=headers), 1 << 20)
        with pytest.raises(RemoteError, match="HOMEROOM_LOCAL_CONSOLES"):
            send(Request(url="ldaps://10.0.0.1/", method="BIND", headers=headers), 1 << 20)
