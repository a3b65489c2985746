"""Counters of requests and jobs in files that all processes of a server share, in the way of prometheus_client.

Each process maps files of its own (`counter_<pid>.db`) in `run/metrics` of the data folder; a scrape adds them up. They
are deleted when the server starts, so that counters begin at 0 then, as Prometheus expects.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FOLDER = Path("run") / "metrics"
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOB_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)


class Counters:
    """The counters of one process. `folder` is where its files are."""

    def __init__(self, folder: Path) -> None:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = os.fspath(folder)  # read when the library is imported
        from prometheus_client import Counter, Histogram

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._requests: Any = Counter(
            "homeroom_requests", "Requests that were answered.", ("route", "method", "status"), registry=None
        )
        self._request_seconds: Any = Histogram(
            "homeroom_request_seconds",
            "Seconds from the arrival of a request to its answer.",
            ("route",),
            buckets=REQUEST_SECONDS,
            registry=None,
        )
        self._jobs: Any = Counter(
            "homeroom_job_runs", "Runs of background jobs that ended.", ("job", "outcome"), registry=None
        )
        self._job_seconds: Any = Histogram(
            "homeroom_job_seconds", "Seconds that a background job ran.", ("job",), buckets=JOB_SECONDS, registry=None
        )

    def count_request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(route, method, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def count_job(self, *, job: str, outcome: str, seconds: float) -> None:
        """Count one run of a job that ended: `done` or `failed`."""
        self._jobs.labels(job, outcome).inc()
        self._job_seconds.labels(job).observe(seconds)


_counters: list[Counters] = []
"""The counters of this process; none while metrics are off."""


def open_counters(data: Path) -> Counters:
    """Begin to count in this process; call it once a process, after a fork."""
    if not _counters:
        _counters.append(Counters(data / FOLDER))
    return _counters[0]


def get_counters() -> Counters | None:
    """Return the counters of this process; None while metrics are off."""
    return _counters[0] if _counters else None


def remove_counter_files(data: Path) -> None:
    """Delete the files of the processes of an earlier server."""
    for path in (data / FOLDER).glob("*.db"):
        path.unlink(missing_ok=True)
