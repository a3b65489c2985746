"""The verb that looks after Homeroom itself."""

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
from homeroom.cli.options import WITH_REJECTS, Data, InDistrict, Json, Started, begin, output, print_json

verbs = typer.Typer()

ROOM_NEEDED = 2 * 1024**3


class Check(NamedTuple):
    """One thing that was looked at: whether it is well, and what was found."""

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
    started = begin(data=data, district=district)
    checks = list(_checks(started, deep=deep))
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        for check in checks:
            mark = "[green]well[/]" if check.well else "[red]look[/]"
            output.print(f"{mark}  {check.name:<12} {check.found}", soft_wrap=True)
    if not all(check.well for check in checks):
        raise typer.Exit(WITH_REJECTS)


def _checks(started: Started, *, deep: bool) -> Iterator[Check]:
    from django.conf import settings

    folder = Path(settings.DATA)
    yield Check("homeroom", True, f"{__version__} on Python {platform.python_version()}, {platform.system()}")
    yield Check(
        "python", sys.version_info >= (3, 12), "3.12 or newer is needed" if sys.version_info < (3, 12) else "new enough"
    )
    yield _private(folder)
    free = shutil.disk_usage(folder).free
    yield Check("room", free >= ROOM_NEEDED, f"{free / 1024**3:.1f} GB free")
    yield from _databases()
    yield _evidence(started, deep=deep)
    yield _waiting(started)


def _private(folder: Path) -> Check:
    if os.name != "posix":
        return Check("folder", True, f"{folder} (who may read it is the system's to say)")
    mode = folder.stat().st_mode & 0o077
    return Check("folder", mode == 0, str(folder) if mode == 0 else f"{folder} can be read by others: chmod 700 it")


def _databases() -> Iterator[Check]:
    from django.db import connections

    for alias in connections:
        with connections[alias].cursor() as cursor:
            if connections[alias].vendor == "sqlite":
                cursor.execute("PRAGMA quick_check")
                said = str(cursor.fetchone()[0])
                yield Check(alias, said == "ok", "SQLite, sound" if said == "ok" else f"SQLite says: {said}")
            else:
                cursor.execute("SELECT version()")
                yield Check(alias, True, str(cursor.fetchone()[0]).split(" on ")[0])


def _evidence(started: Started, *, deep: bool) -> Check:
    store = started.store
    names = sorted({name for load in store.loads() for name in load.blobs})
    missing = [name for name in names if not store.blob(name).exists()]
    if missing:
        return Check("evidence", False, f"{len(missing)} of {len(names)} files are missing: restore a backup")
    spoiled = [name for name in names if _digest(store.blob(name)) != name] if deep else []
    if spoiled:
        return Check(
            "evidence", False, f"{len(spoiled)} of {len(names)} files are not what they were: restore a backup"
        )
    return Check("evidence", True, f"{len(names)} files" + (", every byte as it was written" if deep else ""))


def _waiting(started: Started) -> Check:
    held = started.store.held()
    return Check(
        "waiting", not held, f"{len(held)} loads wait for a person: homeroom loads" if held else "no load waits"
    )


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
