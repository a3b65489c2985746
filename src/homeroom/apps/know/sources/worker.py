"""The background worker: one process that runs the jobs of the queue, one at a time."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.models import F
from django.utils import timezone
from django_ox.models import OxTask

from homeroom.apps.know.sources.jobs import END_STATES, remove_orphaned_uploads
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.monitoring.service_state import get_heartbeat_path

_log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
WAKE_SECONDS = 20.0
LOST_AFTER = timedelta(minutes=1)
"""A job that is older is in the queue, unless the queue was lost."""


def run_worker(
    *, until_empty: bool = False, queue_due: Callable[[], object] | None = None, ended_process: int = 0
) -> None:
    """Remove leftovers of dead jobs, then run jobs until stopped (SIGTERM, Ctrl-C) or until the queue is empty.

    The job of a killed worker is run again at once if the supervisor saw that worker end, else
    `settings.LEASE_SECONDS` after its last heartbeat; `ended_process` is the process id of one that was seen to end.
    `queue_due` queues scheduled work; it is called at the start and every `WAKE_SECONDS`.
    """
    remove_orphaned_uploads()
    release_jobs_of_ended_worker(ended_process)
    queue_lost_jobs(before=timezone.now() - LOST_AFTER)
    heartbeat = get_heartbeat_path(settings.DATA)
    heartbeat.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with _call_periodically(queue_due):
            call_command(
                "ox_worker",
                lock_timeout=settings.LEASE_SECONDS,
                interval=POLL_SECONDS,
                batch=until_empty,
                heartbeat_file=str(heartbeat),
                verbosity=0,
                skip_checks=True,
            )
    finally:
        heartbeat.unlink(missing_ok=True)  # one that stays says that its worker was killed


def queue_lost_jobs(*, before: datetime) -> int:
    """Queue every job that was created before then and that the queue does not know; return how many.

    So are those whose queue was lost: its database is created again if it was damaged.
    """
    lost_jobs = [
        job
        for job in LoadJob.everywhere.exclude(state__in=END_STATES)
        .filter(made_at__lt=before)
        .select_related("district")
        if not OxTask.objects.filter(args=[job.district.slug, job.pk], task_path=load_job.module_path).exists()
    ]
    for job in lost_jobs:
        load_job.enqueue(job.district.slug, job.pk)
    return len(lost_jobs)


def release_jobs_of_ended_worker(pid: int) -> int:
    """Let the queue run the jobs of this machine's worker with that process id again; return how many.

    Only for a process that was seen to end: its lease is ended, and the queue does the rest as for any lost lease.
    """
    if not pid:
        return 0
    owner = f"{socket.gethostname()[:40]}-{pid}-"  # as django_ox names its workers
    jobs = OxTask.objects.filter(status=OxTask.Status.RUNNING, locked_by__startswith=owner)
    return jobs.update(lease_expires_at=F("locked_at"))


@contextmanager
def _call_periodically(callback: Callable[[], object] | None) -> Iterator[None]:
    if callback is None:
        yield
        return
    stop_event = Event()

    def run_loop() -> None:
        while not stop_event.is_set():
            try:
                callback()
            except Exception:  # noqa: BLE001 a thread that ends would wake nothing any more
                _log.exception("Nothing could be woken in this round.")
            finally:
                connections.close_all()
            stop_event.wait(WAKE_SECONDS)

    thread = Thread(target=run_loop, name="waking", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop_event.set()
        thread.join(timeout=5)
