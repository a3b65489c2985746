"""Jobs that load dropped files: made by a page, run by a worker, safe to run again after a worker was killed.

The files wait in a private folder outside the data folder. Whoever ends a job writes its end first and removes the
folder second, so that a job without an end always still has its files.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any, Protocol

from homeroom.apps.sources.models import LoadJob
from homeroom.apps.sources.reports import Loaded, LoadReport
from homeroom.evidence.store import StoreBusy
from homeroom.ingest.problems import Problem

PREFIX = "homeroom-drop-"
ORPHAN_SECONDS = 3600
WRITES_A_SECOND = 3
REJECTS_TOLD = NOTES_TOLD = 20
DONE, REFUSED, FAILED = "done", "refused", "failed"
ENDED = (DONE, REFUSED, FAILED)
BUSY, KILLED = "busy", "killed"  # reasons of a failed job that are no fault's kind
Progress = Callable[[str, int, int], None]


class Upload(Protocol):
    """A file that somebody sends, as Django gives it."""

    name: Any
    size: Any

    def chunks(self) -> Any:
        """Its bytes, piece by piece."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What a job does: `load` makes evidence of paths; each of `after` follows where something new stands."""

    load: Callable[[Sequence[Path], Progress], LoadReport]
    after: Sequence[Callable[[Progress], None]] = ()


def keep_files(uploads: Sequence[Upload]) -> tuple[Path, list[dict[str, Any]]]:
    """Writes uploads into a new private folder; gives it and what it holds. Two files of one name stand apart."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    kept = []
    for number, upload in enumerate(uploads):
        name = PureWindowsPath(str(upload.name)).name or f"file-{number + 1}"
        path = folder / name
        if path.exists():
            path = folder / f"{number + 1}" / name
            path.parent.mkdir(mode=0o700)
        with path.open("wb") as handle:
            for chunk in upload.chunks():
                handle.write(chunk)
        path.chmod(0o600)
        kept.append({"name": name, "bytes": path.stat().st_size})
    return folder, kept


def make_job(
    *,
    district: Any,
    actor: str,
    at: datetime,
    folder: Path,
    files: Sequence[Mapping[str, Any]],
    source: str = "",
    approved: bool = False,
) -> int:
    """A new job over files that were kept; its number. `approved`: whoever made it has looked at what it changes."""
    job = LoadJob.objects.create(
        district=district,
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
    district: Any,
    number: int,
    now: Callable[[], datetime],
    steps: Steps,
    first_try: bool = True,
    last_try: bool = True,
) -> None:
    """Runs one job to its end. A job that has ended is left alone; one that a killed worker left is run again.

    A job that another worker ended meanwhile keeps that end. Where anything breaks it raises, so that the queue tries again; the files are kept until the last try, which ends the
    job as failed with the kind of the fault.
    """
    job = LoadJob.objects.of(district).filter(pk=number).first()
    if job is None or job.state in ENDED:
        return
    progress = _Written(job=job)
    progress.state("running")
    try:
        report = steps.load(_files(Path(job.folder)), progress)
        if not first_try:
            report = _with_earlier(report, since=job.made_at)
        if any(one.outcome == "new" for one in report.loaded):
            for step in steps.after:
                step(progress)
        _end(job, state=_state_of(report), result=told(report), at=now())
    except Exception as fault:
        if LoadJob.objects.of(district).filter(pk=number, state__in=ENDED).exists():
            return  # another worker took it for dead, and has ended it
        if not last_try:
            progress.state("waiting")
            raise
        if isinstance(fault, StoreBusy):
            _end(job, state=FAILED, result={"reason": BUSY}, at=now())
            return
        # Only the kind of the fault is kept where people can read it: its text could quote a pupil's value.
        _end(job, state=FAILED, result={"reason": type(fault).__name__}, at=now())
        raise


def give_up(*, district: Any, number: int, at: datetime) -> None:
    """Ends a job of which every try ended with a killed worker. A job that has ended is left alone."""
    job = LoadJob.objects.of(district).filter(pk=number).first()
    if job is not None and job.state not in ENDED:
        _end(job, state=FAILED, result={"reason": KILLED}, at=at)


def told(report: LoadReport) -> dict[str, Any]:
    """A report as a job keeps it: plain values, nothing unmasked."""
    return {
        "packages": [_package(one) for one in report.loaded],
        "refused": [_problem(one) for one in report.problems],
        "ignored": list(report.ignored),
    }


def sweep(*, at: float | None = None) -> int:
    """Removes the folders of jobs that have ended, and of drops that never became a job; how many.

    Call it when a worker starts. `at` is the time in seconds since 1970 (default: now).
    """
    now = time.time() if at is None else at
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        job = LoadJob.everywhere.filter(folder=str(folder)).first()
        orphaned = job is None and now - folder.stat().st_mtime > ORPHAN_SECONDS
        if orphaned or (job is not None and job.state in ENDED):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


@dataclass
class _Written:
    """Progress that is written to the job a few times a second at most, whatever is called."""

    job: LoadJob
    clock: Callable[[], float] = time.monotonic
    next_at: float = field(default=0.0)
    step: str = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        now = self.clock()
        if step == self.step and now < self.next_at:
            return
        if now < self.next_at - 0.8 / WRITES_A_SECOND:  # a new step may come early, a flood of steps may not
            return
        self.step, self.next_at = step, now + 1 / WRITES_A_SECOND
        self._write(step=step[:200], done=done, total=total)

    def state(self, word: str) -> None:
        """Writes the job's state at once."""
        self._write(state=word)

    def _write(self, **values: Any) -> None:
        LoadJob.objects.of(self.job.district_id).filter(pk=self.job.pk).exclude(state__in=ENDED).update(**values)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError("the dropped files are gone")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _end(job: LoadJob, *, state: str, result: Mapping[str, Any], at: datetime) -> None:
    standing = LoadJob.objects.of(job.district_id).filter(pk=job.pk).exclude(state__in=ENDED)
    standing.update(state=state, result=result, finished_at=at, step="")
    shutil.rmtree(job.folder, ignore_errors=True)


def _with_earlier(report: LoadReport, *, since: datetime) -> LoadReport:
    """The report of all tries: what an earlier one published before it broke is this job's, and was never judged."""
    return replace(report, loaded=tuple(replace(one, outcome=_outcome(one, since)) for one in report.loaded))


def _outcome(one: Loaded, since: datetime) -> str:
    earlier = one.outcome == "unchanged" and one.load is not None and one.load.loaded_at >= since
    return "new" if earlier else one.outcome


def _state_of(report: LoadReport) -> str:
    return DONE if any(one.outcome != "refused" for one in report.loaded) else REFUSED


def _package(one: Any) -> dict[str, Any]:
    load = one.load
    package = {
        "outcome": one.outcome,
        "connector": one.connector,
        "stream": one.stream,
        "files": list(one.files),
        "problems": [_problem(problem) for problem in one.problems],
    }
    if load is None:
        return package
    return package | {
        "load": load.id,
        "read": load.rows_read,
        "kept": load.rows_kept,
        "rejected": load.rows_rejected,
        "dropped": sum(load.dropped.values()),
        "because": list(load.held_because),
        "changes": [
            {"table": name, "rows": part.rows, "added": part.added, "removed": part.removed, "changed": part.changed}
            for name, part in load.tables.items()
            if not part.carried
        ],
        "rejects": [
            {"file": reject.file, "line": reject.line, "field": reject.field, "reason": reject.reason}
            for reject in one.rejects[:REJECTS_TOLD]
        ],
        "notes": [{"file": file.name, "note": note} for file in load.files for note in file.notes][:NOTES_TOLD],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "value": problem.value,
        "reason": problem.reason,
        "fits": problem.fits,
    }
