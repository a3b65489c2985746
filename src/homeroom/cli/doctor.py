"""The command that checks the health of the installation."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from homeroom import __version__
from homeroom.cli.options import WITH_REJECTS, CommandContext, Data, InDistrict, Json, output, print_json, start_command

verbs = typer.Typer()

MIN_FREE_BYTES = 2 * 1024**3


class HealthCheck(NamedTuple):
    """One health check: its name, whether it passed, and its result."""

    name: str
    well: bool
    found: str


@verbs.command()
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every evidence file and compare it with its name.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Look at the installation, the data folder, the databases and the evidence; say what needs mending."""
    context = start_command(data=data, district=district)
    checks = list(_run_checks(context, deep=deep))
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        for check in checks:
            mark = "[green]well[/]" if check.well else "[red]look[/]"
            output.print(f"{mark}  {check.name:<12} {check.found}", soft_wrap=True)
    if not all(check.well for check in checks):
        raise typer.Exit(WITH_REJECTS)


def _run_checks(context: CommandContext, *, deep: bool) -> Iterator[HealthCheck]:
    from django.conf import settings

    folder = Path(settings.DATA)
    yield HealthCheck("homeroom", True, f"{__version__} on Python {platform.python_version()}, {platform.system()}")
    yield HealthCheck(
        "python", sys.version_info >= (3, 12), "3.12 or newer is needed" if sys.version_info < (3, 12) else "new enough"
    )
    yield _check_permissions(folder)
    free = shutil.disk_usage(folder).free
    yield HealthCheck("room", free >= MIN_FREE_BYTES, f"{free / 1024**3:.1f} GB free")
    yield from _check_databases()
    yield _check_evidence(context, deep=deep)
    yield _check_held_loads(context)


def _check_permissions(folder: Path) -> HealthCheck:
    if os.name != "posix":
        return HealthCheck("folder", True, f"{folder} (who may read it is the system's to say)")
    mode = folder.stat().st_mode & 0o077
    return HealthCheck(
        "folder", mode == 0, str(folder) if mode == 0 else f"{folder} can be read by others: chmod 700 it"
    )


def _check_databases() -> Iterator[HealthCheck]:
    from django.db import connections

    for alias in connections:
        with connections[alias].cursor() as cursor:
            if connections[alias].vendor == "sqlite":
                cursor.execute("PRAGMA quick_check")
                status = str(cursor.fetchone()[0])
                yield HealthCheck(
                    alias, status == "ok", "SQLite, sound" if status == "ok" else f"SQLite says: {status}"
                )
            else:
                cursor.execute("SELECT version()")
                yield HealthCheck(alias, True, str(cursor.fetchone()[0]).split(" on ")[0])


def _check_evidence(context: CommandContext, *, deep: bool) -> HealthCheck:
    store = context.store
    names = sorted({name for load in store.list_loads() for name in load.blobs})
    missing = [name for name in names if not store.get_blob_path(name).exists()]
    if missing:
        return HealthCheck("evidence", False, f"{len(missing)} of {len(names)} files are missing: restore a backup")
    damaged = [name for name in names if _hash_file(store.get_blob_path(name)) != name] if deep else []
    if damaged:
        return HealthCheck(
            "evidence", False, f"{len(damaged)} of {len(names)} files are not what they were: restore a backup"
        )
    return HealthCheck("evidence", True, f"{len(names)} files" + (", every byte as it was written" if deep else ""))


def _check_held_loads(context: CommandContext) -> HealthCheck:
    waiting_loads = context.store.list_held_loads()
    return HealthCheck(
        "waiting",
        not waiting_loads,
        f"{len(waiting_loads)} loads wait for a person: homeroom loads" if waiting_loads else "no load waits",
    )


def _hash_file(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
