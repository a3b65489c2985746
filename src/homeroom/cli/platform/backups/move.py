"""The command that moves the state to another database."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.options import Data, Json, output, prepare_data_folder, print_json, refuse, show_progress_bar
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()


@verbs.command()
@require_permission("installation.operate")
def move(
    to: Annotated[
        str, typer.Option("--to", help="postgres://user:password@host/name, or sqlite.", metavar="ADDRESS")
    ] = "",
    to_file: Annotated[
        Path | None,
        typer.Option("--to-file", help="The file whose first line is the address, so that no process list has it."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who moves it, for the audit trail.", metavar="NAME")] = "",
    receive: Annotated[Path | None, typer.Option("--receive", hidden=True)] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Move the state to PostgreSQL, or back to SQLite, and prove that every row arrived. Stop the server before."""
    from homeroom.evidence.backups.manifest import BackupRefused

    try:
        if receive is not None:
            _receive(receive, by)
            return
        to = _read_address(to_file) if to_file is not None and not to else to
        if not to.startswith(("postgres://", "postgresql://")) and to != "sqlite":
            refuse("use --to postgres://user:password@host/name, that address in --to-file, or --to sqlite")
        prepare_data_folder(data=data)
        _move(to, by=by, as_json=as_json)
    except BackupRefused as error:
        refuse(str(error))


def _read_address(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{path} cannot be read ({error})")


def _move(target: str, *, by: str, as_json: bool) -> None:
    from django.conf import settings

    from homeroom.apps.platform.backups.move_state import move_state
    from homeroom.apps.platform.monitoring.service_state import RUNNING, describe_worker, read_service_state

    is_served = read_service_state(settings.DATA, now=time.time()) is not None  # with or without a worker that runs
    if is_served or describe_worker(settings.DATA).state == RUNNING:
        refuse("the server or the worker runs; stop it, then move")
    with show_progress_bar(quiet=as_json) as progress:
        moved, old_files = move_state(target, actor=by, progress=progress)
    tables = [{"name": table.name, "rows": table.rows, "sha256": table.sha256} for table in moved.tables]
    if as_json:
        print_json({"rows": moved.rows, "tables": tables, "old_files": old_files})
        return
    output.print(f"Moved {moved.rows:,} rows of {len(tables)} tables; the count and the hash of each are equal.")
    is_sqlite = target == "sqlite"
    output.print(
        f"{'Remove DATABASE_URL from' if is_sqlite else 'Set DATABASE_URL to that address in'} the environment."
    )
    for path in old_files:
        output.print(f"{path} is the old database; delete it once the new one is backed up.", soft_wrap=True)


def _receive(folder: Path, by: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.apps.platform.backups.move_state import receive_state
    from homeroom.cli.platform.service.orphans import end_with_process

    end_with_process(os.getppid())  # a move that is run again must not meet this one
    receive_state(folder, actor=by, at=datetime.now(UTC).replace(microsecond=0))
