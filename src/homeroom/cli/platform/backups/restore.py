"""The command that restores a backup."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.cli.options import Data, Json, format_zoned_time, output, print_json, refuse, show_progress_bar
from homeroom.cli.platform.backups.options import Identity, Passphrase, find_only_zone
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.evidence.erasing.ledger import ErasureLedger

verbs = typer.Typer()
_ADVICE = (
    "Name with --erasures FILE the ledger of the folder that erasures were written to, or let those people come back "
    "with --without-erasures"
)


@verbs.command()
@require_permission("installation.operate")
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    identity: Identity = None,
    passphrase_file: Passphrase = None,
    erasures: Annotated[
        Path | None, typer.Option("--erasures", help="The ledger of erasures, where it is not beside the backup.")
    ] = None,
    without_erasures: Annotated[
        bool,
        typer.Option("--without-erasures", help="Restore without a ledger: people erased after the backup come back."),
    ] = False,
    backup_folder: Annotated[
        Path | None, typer.Option("--backup-folder", envvar="HOMEROOM_BACKUP_FOLDER", hidden=True)
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who restores, for the audit trail.", metavar="NAME")] = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Restore a backup into an empty data folder and an empty database, of SQLite or of DATABASE_URL."""
    from homeroom.evidence.backups.manifest import BackupRefused
    from homeroom.evidence.erasing.register import RegisterRefused

    try:
        ledgers = () if without_erasures else _find_ledgers(file, erasures, backup_folder)
        report = _restore(
            file, ledgers, identity=identity, passphrase_file=passphrase_file, by=by, as_json=as_json, data=data
        )
    except (BackupRefused, RegisterRefused) as error:
        refuse(str(error))
    if as_json:
        print_json(report)
        return
    zone = find_only_zone()
    output.print(
        f"Restored the backup of {format_zoned_time(report['made_at'], zone)}: "
        f"{report['rows']:,} rows of {report['tables']} tables and {report['files']:,} files, each equal to the backup."
    )
    if report["erased_again"]:
        output.print(f"{report['erased_again']} erasures that came after the backup were carried out again.")
    if report["of_others"]:
        output.print(
            f"{report['of_others']} erasures of the ledgers were made by other installations or with another key, and "
            "were not carried out.",
            soft_wrap=True,
        )
    if ledgers:
        newest = max(ledger.updated_at for ledger in ledgers)
        output.print(f"The ledger of erasures is of {format_zoned_time(newest, zone)}; nobody knows later ones.")
    output.print(
        "Users, passphrases and second steps are those of the backup: whoever was deactivated since can sign in again. "
        "Check them with homeroom users list, and the installation with homeroom doctor --deep. Everybody signs in "
        "again.",
        soft_wrap=True,
    )


def _find_ledgers(file: Path, erasures: Path | None, backup_folder: Path | None) -> tuple[ErasureLedger, ...]:
    """Return the ledgers beside the backup, in the folder of the settings and of the option.

    Refuse if none of them can know who was erased after the backup, unless the option names it.
    """
    from homeroom.evidence.backups.age_stream import read_header
    from homeroom.evidence.erasing.ledger import check_is_newer, list_ledgers, read_ledger
    from homeroom.evidence.erasing.register import RegisterRefused

    own = None if backup_folder is None else backup_folder.expanduser().resolve()
    folders = sorted({file.resolve().parent, *([] if own is None else [own])})
    ledgers = {path: read_ledger(path) for folder in folders for path in list_ledgers(folder)}
    if erasures is not None:
        return (*ledgers.values(), read_ledger(erasures))
    if not ledgers:
        refuse(f"no homeroom-erasures-….json is beside the backup, so nobody knows who was erased after it. {_ADVICE}")
    if file.is_file():
        with file.open("rb") as handle:
            header = read_header(handle, name=file.name)
        try:
            check_is_newer(ledgers, made_at=header.made_at, installation=header.installation, folder=own)
        except RegisterRefused as error:
            refuse(f"{error}. {_ADVICE}")
    return tuple(ledgers.values())


def _restore(
    file: Path,
    ledgers: Sequence[ErasureLedger],
    *,
    identity: Path | None,
    passphrase_file: Path | None,
    by: str,
    as_json: bool,
    data: str | None,
) -> dict[str, Any]:
    from homeroom.evidence.backups.age_stream import read_keys
    from homeroom.evidence.backups.staging import stage_backup
    from homeroom.evidence.files.data_folder import locate_data_folder

    folder = locate_data_folder(data)
    keys = read_keys(identity_file=identity, passphrase_file=passphrase_file)
    with show_progress_bar(quiet=as_json) as progress:
        staged = stage_backup(file, folder=folder, keys=keys, progress=progress)
        _start_django(folder, kind=staged.description.kind)
        from homeroom.apps.platform.backups.restore_backup import restore_backup

        at = datetime.now(UTC).replace(microsecond=0)
        report = restore_backup(staged, ledgers=ledgers, actor=by, at=at, progress=progress)
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


def _start_django(folder: Path, *, kind: str) -> None:
    """Read the settings over a folder that no other command opens yet: with its own key and an empty database."""
    os.environ["HOMEROOM_DATA"] = str(folder)
    if kind == "demo":
        os.environ["DATABASE_URL"] = ""  # a demo's state is never beside a real one
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
