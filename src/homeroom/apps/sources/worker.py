"""The background worker: one process that runs the jobs of the queue, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from homeroom.apps.sources.jobs import sweep

_log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
WAKE_SECONDS = 20.0


def run_worker(*, until_empty: bool = False, wake: Callable[[], object] | None = None) -> None:
    """Sweeps what dead jobs left, then works until it is told to stop (SIGTERM, Ctrl-C), or until nothing waits.

    The job of a killed worker is run again `settings.LEASE_SECONDS` after its last sign of life. `wake` queues what is due by
    the clock; it is called at the beginning and every `WAKE_SECONDS`.
    """
    sweep()
    with _waking(wake):
        call_command(
            "ox_worker",
            lock_timeout=settings.LEASE_SECONDS,
            interval=POLL_SECONDS,
            batch=until_empty,
            verbosity=0,
            skip_checks=True,
        )


@contextmanager
def _waking(wake: Callable[[], object] | None) -> Iterator[None]:
    if wake is None:
        yield
        return
    over = Event()

    def awake() -> None:
        while not over.is_set():
            try:
                wake()
            except Exception:  # noqa: BLE001 a thread that ends would wake nothing any more
                _log.exception("Nothing could be woken in this round.")
            finally:
                connections.close_all()
            over.wait(WAKE_SECONDS)

    thread = Thread(target=awake, name="waking", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)
