"""Jobs that load dropped files: created by a page, run by a worker, safe to repeat after a worker was killed.

The files wait in a private folder of the data folder, `uploads/`. The end of a job is written before its folder is
removed, so that a job without an end always still has its files.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any, Protocol

from django.conf import settings

from homeroom.apps.know.sources.load_report import LoadReport, LoadResult
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.know.sources.upload_handlers import trim_file_name
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress
from homeroom.evidence.files.blobs import open_owner_only
from homeroom.evidence.loads.store import StoreBusy
from homeroom.ingest.contract.errors import Problem

UPLOADS_FOLDER, FOLDER_PREFIX = "uploads", "drop-"
ORPHAN_SECONDS = 3600
WRITES_PER_SECOND = 3
MAX_JOB_REJECTS = MAX_JOB_NOTES = 20
DONE, REFUSED, FAILED = "done", "refused", "failed"
END_STATES = (DONE, REFUSED, FAILED)
BUSY, KILLED = "busy", "killed"  # reasons of a failed job that are no fault's kind


class Upload(Protocol):
    """An uploaded file, as Django provides it."""

    name: Any
    size: Any

    def chunks(self) -> Any:
        """Yield its bytes in chunks."""


@dataclass(frozen=True, kw_only=True)
class LoadJobSteps:
    """Steps of a job: `load` loads paths as evidence; each of `follow_ups` runs after a new load."""

    load: Callable[[Sequence[Path], Progress], LoadReport]
    follow_ups: Sequence[Callable[[Progress], None]] = ()


def store_uploads(uploads: Sequence[Upload]) -> tuple[Path, list[dict[str, Any]]]:
    """Write uploads into a new private folder; return the folder and its files. Equal names get subfolders.

    Nothing is left of them if that fails, as on a full disk.
    """
    parent = Path(settings.DATA) / UPLOADS_FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
    try:
        return folder, [_store_upload(upload, folder, number=number) for number, upload in enumerate(uploads, start=1)]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _store_upload(upload: Upload, folder: Path, *, number: int) -> dict[str, Any]:
    name = trim_file_name(PureWindowsPath(str(upload.name)).name) or f"file-{number}"
    path = folder / name
    if path.exists():  # which a folder of another file may be too
        path = Path(tempfile.mkdtemp(prefix=f"{number:05}-", dir=folder)) / name
    digest = hashlib.sha256()
    with open(path, "xb", opener=open_owner_only) as handle:
        for chunk in upload.chunks():
            handle.write(chunk)
            digest.update(chunk)
    return {"name": name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def create_job(
    *,
    district: District,
    actor: str,
    at: datetime,
    folder: Path,
    files: Sequence[Mapping[str, Any]],
    source: str = "",
    approved: bool = False,
) -> int:
    """Create a job for stored files and return its number. `approved` means that its creator has seen the changes."""
    job = LoadJob.objects.create(
        district_id=district.pk,
        made_at=at,
        made_by=actor,
        files=list(files),
        folder=str(folder),
        source=source,
        approved=approved,
    )
    return int(job.pk)


def run_job(
    *,
    district: District,
    number: int,
    now: Callable[[], datetime],
    steps: LoadJobSteps,
    first_try: bool = True,
    last_try: bool = True,
) -> None:
    """Run one job to its end. A job that has ended is not touched; one that a killed worker left is run again.

    If another worker ended the job in the meantime, that end stays. On any error the job raises, so that the queue
    tries again; the files stay until the last try, which ends the job as failed with the error's class.
    """
    job = LoadJob.objects.of(district).filter(pk=number).first()
    if job is None or job.state in END_STATES:
        return
    progress = _JobProgress(job=job)
    progress.set_state("running")
    try:
        report = steps.load(_list_files(Path(job.folder)), progress)
        if not first_try:
            report = _include_earlier_tries(report, since=job.made_at)
        if any(load_result.outcome == "new" for load_result in report.loaded):
            for step in steps.follow_ups:
                step(progress)
        _end_job(job, state=_summarize_state(report), result=serialize_report(report), at=now())
    except Exception as fault:
        if LoadJob.objects.of(district).filter(pk=number, state__in=END_STATES).exists():
            return  # another worker took it for dead, and has ended it
        if not last_try:
            progress.set_state("waiting")
            raise
        if isinstance(fault, StoreBusy):
            _end_job(job, state=FAILED, result={"reason": BUSY}, at=now())
            return
        # Store only the error's class where people can read it: its text could quote a student's value.
        _end_job(job, state=FAILED, result={"reason": type(fault).__name__}, at=now())
        raise


def fail_killed_job(*, district: District, number: int, at: datetime) -> None:
    """End a job as failed after every try ended with a killed worker. A job that has ended is not touched."""
    job = LoadJob.objects.of(district).filter(pk=number).first()
    if job is not None and job.state not in END_STATES:
        _end_job(job, state=FAILED, result={"reason": KILLED}, at=at)


def serialize_report(report: LoadReport) -> dict[str, Any]:
    """Convert a report to the plain values stored with a job; all values are masked."""
    return {
        "packages": [_serialize_package(load_result) for load_result in report.loaded],
        "refused": [_serialize_problem(load_result) for load_result in report.problems],
        "ignored": list(report.ignored),
    }


def remove_orphaned_uploads(*, at: float | None = None) -> int:
    """Remove the folders of ended jobs and of uploads without a job; return how many.

    Call it when a worker starts. `at` is the time in seconds since 1970 (default: now).
    """
    now = time.time() if at is None else at
    removed = 0
    for folder in (Path(settings.DATA) / UPLOADS_FOLDER).glob(f"{FOLDER_PREFIX}*"):
        job = LoadJob.everywhere.filter(folder=str(folder)).first()
        orphaned = job is None and now - folder.stat().st_mtime > ORPHAN_SECONDS
        if orphaned or (job is not None and job.state in END_STATES):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


@dataclass
class _JobProgress:
    """Progress callback that writes to the job at most a few times per second."""

    job: LoadJob
    clock: Callable[[], float] = time.monotonic
    next_at: float = field(default=0.0)
    step: str = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        now = self.clock()
        if step == self.step and now < self.next_at:
            return
        if now < self.next_at - 0.8 / WRITES_PER_SECOND:  # a new step may come early, a flood of steps may not
            return
        self.step, self.next_at = step, now + 1 / WRITES_PER_SECOND
        self._write(step=step[:200], done=done, total=total)

    def set_state(self, state: str) -> None:
        """Write the job's state immediately."""
        self._write(state=state)

    def _write(self, **values: Any) -> None:
        LoadJob.objects.of(self.job.district_id).filter(pk=self.job.pk).exclude(state__in=END_STATES).update(**values)


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError("the dropped files are gone")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _end_job(job: LoadJob, *, state: str, result: Mapping[str, Any], at: datetime) -> None:
    open_job = LoadJob.objects.of(job.district_id).filter(pk=job.pk).exclude(state__in=END_STATES)
    open_job.update(state=state, result=result, finished_at=at, step="")
    shutil.rmtree(job.folder, ignore_errors=True)


def _include_earlier_tries(report: LoadReport, *, since: datetime) -> LoadReport:
    """Return the report over all tries of a job.

    Loads that an earlier try published belong to this job and were never assessed.
    """
    return replace(
        report,
        loaded=tuple(
            replace(load_result, outcome=_compute_outcome(load_result, since)) for load_result in report.loaded
        ),
    )


def _compute_outcome(load_result: LoadResult, since: datetime) -> str:
    is_own = load_result.outcome == "unchanged" and load_result.load is not None and load_result.load.loaded_at >= since
    return "new" if is_own else load_result.outcome


def _summarize_state(report: LoadReport) -> str:
    return DONE if any(load_result.outcome != "refused" for load_result in report.loaded) else REFUSED


def _serialize_package(load_result: Any) -> dict[str, Any]:
    load = load_result.load
    package = {
        "outcome": load_result.outcome,
        "connector": load_result.connector,
        "stream": load_result.stream,
        "files": list(load_result.files),
        "problems": [_serialize_problem(problem) for problem in load_result.problems],
    }
    if load is None:
        return package
    return package | {
        "load": load.id,
        "read": load.rows_read,
        "kept": load.rows_kept,
        "rejected": load.rows_rejected,
        "values_left_out": load_result.values_left_out,
        "dropped": sum(load.dropped.values()),
        "because": list(load.hold_reasons),
        "changes": [
            {"table": name, "rows": part.rows, "added": part.added, "removed": part.removed, "changed": part.changed}
            for name, part in load.tables.items()
            if not part.carried_over
        ],
        "rejects": [
            {"file": reject.file, "line": reject.line, "field": reject.field, "reason": reject.reason}
            for reject in load_result.rejects[:MAX_JOB_REJECTS]
        ],
        "notes": [{"file": file.name, "note": note} for file in load.files for note in file.notes][:MAX_JOB_NOTES],
    }


def _serialize_problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "value": problem.value,
        "reason": problem.reason,
        "fits": problem.fits,
    }
