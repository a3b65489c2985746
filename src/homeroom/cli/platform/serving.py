"""Commands that keep running: serve, worker and demo."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.options import (
    Data,
    lower_priority,
    output,
    prepare_data_folder,
    refuse,
)
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()

SHUTDOWN_SECONDS = 5
HEADER_MILLISECONDS, MAX_HEADER_BYTES = 10_000, 64 * 1024
BACKLOG, CONNECTIONS = 2048, 600
"""Connections that wait to be accepted, and that one web process holds at a time."""
PROCESSES = min(2, os.cpu_count() or 1)

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535)]


@verbs.command()
@require_permission("installation.operate")
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
    """Start the server for the pages of all districts in the folder, and for agents."""
    if (certificate is None) != (key is None):
        refuse("--certificate and --key go together")
    missing = [str(path) for path in (certificate, key) if path is not None and not path.is_file()]
    if missing:
        refuse(f"there is no {', '.join(missing)}")
    if certificate is not None:
        os.environ["HOMEROOM_HTTPS"] = "1"
    prepare_data_folder(data=data)
    _serve(host=host, port=port, worker=worker, processes=workers or PROCESSES, certificate=certificate, key=key)


@verbs.command()
@require_permission("installation.operate")
def worker(
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
    ended_process: Annotated[int, typer.Option("--ended-process", hidden=True)] = 0,
    ended_by: Annotated[int, typer.Option("--ended-by", hidden=True)] = 0,
    data: Data = None,
) -> None:
    """Run the background worker: loads of files that were dropped in the browser, and syncs of consoles."""
    from homeroom.cli.platform.service.orphans import end_with_supervisor
    from homeroom.cli.startup.ended_process import EndedProcess, record_ended_process

    if supervised:
        end_with_supervisor()
    record_ended_process(EndedProcess(pid=ended_process, exit_code=ended_by))
    prepare_data_folder(data=data)
    lower_priority()
    from homeroom.apps.platform.telemetry.start import start_telemetry

    start_telemetry()
    from homeroom.apps.know.sources.worker import run_worker
    from homeroom.cli.platform.service.clocks import WorkerClocks

    run_worker(queue_due=WorkerClocks().run_all, ended_process=ended_process)


def serve_in_new_program(folder: Path, *, port: int) -> None:
    """Serve a data folder in a program that replaces this one.

    Web processes are forked, and the thread pools that assessed the district would be dead in them.
    """
    options = ["serve", "--data", str(folder), "--port", str(port), "--processes", "1"]
    command = [sys.executable, "-m", "homeroom", *options]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # there the new program would have another process id
        raise SystemExit(subprocess.call(command))  # noqa: S603  (a port and our own folder)
    os.execv(sys.executable, command)  # noqa: S606  (likewise)


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
    from django.utils import timezone

    from homeroom.cli.platform.users.exposure import check_network_exposure, describe_exposure, is_loopback

    if settings.DEMO and not is_loopback(host):
        refuse("the demo listens on this machine's own address only (127.0.0.1)")
    exposure = describe_exposure(host=host, has_proxies=bool(settings.PROXIES), names=settings.ALLOWED_HOSTS)
    if exposure and not settings.DEMO:
        check_network_exposure(exposure=exposure, has_tls=settings.HTTPS, at=timezone.now())
    check_port_free(host, port)
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.http import HTTP1Settings

    from homeroom.apps.platform.telemetry.counters import remove_counter_files
    from homeroom.cli.platform.service.web_server import SupervisedServer

    remove_counter_files(Path(settings.DATA))
    server = SupervisedServer(
        "homeroom.config.asgi:application",
        data=Path(settings.DATA),
        with_worker=worker,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=processes,
        http=HTTPModes.http1,  # one request at a time for each connection, so that limits of connections hold
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=MAX_HEADER_BYTES),
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        log_access=False,
        log_enabled=False,
        workers_kill_timeout=SHUTDOWN_SECONDS,  # one that is told to end while it starts does not hear it
        ssl_cert=certificate,
        ssl_key=key,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    output.print(f"Serving {'https' if certificate else 'http'}://{host}:{port}   (Ctrl-C ends it)")
    server.serve()


def check_port_free(host: str, port: int) -> None:
    """Refuse if the address is not available; the server itself would share a port with another process."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # there it would take the port away; here it only forgives connections that just ended
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            refuse(f"cannot listen on {host}:{port} ({error.strerror or error}); choose another with --port")
