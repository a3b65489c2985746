"""The background worker: one process that runs the jobs of the queue, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from homeroom.apps.sources.jobs import remove_orphaned_uploads

_log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
WAKE_SECONDS = 20.0


def run_worker(*, until_empty: bool = False, queue_due: Callable[[], object] | None = None) -> None:
    """Remove leftovers of dead jobs, then run jobs until stopped (SIGTERM, Ctrl-C) or until the queue is empty.

    The job of a killed worker is run again `settings.LEASE_SECONDS` after its last heartbeat. `queue_due` queues
    scheduled work; it is called at the start and every `WAKE_SECONDS`.
    """
    remove_orphaned_uploads()
    with _call_periodically(queue_due):
        call_command(
            "ox_worker",
            lock_timeout=settings.LEASE_SECONDS,
            interval=POLL_SECONDS,
            batch=until_empty,
            verbosity=0,
            skip_checks=True,
        )


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
