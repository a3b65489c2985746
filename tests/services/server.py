"""Serves a console at an address of this machine while a trial lasts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import unquote, urlsplit

from tests.services.console import Call, Console, Reply, query_of
from tests.services.troubles import Trouble, Troubles


@contextmanager
def served(
    console: Console,
    *,
    troubles: Troubles | None = None,
    watch: Callable[[Call], None] = lambda _call: None,
    port: int = 0,
) -> Iterator[str]:
    """The address of the console while it is served, without a slash at its end. `watch` sees each call before it is answered.

    `port` is one that it was served at before, so that its address stays the same; 0 takes any that is free.
    """
    server = _Server(console, troubles or Troubles(), watch, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, console: Console, troubles: Troubles, watch: Callable[[Call], None], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.console, self.troubles, self.watch = console, troubles, watch
        self.lock = Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these trials are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # of a connection that nobody closes
    wbufsize = 1 << 20  # an answer goes out at once: two writes would wait for each other
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        call = self._call()
        with self.server.lock:
            self.server.console.calls.append(call)
            self.server.watch(call)
            trouble = self.server.troubles.next()
            if trouble and trouble.before:
                trouble.before(self.server.console)
            instead = trouble.instead if trouble else None
            reply = instead(self.server.console) if instead else self.server.console.answer(call)
        self._send(reply, trouble)

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Call(
            method=self.command,
            path=unquote(parts.path),
            query=query_of(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            url=f"http://{self.headers['Host']}",
        )

    def _send(self, reply: Reply, trouble: Trouble | None) -> None:
        body = reply.sent
        cut = trouble.sent if trouble else None
        if cut == 0.0:
            self._hang_up()
            return
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(self.server.console.now(), usegmt=True))
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        if trouble is None or trouble.length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if cut is None else body[: int(len(body) * cut)])
        self.wfile.flush()
        if cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
