"""The examples for Caddy and nginx work before a real server: HTTPS, cookies, and whose address is believed."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.content.walkthrough import ROOT
from tests.sample_server import find_free_port, kill_process, run_process, serve_data, wait_until
from tests.services.certificates import create_certificate

pytestmark = pytest.mark.scale
HOST = "homeroom.example.org"
ORIGIN = f"https://{HOST}"
SETTINGS = {
    "HOMEROOM_HTTPS": "1",
    "HOMEROOM_PROXIES": "127.0.0.1",
    "HOMEROOM_HOSTS": f"{HOST},127.0.0.1",
    "HOMEROOM_ORIGINS": ORIGIN,
}
TRIES = 5
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def write_nginx(folder: Path, *, upstream: str, port: int) -> list[str]:
    """Write the example with a certificate, ports and server of this test; return the command that runs it."""
    chain, key = create_certificate(folder)
    text = (ROOT / "deploy" / "nginx" / "homeroom.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/homeroom/chain.pem", str(chain)).replace("/etc/homeroom/key.pem", str(key))
    text = re.sub(r"listen (\S*?)443", rf"listen \g<1>{port}", text)
    text = re.sub(r"listen (\S*?)80;", rf"listen \g<1>{find_free_port()};", text)
    (folder / "homeroom.conf").write_text(text.replace("http://127.0.0.1:8000", upstream), encoding="utf-8")
    main = folder / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    main.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} include {folder}/homeroom.conf; }}\n",
        encoding="utf-8",
    )
    command = [str(_find("nginx")), "-c", str(main), "-p", str(folder)]
    assert subprocess.run([*command, "-t"], capture_output=True, check=False).returncode == 0
    return command


def write_caddy(folder: Path, *, upstream: str, port: int) -> list[str]:
    """Write the example with Caddy's own authority instead of one on the internet; return the command that runs it."""
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    path = folder / "Caddyfile"
    ports = f"\thttp_port {find_free_port()}\n\thttps_port {port}\n"
    text = text.replace("{\n", f"{{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n{ports}", 1)
    path.write_text(text.replace("127.0.0.1:8000", upstream.removeprefix("http://")), encoding="utf-8")
    options = ["--adapter", "caddyfile", "--config", str(path)]
    assert subprocess.run([str(_find("caddy")), "validate", *options], capture_output=True, check=False).returncode == 0
    return [str(_find("caddy")), "run", *options]


def _find(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))


PROXIES = [
    pytest.param(
        write,
        id=name,
        marks=pytest.mark.skipif(_find(name) is None, reason=f"{name} is not installed; apt-get install {name}"),
    )
    for name, write in (("nginx", write_nginx), ("caddy", write_caddy))
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a district with one user behind a trusted proxy; yield the server's own address."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    run_process("users", "add", "technician", "--role", "technician", data=data)
    protect_director(data)
    with serve_data(data, worker=False, **SETTINGS) as address:
        yield address


def protect_director(data: Path) -> None:
    """Add a director with a second step, without whom nothing is served through a proxy."""
    run_process("users", "add", "director", "--role", "director", data=data)
    run_process("mfa", "codes", "director", data=data)


@contextmanager
def run_proxy(write: Callable[..., list[str]], folder: Path, *, upstream: str) -> Iterator[int]:
    """Run a proxy before the server; yield its port for HTTPS."""
    port = find_free_port()
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder / "home")}
    child = subprocess.Popen(
        write(folder, upstream=upstream, port=port),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: child.poll() is None and _is_serving(port))
        yield port
    finally:
        kill_process(child)


def _is_serving(port: int) -> bool:
    try:
        with open_client("127.0.0.1", port=port) as client:
            return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def open_client(address: str, *, port: int) -> httpx.Client:
    """Return a browser at an address of this machine that reaches the proxy under the district's name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    transport = _ToProxy(port, httpx.HTTPTransport(local_address=address, verify=context))
    return httpx.Client(base_url=ORIGIN, transport=transport, timeout=30)


class _ToProxy(httpx.BaseTransport):
    """A name server of its own: the district's name is the proxy's port on this machine."""

    def __init__(self, port: int, inner: httpx.HTTPTransport) -> None:
        self.port, self.inner = port, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        forwarded = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1", port=self.port),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": HOST},
        )
        return self.inner.handle_request(forwarded)

    def close(self) -> None:
        self.inner.close()


def try_wrong_passphrase(client: httpx.Client, *, forged: str = "") -> int:
    """Try to sign in from the form, perhaps with a forged address; return the status."""
    token = _TOKEN.search(client.get("/sign-in").text)
    assert token is not None
    form = {"username": "technician", "password": "wrong", "csrfmiddlewaretoken": token[1]}
    headers = {"Referer": f"{ORIGIN}/sign-in"} | ({"X-Forwarded-For": forged} if forged else {})
    return client.post("/sign-in", data=form, headers=headers).status_code


def test_nginx_logs_no_address_with_what_was_searched_for() -> None:
    text = (ROOT / "deploy" / "nginx" / "homeroom.conf").read_text(encoding="utf-8")
    servers = text.split("server {")[1:]
    assert len(servers) == 2
    assert all("access_log off;" in server and "error_log stderr crit;" in server for server in servers)


@pytest.mark.skipif(_find("caddy") is None, reason="caddy is not installed; apt-get install caddy")
def test_caddy_logs_that_the_server_does_not_answer_and_nothing_of_the_request(tmp_path: Path) -> None:
    port = find_free_port()
    command = write_caddy(tmp_path, upstream=f"http://127.0.0.1:{find_free_port()}", port=port)
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home")}
    with (tmp_path / "log").open("w") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: child.poll() is None and _is_listening(port))
        with open_client("127.0.0.1", port=port) as client:
            status = client.get("/people?q=Torres", headers={"Referer": f"{ORIGIN}/people?q=Torres"}).status_code
    finally:
        kill_process(child)
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert (status, "connection refused" in text, "Torres" in text) == (502, True, False)


def _is_listening(port: int) -> bool:
    try:
        with open_client("127.0.0.1", port=port) as client:
            return client.get("/").status_code > 0
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("name", ["traceparent", "tracestate", "baggage"])
def test_no_proxy_hands_on_the_traces_that_a_visitor_states(name: str) -> None:
    deploy = ROOT / "deploy"
    assert f'proxy_set_header {name} "";' in (deploy / "nginx" / "homeroom.conf").read_text(encoding="utf-8")
    assert f"header_up -{name}\n" in (deploy / "caddy" / "Caddyfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("write", PROXIES)
def test_a_proxy_reports_its_visitors_and_nobody_else_is_believed(
    write: Callable[..., list[str]], server: str, tmp_path: Path
) -> None:
    network = "127.7" if write is write_nginx else "127.8"  # the server counts tries by network: own ones each
    with run_proxy(write, tmp_path, upstream=server) as port:
        with open_client(f"{network}.1.1", port=port) as client:
            answer = client.get("/sign-in")
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            forged_id = "0" * 32
            assert client.get("/sign-in", headers={"X-Request-ID": forged_id}).headers["X-Request-ID"] != forged_id
            assert answer.headers["Set-Cookie"].startswith("__Host-csrftoken=")
            assert "Secure" in answer.headers["Set-Cookie"]
            forged = [try_wrong_passphrase(client, forged=f"203.0.113.{number}") for number in range(TRIES + 2)]
        with open_client(f"{network}.2.1", port=port) as neighbor:
            elsewhere = try_wrong_passphrase(neighbor)
    assert forged == [422] * TRIES + [429] * 2  # a forged address is no way around the wait
    assert elsewhere == 422  # and a visitor in another network does not wait for it


def test_without_the_setting_no_form_of_a_proxy_is_taken(tmp_path: Path) -> None:
    protect_director(tmp_path / "data")
    with (
        serve_data(tmp_path / "data", worker=False, **{**SETTINGS, "HOMEROOM_PROXIES": ""}) as address,
        httpx.Client(base_url=address, headers={"Host": HOST, "X-Forwarded-Proto": "https"}) as client,
    ):
        token = _TOKEN.search(client.get("/sign-in").text)
        assert token is not None
        form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token[1]}
        answer = client.post("/sign-in", data=form, headers={"Origin": "https://elsewhere.example.org"})
    assert answer.status_code == 403
