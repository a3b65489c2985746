"""Measures of the installation for whoever monitors it: gauges of all districts, without anybody's data."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import DatabaseError, connections
from django_ox import stats

from homeroom import __version__
from homeroom.apps.platform.districts.app_sources import load_functions
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.platform.monitoring.measure import Measure
from homeroom.apps.platform.monitoring.service_state import describe_worker, read_service_state
from homeroom.evidence.files.log_file import LOG_FOLDER

EVIDENCE, BACKUPS_FILE = "evidence", "backups.json"
"""The folder of evidence; the file with the time of the last good backup, which is absent before the first."""
SIZE_SECONDS = 300.0
"""Sizes of folders are measured again after so long: a district has tens of thousands of files."""


class _BackupState(msgspec.Struct, frozen=True):
    """What this module reads of the state of backups."""

    made_at: datetime | None = None


class FolderSizes:
    """Sizes of folders in bytes, measured at most every SIZE_SECONDS."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sizes: dict[Path, tuple[float, int]] = {}

    def get(self, folder: Path) -> int:
        """Return the bytes of all files in a folder; 0 if it does not exist."""
        measured_at, size = self._sizes.get(folder, (float("-inf"), 0))
        now = self._clock()
        if now - measured_at >= SIZE_SECONDS:
            size = sum(_get_size(path) for path in folder.rglob("*"))
            self._sizes[folder] = (now, size)
        return size


_sizes = FolderSizes()


def measure_installation(data: Path, *, at: datetime, sizes: FolderSizes = _sizes) -> tuple[Measure, ...]:
    """Return every measure that can be taken now; those of a database that does not answer are left out."""
    return (*_measure_program(data, at), *_measure_work(), *_measure_areas(at), *_measure_sizes(data, sizes))


def _measure_program(data: Path, at: datetime) -> Iterator[Measure]:
    yield Measure(
        name="homeroom_info", meaning="The version that runs.", labels=("version",), values={(__version__,): 1}
    )
    yield Measure(
        name="homeroom_worker_well",
        meaning="1 if the background worker runs, or if nothing needs it.",
        values={(): float(describe_worker(data).well)},
    )
    service = read_service_state(data, now=time.time())
    yield Measure(
        name="homeroom_process_restarts",
        meaning="How often a process was started again since the server started.",
        labels=("process",),
        values={(process.name,): process.restarts for process in (service.processes if service else ())},
    )
    made_at = _read_backup_time(data)
    if made_at is not None:
        yield Measure(
            name="homeroom_backup_age_seconds",
            meaning="Seconds since the last good backup was made.",
            values={(): max((at - made_at).total_seconds(), 0.0)},
        )


def _read_backup_time(data: Path) -> datetime | None:
    try:
        return msgspec.json.decode((data / BACKUPS_FILE).read_bytes(), type=_BackupState).made_at
    except (OSError, msgspec.MsgspecError):
        return None


def _measure_work() -> Iterator[Measure]:
    with suppress(DatabaseError, OSError):
        yield Measure(
            name="homeroom_jobs",
            meaning="Background jobs in the queue by status: ready (waiting), running, failed, lost and others.",
            labels=("status",),
            values=_count_queue(),
        )
        oldest = stats.oldest_ready_age()
        yield Measure(
            name="homeroom_oldest_job_seconds",
            meaning="Seconds that the oldest job has waited for a worker; 0 if none waits.",
            values={(): oldest.total_seconds() if oldest else 0.0},
        )


def _measure_areas(at: datetime) -> Iterator[Measure]:
    for measure in load_functions("measures").values():
        with suppress(DatabaseError, OSError):
            yield from measure(at=at)


def _count_queue() -> dict[tuple[str, ...], float]:
    counts: dict[tuple[str, ...], float] = {("ready",): 0, ("running",): 0, ("failed",): 0, ("lost",): 0}
    for queue in stats.queue_stats():
        for status in ("ready", "running", "failed", "lost", "successful"):
            counts[(status,)] = counts.get((status,), 0) + getattr(queue, status)
    return counts


def _measure_sizes(data: Path, sizes: FolderSizes) -> Iterator[Measure]:
    with suppress(OSError):
        yield Measure(
            name="homeroom_disk_free_bytes",
            meaning="Free bytes on the disk of the data folder.",
            values={(): shutil.disk_usage(data).free},
        )
    with suppress(DatabaseError, OSError):
        yield Measure(
            name="homeroom_database_bytes",
            meaning="Size of each database in bytes.",
            labels=("database",),
            values={(alias,): _measure_database(alias) for alias in connections},
        )
        yield Measure(
            name="homeroom_evidence_bytes",
            meaning="Size of the evidence of each district in bytes.",
            labels=("district",),
            values={(row.slug,): sizes.get(data / EVIDENCE / row.slug) for row in list_districts()},
        )
    yield Measure(
        name="homeroom_log_bytes", meaning="Size of all logs in bytes.", values={(): sizes.get(data / LOG_FOLDER)}
    )


def _measure_database(alias: str) -> int:
    connection = connections[alias]
    question = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if connection.vendor == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def _get_size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
