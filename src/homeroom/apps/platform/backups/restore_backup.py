"""Restore what a backup holds into empty databases, apply erasures that came after it, and open the folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.backups.empty_databases import (
    check_databases_empty,
    clear_databases,
    identify_databases,
    mark_databases,
    remove_database_marks,
)
from homeroom.apps.platform.backups.migration_targets import check_migrations, migrate_forward, migrate_to
from homeroom.apps.platform.backups.state_readers import open_state
from homeroom.apps.platform.backups.state_writers import ListParts, load_tables
from homeroom.apps.platform.backups.table_dump import measure_tables
from homeroom.apps.platform.districts.app_sources import load_functions
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.manifest import BackupRefused, StoredTable
from homeroom.evidence.backups.staging import StagedBackup, mark_databases_checked, publish_folder
from homeroom.evidence.erasing.ledger import ErasureLedger, LedgerErasure, check_counts, join_own, list_missing
from homeroom.evidence.files.manifests import write_manifest

ACTION = "restore backup"


@dataclass(frozen=True, kw_only=True)
class RestoreReport:
    """What was restored: counts of tables, rows and files, and the erasures that were carried out again.

    `of_others` counts erasures of the ledgers that are not about this installation.
    """

    made_at: datetime
    version: str
    tables: int
    rows: int
    files: int
    bytes: int
    erased_again: int
    of_others: int


def restore_backup(
    staged: StagedBackup,
    *,
    ledgers: Sequence[ErasureLedger],
    actor: str,
    at: datetime,
    progress: Progress = ignore_progress,
) -> RestoreReport:
    """Restore a staged backup into the databases of the settings, and open the folder.

    All rows are compared with the manifest before the databases are migrated to this version. The erasures of the
    ledgers that the backup does not know are carried out again before any command can open the folder. Raise
    BackupRefused if anything is in the databases, or if a row cannot be stored as it was.
    """
    manifest = staged.manifest
    ledger, of_others = join_own(ledgers, data=staged.folder) if ledgers else (None, 0)
    if ledger is not None:
        check_counts(ledger, manifest.erasures)
    if staged.checked_databases != identify_databases():
        check_databases_empty(manifest.tables)
        mark_databases()
        mark_databases_checked(staged.folder, identify_databases())
    restore_state(
        manifest.tables,
        migrations=manifest.description.migrations,
        version=manifest.description.version,
        list_parts=staged.list_parts,
        progress=progress,
    )
    entries = list_missing(ledger, data=staged.folder) if ledger is not None else ()
    for entry in entries:
        _erase_again(entry, actor=actor, at=at, progress=progress)
    for district in list_districts():
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action=ACTION,
            subject_kind="backup",
            subject=f"{manifest.description.made_at:%Y-%m-%d %H:%M} UTC",
            detail={
                "version": manifest.description.version,
                "erased_again": len(entries),
                "ledger": "" if ledger is None else f"{ledger.updated_at:%Y-%m-%d %H:%M} UTC",
            },
        )
    publish_folder(staged.folder)
    remove_database_marks()
    return RestoreReport(
        made_at=manifest.description.made_at,
        version=manifest.description.version,
        tables=len(manifest.tables),
        rows=manifest.rows,
        files=len(manifest.files),
        bytes=sum(file.size for file in manifest.files),
        erased_again=len(entries),
        of_others=of_others,
    )


def restore_state(
    tables: Sequence[StoredTable],
    *,
    migrations: Sequence[tuple[str, str]],
    version: str,
    list_parts: ListParts,
    progress: Progress = ignore_progress,
) -> None:
    """Empty the databases, give them the tables of a backup and all of its rows, and migrate them to this version.

    Raise BackupRefused if a row cannot be stored, or if the stored rows are not equal to those of the backup.
    """
    check_migrations(migrations, version=version)
    progress("Migrating", 0, 0)
    clear_databases(tables)
    migrate_to(migrations)
    load_tables(tables, list_parts=list_parts, progress=progress)
    compare_tables(tables, progress=progress)
    progress("Migrating", 0, 0)
    migrate_forward(migrations)


def compare_tables(tables: Sequence[StoredTable], *, progress: Progress = ignore_progress) -> None:
    """Raise BackupRefused if a table of the databases has other rows than its manifest has."""
    with open_state() as state:
        measured = measure_tables(state, tables, progress=progress)
    for expected, actual in zip(tables, measured, strict=True):
        if (expected.rows, expected.sha256) != (actual.rows, actual.sha256):
            raise BackupRefused(
                f"{actual.name} has {actual.rows} rows, and {expected.rows} with another hash were expected"
                if actual.rows != expected.rows
                else f"a row of {actual.name} is not equal to that of the backup"
            )


def _erase_again(entry: LedgerErasure, *, actor: str, at: datetime, progress: Progress) -> None:
    district = next((item for item in list_districts() if item.slug == entry.register.district), None)
    if district is None:
        return  # the district was created after the backup
    with TemporaryDirectory(dir=Path(settings.DATA)) as folder:
        path = Path(folder) / "register.json"
        write_manifest(path, entry.register)
        store = get_evidence_store(district=district)
        for repeat in load_functions("restore_follow_ups").values():
            repeat(district=district, store=store, path=path, actor=actor, at=at, progress=progress)
