"""State of the server's processes, and whether the background worker runs: for pages, probes and `homeroom doctor`.

The supervisor of `homeroom serve` writes `run/service.json` in the data folder and touches it every few seconds; the
worker touches `run/worker.heartbeat` each time it looks for a job. Times of files are compared, not process ids, so
that a worker in another container counts as well.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from homeroom.evidence.files.blobs import write_file

RUN_FOLDER, SERVICE_FILE, HEARTBEAT_FILE = "run", "service.json", "worker.heartbeat"
WORKER = "worker"
STALE_SECONDS = 30.0
"""A file that was touched longer ago belongs to a process that is gone, or that does nothing any more."""
CRASHES = 3
"""So many ends in a row, none after a minute of work, are a crash loop."""
RUNNING, STOPPED, CRASHING, NOT_NEEDED = "running", "stopped", "crashing", "not needed"


class ProcessState(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the server: `pid` is 0 while it waits for its next start.

    `failures` counts its ends in a row, `restarts` all of them; `ended` is how it last ended, in words.
    """

    name: str
    title: str
    pid: int = 0
    failures: int = 0
    restarts: int = 0
    ended: str = ""
    ended_at: datetime | None = None


class ServiceState(msgspec.Struct, frozen=True, kw_only=True):
    """All processes of a server, as its supervisor wrote them."""

    pid: int
    started_at: datetime
    processes: tuple[ProcessState, ...] = ()

    def find_process(self, name: str) -> ProcessState | None:
        """Return the process of that name, or None."""
        return next((process for process in self.processes if process.name == name), None)


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """Whether the background worker runs (one of the states above), and a sentence about it without private detail."""

    state: str
    sentence: str

    @property
    def well(self) -> bool:
        """True if it runs, or if nothing needs it."""
        return self.state in (RUNNING, NOT_NEEDED)


def get_heartbeat_path(data: Path) -> Path:
    """Return the path of the file that the worker touches."""
    return data / RUN_FOLDER / HEARTBEAT_FILE


def write_service_state(data: Path, state: ServiceState) -> None:
    """Write the state of the server's processes."""
    (data / RUN_FOLDER).mkdir(mode=0o700, exist_ok=True)
    write_file(data / RUN_FOLDER / SERVICE_FILE, msgspec.json.encode(state))


def refresh_service_state(data: Path) -> None:
    """Show that the supervisor still runs."""
    path = data / RUN_FOLDER / SERVICE_FILE
    if path.exists():
        path.touch()


def remove_service_state(data: Path) -> None:
    """Remove the state, when the supervisor ends."""
    (data / RUN_FOLDER / SERVICE_FILE).unlink(missing_ok=True)


def read_service_state(data: Path, *, now: float) -> ServiceState | None:
    """Return the state of the server that runs at `now` (seconds since 1970); None if there is none."""
    path = data / RUN_FOLDER / SERVICE_FILE
    try:
        if now - path.stat().st_mtime > STALE_SECONDS:
            return None
        return msgspec.json.decode(path.read_bytes(), type=ServiceState)
    except (OSError, msgspec.MsgspecError):
        return None


def describe_worker(data: Path, *, now: float | None = None, jobs_wait: bool = False) -> WorkerStatus:
    """Return whether the background worker runs. `jobs_wait` is true if jobs have waited longer than they should."""
    at = time.time() if now is None else now
    service = read_service_state(data, now=at)
    process = service.find_process(WORKER) if service else None
    if process is not None and process.failures >= CRASHES:
        sentence = (
            f"The background worker keeps crashing ({process.failures} times in a row; the last: {process.ended})."
        )
        return WorkerStatus(state=CRASHING, sentence=sentence)
    age = _measure_age(get_heartbeat_path(data), at)
    if age is not None and age <= STALE_SECONDS and (process is None or process.pid or not process.ended):
        return WorkerStatus(state=RUNNING, sentence="The background worker runs.")
    if process is not None or age is not None or jobs_wait:
        sentence = "The background worker is not running: files that were dropped and syncs of consoles wait."
        return WorkerStatus(state=STOPPED, sentence=sentence)
    return WorkerStatus(state=NOT_NEEDED, sentence="No background worker runs, and nothing waits for one.")


def _measure_age(path: Path, now: float) -> float | None:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return None
