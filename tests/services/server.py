"""Serve a console at an address of this machine during a trial."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import unquote, urlsplit

from homeroom.ingest.remote.addresses import AddressPolicy, parse_networks
from tests.services.console import Call, Console, Reply, parse_query
from tests.services.faults import ConsoleFault, FaultScript

LOCAL_NETWORK = "127.0.0.0/8"
"""What HOMEROOM_LOCAL_CONSOLES names in a trial: the consoles of trials are at addresses of this machine."""
LOCAL_POLICY = AddressPolicy(local=parse_networks([LOCAL_NETWORK]))


@contextmanager
def serve_console(
    console: Console,
    *,
    faults: FaultScript | None = None,
    watch: Callable[[Call], None] = lambda _call: None,
    port: int = 0,
) -> Iterator[str]:
    """Serve the console and yield its address, without a slash at its end. `watch` gets each call before its reply.

    `port` is one that it was served at before, so that its address stays the same; 0 takes any free one.
    """
    server = _Server(console, faults or FaultScript(), watch, port)
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

    def __init__(self, console: Console, faults: FaultScript, watch: Callable[[Call], None], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.console, self.faults, self.watch = console, faults, watch
        self.lock = Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that go away in the middle: these trials are about them."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # of a connection that nobody closes
    wbufsize = 1 << 20  # an answer goes out at once: two writes would wait for each other
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        self._handle_request()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _handle_request(self) -> None:
        call = self._read_call()
        with self.server.lock:
            self.server.console.calls.append(call)
            self.server.watch(call)
            fault = self.server.faults.draw_next()
            if fault and fault.prepare:
                fault.prepare(self.server.console)
            reply_instead = fault.reply_instead if fault else None
            reply = reply_instead(self.server.console) if reply_instead else self.server.console.handle_call(call)
        self._send_reply(reply, fault)

    def _read_call(self) -> Call:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Call(
            method=self.command,
            path=unquote(parts.path),
            query=parse_query(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            url=f"http://{self.headers['Host']}",
        )

    def _send_reply(self, reply: Reply, fault: ConsoleFault | None) -> None:
        body = reply.content
        sent_share = fault.sent_share if fault else None
        if sent_share == 0.0:
            self._close_connection()
            return
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(self.server.console.read_clock(), usegmt=True))
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        if fault is None or fault.declares_length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if sent_share is None else body[: int(len(body) * sent_share)])
        self.wfile.flush()
        if sent_share is not None:
            self._close_connection()

    def _close_connection(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
