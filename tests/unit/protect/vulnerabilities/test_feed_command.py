"""`homeroom feed` connects to the networks that HOMEROOM_LOCAL_CONSOLES names, and to no other private address."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from tests.services.certificates import create_certificate
from tests.services.server import LOCAL_NETWORK

FEED = b"cve,epss\n"


class _FeedHandler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(FEED)))
        self.end_headers()
        self.wfile.write(FEED)


@pytest.fixture
def feed_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    chain, key = create_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    monkeypatch.setenv("HOMEROOM_DATA", str(tmp_path / "data"))
    with HTTPServer(("127.0.0.1", 0), _FeedHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/feed.csv"
        server.shutdown()
        thread.join()


def run_feed(url: str, out: Path) -> Result:
    return CliRunner().invoke(build_app(), ["feed", url, "--out", str(out)])


def test_a_feed_on_a_local_network_is_downloaded_if_the_setting_names_it(
    feed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "feed.csv"
    for networks in ("", "10.0.0.0/8"):
        monkeypatch.setenv("HOMEROOM_LOCAL_CONSOLES", networks)
        refused = run_feed(feed_url, out)
        assert refused.exit_code == 2
        assert "list that network in HOMEROOM_LOCAL_CONSOLES" in " ".join(refused.output.split())
        assert not out.exists()
    monkeypatch.setenv("HOMEROOM_LOCAL_CONSOLES", f"10.0.0.0/8, {LOCAL_NETWORK}")
    assert run_feed(feed_url, out).exit_code == 0
    assert out.read_bytes() == FEED
    assert not (tmp_path / "data").exists(), "a download needs no data folder"


def test_a_setting_that_names_no_network_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_LOCAL_CONSOLES", "ten")
    refused = run_feed("https://127.0.0.1/feed.csv", tmp_path / "feed.csv")
    assert refused.exit_code == 2
    assert "'ten' is no network" in " ".join(refused.output.split())
