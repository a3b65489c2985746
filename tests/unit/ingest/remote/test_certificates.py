"""A console that shows a certificate that nobody vouches for, or another's, learns nothing."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.ingest.remote.addresses import build_policy
from homeroom.ingest.remote.api_spec import Request
from homeroom.ingest.remote.errors import UNTRUSTED, RemoteError
from homeroom.ingest.remote.http_transport import open_transport
from tests.services.certificates import create_certificate


class _Console(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012  shared by the server's requests

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def console(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Serve a console by a certificate of its own; yield its port and the file of the certificate."""
    chain, key = create_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with http.server.HTTPServer(("127.0.0.1", 0), _Console) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port, chain
        server.shutdown()
        thread.join()


def ask(host: str, port: int) -> int:
    request = Request(method="GET", url=f"https://{host}:{port}/devices", headers={"Authorization": "Bearer planted"})
    policy = build_policy("127.0.0.1/32")
    with open_transport(seconds=5, total_seconds=5, policy=policy) as send:
        return send(request, 1_000).status


def test_a_certificate_that_nobody_vouches_for_is_refused_before_a_secret_is_sent(console: tuple[int, Path]) -> None:
    port, _ = console
    _Console.asked.clear()
    with pytest.raises(RemoteError) as refused:
        ask("127.0.0.1", port)
    assert refused.value.reason == UNTRUSTED
    assert _Console.asked == []


def test_a_certificate_that_is_trusted_is_taken(console: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    port, chain = console
    _Console.asked.clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    assert ask("127.0.0.1", port) == 200
    assert _Console.asked == ["Bearer planted"]
