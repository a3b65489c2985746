"""Connections that owe bytes hold no page: neither those that owe a body nor those that owe a header."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.amounts import choose_amount
from tests.apps.test_serving import find_free_port, run_server
from tests.data_folders import prepare_data_folder

SECONDS = 60
AMOUNTS = choose_amount(brief=(16,), thorough=(16, 200))
UNFINISHED = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\nusername=",
    b"POST /sources/drop HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    b"GET / HTTP/1.1\r\nHost: 127",
    b"",
)


@contextmanager
def open_unfinished(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open so many connections of each kind that never send the rest."""
    with ExitStack() as stack:
        connections = []
        for start in UNFINISHED * count:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=SECONDS))
            connection.sendall(start)
            connections.append(connection)
        yield connections


def fetch_page(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=SECONDS) as response:
        response.read()
        return int(response.status)


def test_connections_that_owe_bytes_hold_no_page_and_are_ended(tmp_path: Path) -> None:
    port = find_free_port()
    with run_server(prepare_data_folder(tmp_path / "data"), "--no-worker", "--processes", "1", port=port):
        for count in AMOUNTS:
            with open_unfinished(port, count) as connections:
                assert [fetch_page(port) for _ in range(10)] == [200] * 10
                answers = [_read_end(connection) for connection in connections]
            statuses = {answer[:12] for answer in answers}
            assert statuses <= {b"", b"HTTP/1.1 408", b"HTTP/1.1 429", b"HTTP/1.1 400"}
            assert b"HTTP/1.1 408" in statuses
            assert fetch_page(port) == 200


def _read_end(connection: socket.socket) -> bytes:
    """Return what the server sends until it ends the connection."""
    parts = []
    try:
        while part := connection.recv(4096):
            parts.append(part)
    except (TimeoutError, ConnectionError):
        pass
    return b"".join(parts)
