"""The command that backs up, and verifies a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    Json,
    errors,
    format_zoned_time,
    lower_priority,
    output,
    prepare_data_folder,
    print_json,
    refuse,
    show_progress_bar,
)
from homeroom.cli.platform.backups.options import Identity, Passphrase, find_only_zone
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()


@verbs.command()
@require_permission("installation.operate")
def backup(
    destination: Annotated[
        Path | None,
        typer.Argument(help="A new file or a folder, else HOMEROOM_BACKUP_FOLDER; with --verify, the backup."),
    ] = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option("--recipient", help="Who can open it: an age recipient (age1…); may be repeated."),
    ] = None,
    passphrase_file: Passphrase = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore a backup into a temporary place and compare counts and hashes.")
    ] = False,
    identity: Identity = None,
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", help="Only write a new age identity to this file; print its recipient."),
    ] = None,
    nightly: Annotated[bool, typer.Option("--nightly", hidden=True)] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Back up state, evidence and keys into one encrypted file, while work goes on."""
    from homeroom.evidence.backups.manifest import BackupRefused

    try:
        if new_key is not None:
            _write_new_key(new_key, as_json=as_json)
            return
        prepare_data_folder(data=data)
        lower_priority()
        if verify:
            _verify(destination, identity, passphrase_file, as_json=as_json)
        else:
            _run_backup(destination, recipient or [], passphrase_file, as_json=as_json, nightly=nightly)
    except BackupRefused as error:
        refuse(str(error))


def _write_new_key(path: Path, *, as_json: bool) -> None:
    from homeroom.evidence.backups.age_stream import create_identity
    from homeroom.evidence.files.blobs import open_owner_only

    identity, recipient = create_identity()
    try:
        with open(path, "x", opener=open_owner_only, encoding="ascii") as handle:
            handle.write(f"# recipient: {recipient}\n{identity}\n")
    except OSError as error:
        refuse(f"{path}: {error.strerror}; choose a new file")
    if as_json:
        print_json({"identity_file": path, "recipient": recipient})
        return
    output.print(f"Recipient: {recipient}", soft_wrap=True)
    output.print(f"{path} opens every backup for this recipient. Print it, or store it off this machine.")


def _run_backup(
    destination: Path | None, recipients: list[str], passphrase_file: Path | None, *, as_json: bool, nightly: bool
) -> None:
    from homeroom.apps.platform.backups.commands import delete_old_backups, make_backup

    with show_progress_bar(quiet=as_json) as progress:
        backup_file = make_backup(
            destination,
            recipients=recipients,
            passphrase_file=None if recipients else passphrase_file,
            actor="",
            at=datetime.now(UTC).replace(microsecond=0),
            progress=progress,
        )
    manifest = backup_file.manifest
    damaged, files = manifest.damaged, len(manifest.files)
    if nightly:
        delete_old_backups()
    if as_json:
        figures = {"rows": manifest.rows, "files": files, "damaged": list(damaged)}
        made_at = manifest.description.made_at
        print_json({"path": backup_file.path, "bytes": backup_file.bytes, "made_at": made_at, **figures})
    else:
        size = f"{backup_file.bytes / 1e6:,.1f} MB"
        output.print(f"{backup_file.path}  {size}, {manifest.rows:,} rows, {files:,} files", soft_wrap=True)
        for path in damaged:
            errors.print(f"Damaged before it was backed up: {path}", soft_wrap=True)
    raise typer.Exit(WITH_REJECTS if damaged else DONE)


def _verify(path: Path | None, identity: Path | None, passphrase_file: Path | None, *, as_json: bool) -> None:
    from homeroom.apps.platform.backups.commands import find_newest_backup, verify_backup

    trial = verify_backup(
        path or find_newest_backup(),
        identity_file=identity,
        passphrase_file=passphrase_file,
        at=datetime.now(UTC).replace(microsecond=0),
    )
    if as_json:
        print_json(trial)
        return
    output.print(
        f"The backup of {format_zoned_time(trial.made_at, find_only_zone())} can be restored: "
        f"{trial.rows:,} rows of {trial.tables} tables and {trial.files:,} files are equal.",
        soft_wrap=True,
    )
