"""The verbs that stay: serve, worker and demo."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.options import Data, Json, Started, begin, errors, give_way, output, print_json, refuse, unlock

verbs = typer.Typer()

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE_SECONDS = 5
PROCESSES = min(2, os.cpu_count() or 1)
DEMO_STUDENTS, DEMO_SEED = 2000, 7
DEMO_NAME = "Maple Valley Unified (invented)"

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535)]


@verbs.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Also run the background worker.")] = True,
    workers: Annotated[
        int, typer.Option("--processes", min=0, help="Web processes; 0 for two, or one where there is one core.")
    ] = 0,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="Certificate chain (PEM), to serve HTTPS without a proxy.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The certificate's private key (PEM).")] = None,
    data: Data = None,
) -> None:
    """Serve the pages of every district in the folder, and what agents report."""
    if (certificate is None) != (key is None):
        refuse("--certificate and --key go together")
    missing = [str(path) for path in (certificate, key) if path is not None and not path.is_file()]
    if missing:
        refuse(f"there is no {', '.join(missing)}")
    if certificate is not None:
        os.environ["HOMEROOM_HTTPS"] = "1"
    unlock(data=data)
    _serve(host=host, port=port, worker=worker, processes=workers or PROCESSES, certificate=certificate, key=key)


@verbs.command()
def worker(data: Data = None) -> None:
    """Run the background worker: loads of files that were dropped in the browser, and syncs of consoles."""
    unlock(data=data)
    give_way()
    from homeroom.apps.agents.commands import wake as wake_agents
    from homeroom.apps.connections.tasks import wake as wake_consoles
    from homeroom.apps.sources.worker import run_worker

    run_worker(wake=lambda: (wake_consoles(), wake_agents()))


@verbs.command()
def demo(
    serve_it: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages once the district is judged.")
    ] = True,
    port: Port = 8000,
    as_json: Json = False,
    data: Annotated[
        str | None, typer.Option("--data", help="A folder for the demo alone; else a folder beside your data folder.")
    ] = None,
) -> None:
    """Make the sample district in a folder of its own, judge it and serve it."""
    from homeroom.evidence.folder import demo_folder

    if serve_it:
        _free("127.0.0.1", port)
    started = begin(data=data or str(demo_folder()), kind="demo")
    cast = _demo(started, quiet=as_json)
    address = f"http://127.0.0.1:{port}"
    if as_json:
        print_json({"address": address, "sign_ins": cast})
    else:
        output.print(f"\nThe demo district is judged. Address: [bold]{address}[/]\n\nSign in as:")
        for one in cast:
            output.print(f"  {one['username']:<12} {one['passphrase']}", highlight=False)
    if serve_it:
        _serve(host="127.0.0.1", port=port, worker=True, processes=1)


def _demo(started: Started, *, quiet: bool) -> list[dict[str, str]]:
    from homeroom.apps.districts.commands import demo_accounts, rename
    from homeroom.cli.inventory import resolved
    from homeroom.cli.loads import show
    from homeroom.cli.posture import assessed
    from homeroom.cli.sources import loaded
    from homeroom.sample import make

    rename(district=started.district, name=DEMO_NAME, timezone="America/Chicago")
    with tempfile.TemporaryDirectory(prefix="homeroom-sample-") as folder:
        errors.print("Making the sample district…")
        make(Path(folder), students=DEMO_STUDENTS, seed=DEMO_SEED, today=started.today)
        report = loaded(started, [Path(folder)], source=None, scope=None, approved=True, quiet=quiet, invented=True)
    if not quiet:
        show(report)
    resolved(started, quiet=quiet)
    assessed(started, quiet=quiet)
    return [
        {"username": one.username, "passphrase": one.passphrase, "role": one.role}
        for one in demo_accounts(district=started.district)
    ]


def _serve(
    *,
    host: str,
    port: int,
    worker: bool,
    processes: int,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    from django.conf import settings

    if settings.DEMO and host not in LOOPBACK:
        refuse("the demo listens on this machine's own address only (127.0.0.1)")
    _free(host, port)
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols

    server = Granian(
        "homeroom.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=4,
        log_access=False,
        log_enabled=False,
        workers_kill_timeout=PATIENCE_SECONDS,  # one that is told to end while it starts does not hear it
        ssl_cert=certificate,
        ssl_key=key,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    beside: list[subprocess.Popen[bytes]] = []
    if worker:  # once the port is bound and signals are heeded, so that no way of ending leaves it behind
        server.on_startup(lambda: beside.append(_beside()))
    output.print(f"Serving {'https' if certificate else 'http'}://{host}:{port}   (Ctrl-C ends it)")
    try:
        server.serve()
    finally:
        for one in beside:
            _ended(one)


def _free(host: str, port: int) -> None:
    """Refuses where the address cannot be had: the server itself would share a port with another that shares it."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # there it would take the port away; here it only forgives connections that just ended
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as why:
            refuse(f"cannot listen on {host}:{port} ({why.strerror or why}); choose another with --port")


def _beside() -> subprocess.Popen[bytes]:
    """The worker as a process of its own, so that a load never takes a page's time."""
    return subprocess.Popen([sys.executable, "-m", "homeroom", "worker"], env=os.environ, stdin=subprocess.DEVNULL)


def _ended(worker: subprocess.Popen[bytes]) -> None:
    """Asks the worker to end, and ends it where it is in the middle of a long job: the next one does that job again."""
    worker.terminate()
    try:
        worker.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
