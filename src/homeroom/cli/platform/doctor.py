"""The command that checks the health of the installation, and repairs damaged files."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from homeroom import __version__
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    format_local_time,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.evidence.integrity.damage import FileDamage
    from homeroom.evidence.loads.store import EvidenceStore

verbs = typer.Typer()

MIN_FREE_BYTES = 2 * 1024**3
RETENTION_DELAY = timedelta(days=2)
"""How long events may be beyond retention until the night's run has dropped them."""
_ADVICE = {
    "reload": "Load its original again: homeroom load {files}",
    "resolve": "homeroom doctor --repair resolves again, which writes it",
    "assess": "homeroom doctor --repair assesses again, which writes it",
    "remove": "homeroom doctor --repair removes it, and it is written again when it is needed",
    "reseal": "homeroom doctor --repair writes its checksum",
    "restore": "Restore it from a backup: homeroom doctor --repair --backup FOLDER",
}


class HealthCheck(NamedTuple):
    """One health check: its name, whether it passed, and its result."""

    name: str
    well: bool
    found: str


@verbs.command()
@require_permission("installation.operate")
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every file that the evidence refers to, byte by byte.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Also repair what is damaged, and say what takes a backup or an original.")
    ] = False,
    backup: Annotated[
        Path | None, typer.Option("--backup", help="A copy of the data folder, from which --repair takes files first.")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Check the installation, data folder, databases and evidence, and show how to fix problems."""
    from homeroom.evidence.files.data_folder import locate_data_folder

    if backup is not None and not (repair and backup.is_dir()):
        refuse("--backup names a folder for --repair" if not repair else f"there is no folder {backup}")
    folder = locate_data_folder(data)
    checks = [*_check_program(), *_check_state_files(folder, deep=deep or repair, repair=repair, backup=backup)]
    if all(check.well for check in checks):
        context = start_command(data=data, district=district)
        checks += _check_installation(context, deep=deep or repair, repair=repair, backup=backup)
    _print_checks(checks, as_json=as_json)
    raise typer.Exit(DONE if all(check.well for check in checks) else WITH_REJECTS)


def _print_checks(checks: Iterable[HealthCheck], *, as_json: bool) -> None:
    if as_json:
        print_json([check._asdict() for check in checks])
        return
    for check in checks:
        mark = "[green]OK[/]   " if check.well else "[red]Check[/]"
        output.print(f"{mark} {check.name:<12} ", end="")
        output.print(check.found, soft_wrap=True, markup=False)


def _check_program() -> Iterator[HealthCheck]:
    yield HealthCheck("homeroom", True, f"{__version__} on Python {platform.python_version()}, {platform.system()}")
    is_new = sys.version_info >= (3, 12)
    yield HealthCheck("python", is_new, "new enough" if is_new else "3.12 or newer is needed")


def _check_state_files(folder: Path, *, deep: bool, repair: bool, backup: Path | None) -> Iterator[HealthCheck]:
    """Check the data folder's own files before anything opens them."""
    from homeroom.evidence.integrity.state_files import check_state_files, is_new_folder, repair_state_files

    if is_new_folder(folder):
        return
    damages = check_state_files(folder, deep=deep)
    if repair and damages:
        damages = repair_state_files(damages, data=folder, backup=backup, deep=deep)
    yield from (HealthCheck("damage", False, _describe(damage)) for damage in damages)


def _check_installation(
    context: CommandContext, *, deep: bool, repair: bool, backup: Path | None
) -> Iterator[HealthCheck]:
    from django.conf import settings

    folder = Path(settings.DATA)
    yield _check_permissions(folder)
    free = shutil.disk_usage(folder).free
    yield HealthCheck("room", free >= MIN_FREE_BYTES, f"{free / 1024**3:.1f} GB free")
    yield from _check_databases(folder)
    yield from _check_server(folder)
    yield from _check_secrets(context)
    yield from _check_evidence(context, folder, deep=deep, repair=repair, backup=backup)
    yield check_retention(store=context.store, at=context.at)
    yield _check_held_loads(context)
    yield check_audit_trail(context, deep=deep)
    yield check_last_backup(at=context.at)


def _check_permissions(folder: Path) -> HealthCheck:
    if os.name != "posix":
        return HealthCheck("folder", True, f"{folder} (who may read it is the system's to say)")
    mode = folder.stat().st_mode & 0o077
    return HealthCheck(
        "folder", mode == 0, str(folder) if mode == 0 else f"{folder} can be read by others: chmod 700 it"
    )


def _check_databases(folder: Path) -> Iterator[HealthCheck]:
    from django.db import connections

    for path in sorted(folder.glob("*.moved")):
        yield HealthCheck("moved", False, f"{path.name} is the database before a move; delete it: erasures pass it by")
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


def _check_server(folder: Path) -> Iterator[HealthCheck]:
    """Check the processes of a running server, and whether jobs wait for a worker that does not run."""
    from homeroom.apps.know.sources.queries import count_waiting_jobs
    from homeroom.apps.platform.monitoring.service_state import CRASHES, describe_worker, read_service_state

    waiting_jobs = count_waiting_jobs()
    status = describe_worker(folder, jobs_wait=bool(waiting_jobs))
    waiting = f" {waiting_jobs} jobs wait." if waiting_jobs and not status.well else ""
    yield HealthCheck("worker", status.well, f"{status.sentence}{waiting}")
    service = read_service_state(folder, now=time.time())
    for process in service.processes if service else ():
        if process.restarts or process.ended:
            text = f"{process.title} was started again {process.restarts} times; it last ended: {process.ended}"
            yield HealthCheck("process", process.failures < CRASHES, text)


def _check_secrets(context: CommandContext) -> Iterator[HealthCheck]:
    from homeroom.apps.know.connections.commands import list_unreadable_connections

    if names := list_unreadable_connections(district=context.district):
        advice = "restore connections.key from a backup, or enter their secrets again"
        yield HealthCheck("secrets", False, f"the secrets of {', '.join(names)} cannot be opened: {advice}")


def _check_evidence(
    context: CommandContext, folder: Path, *, deep: bool, repair: bool, backup: Path | None
) -> Iterator[HealthCheck]:
    from homeroom.apps.know.sources.integrity import find_damage, repair_district

    if repair:
        report = repair_district(
            district=context.district,
            store=context.store,
            data=folder,
            backup=backup,
            today=context.today,
            at=context.at,
            actor="",
        )
        yield from (HealthCheck("repaired", True, damage.path) for damage in report.repaired)
        yield from _build_evidence_checks(report.remaining)
    elif deep:
        yield from _build_evidence_checks(find_damage(district=context.district, store=context.store))
    else:
        from homeroom.evidence.event_files.catalog import read_catalog

        stored_events = read_catalog(context.store.folder).blobs
        names = sorted({name for load in context.store.list_loads() for name in load.blobs} | stored_events)
        missing = [name for name in names if not context.store.get_blob_path(name).exists()]
        text = f"{len(missing)} of {len(names)} files are missing: homeroom doctor --deep names them"
        yield HealthCheck("evidence", not missing, text if missing else f"{len(names)} files")


def _build_evidence_checks(damages: tuple[FileDamage, ...]) -> Iterator[HealthCheck]:
    if not damages:
        yield HealthCheck("evidence", True, "every byte as it was written")
        return
    yield HealthCheck("evidence", False, f"{len(damages)} damaged or missing")
    yield from (HealthCheck("damage", False, _describe(damage)) for damage in damages)


def _describe(damage: FileDamage) -> str:
    files = " ".join(damage.originals) or "FILE"
    return f"{damage}. {_ADVICE[damage.remedy].format(files=files)}"


def check_retention(*, store: EvidenceStore, at: datetime) -> HealthCheck:
    """Check that no event is beyond retention for longer than the night takes to come."""
    from homeroom.apps.know.sources.event_retention import list_expired_events
    from homeroom.evidence.files.manifests import EvidenceDamaged

    try:
        expired = list_expired_events(store=store, at=at - RETENTION_DELAY)
    except (EvidenceDamaged, OSError, ValueError) as error:  # the readers of Parquet raise both
        return HealthCheck("retention", False, f"not every event can be read: {type(error).__name__}")
    if not expired:
        return HealthCheck("retention", True, "no event of a log is beyond retention")
    counts = ", ".join(f"{item.rows:,} of {item.table} (stored for {item.retention_days} days)" for item in expired)
    advice = "they are dropped at night while the worker runs: homeroom serve or homeroom worker"
    return HealthCheck("retention", False, f"events beyond retention: {counts}; {advice}")


def check_audit_trail(context: CommandContext, *, deep: bool) -> HealthCheck:
    """Check the end of the trail, and what the last verification found; `deep` verifies now."""
    from homeroom.apps.know.sources.nightly_verification import read_verification, verify_and_record
    from homeroom.apps.platform.audit.trail_status import get_trail_status

    status = get_trail_status(district=context.district, at=context.at)
    if deep:
        verify_and_record(district=context.district, reads_evidence=False, at=context.at)
    last = read_verification(district=context.district)
    problem = status.problem or ("; ".join(last.first) if last is not None else "") or _describe_lost_trails()
    signed = f", signed through {status.signed_through:,}" if status.signed_through else ""
    verified = f", verified on {last.at:%Y-%m-%d}" if last is not None else ""
    text = f"{problem}: homeroom verify" if problem else f"{status.entries:,} entries{signed}{verified}"
    return HealthCheck("audit", not problem, text)


def _describe_lost_trails() -> str:
    from homeroom.apps.platform.audit.verification import find_lost_trails
    from homeroom.apps.platform.districts.queries import list_districts

    lost_trails = find_lost_trails(districts=frozenset(item.slug for item in list_districts()))
    return "; ".join(f"{trail.district}: {problem}" for trail in lost_trails for problem in trail.problems)


def check_last_backup(*, at: datetime) -> HealthCheck:
    """Check that the last good backup is recent, and that the last try did not fail."""
    from homeroom.apps.platform.backups.status import MISSING, NEW, check_backups

    health = check_backups(at=at)
    advice = "homeroom backup FOLDER, or HOMEROOM_BACKUP_FOLDER for one each night"
    if health.problem:
        return HealthCheck("backup", False, f"the last backup failed: {health.problem}")
    if health.made_at is None:
        text = "no backup yet" if health.state == NEW else f"there is no backup: {advice}"
        return HealthCheck("backup", health.state != MISSING, text)
    verified = (
        f", verified {health.verified_at:%Y-%m-%d}" if health.verified_at else ", never verified: backup --verify"
    )
    text = f"last good backup {format_local_time(health.made_at)}{verified}"
    return HealthCheck("backup", health.well, text if health.well else f"{text}; too long ago: {advice}")


def _check_held_loads(context: CommandContext) -> HealthCheck:
    from homeroom.evidence.files.manifests import EvidenceDamaged

    try:
        waiting_loads = context.store.list_held_loads()
    except EvidenceDamaged as error:
        return HealthCheck("waiting", False, str(error))
    return HealthCheck(
        "waiting",
        not waiting_loads,
        f"{len(waiting_loads)} loads wait for a person: homeroom loads" if waiting_loads else "no load waits",
    )
