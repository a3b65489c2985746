"""Background task that runs a sync and the steps after it, and the queueing of due, resumed and abandoned syncs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from homeroom.apps.know.connections.commands import (
    SyncInProgress,
    create_sync,
    get_next_allowed_start,
    schedule_next_logs,
    schedule_next_sync,
)
from homeroom.apps.know.connections.heartbeat import DEAD_AFTER
from homeroom.apps.know.connections.models import Connection, Sync
from homeroom.apps.know.connections.run_sync import SyncContext, run_sync
from homeroom.apps.know.inventory.follow_ups import list_event_follow_ups, list_follow_ups
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.telemetry.job_runs import trace_job
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.ingest.remote.clock import create_system_clock
from homeroom.ingest.remote.http_transport import Send, open_transport


@task()
@trace_job
def sync_task(district: str, number: int) -> None:
    """Run one sync of the district with that slug. Safe to repeat: a sync that has ended is not touched.

    A scheduled sync that was delayed by other jobs waits if the schedule does not allow it to run now.
    """
    district_row = get_district(slug=district)
    with open_transport(policy=settings.ADDRESS_POLICY) as send:
        run_sync(
            district=district_row,
            number=number,
            context=replace(build_sync_context(district_row, send=send), next_allowed_start=get_next_allowed_start),
        )


def build_sync_context(district: District, *, send: Send, show: Progress = ignore_progress) -> SyncContext:
    """Build the context of a district's sync on this machine. Its follow-ups resolve, judge logs, assess and verify."""
    store = get_evidence_store(district=district)
    return SyncContext(
        store=store,
        clock=create_system_clock(),
        send=send,
        follow_ups=list_follow_ups(district=district, store=store, clock=timezone.now),
        event_follow_ups=list_event_follow_ups(district=district, store=store, clock=timezone.now),
        show=show,
    )


def queue_due_syncs(*, at: datetime | None = None, enqueue: Callable[[str, int], Any] | None = None) -> int:
    """Queue every due sync of every district and return how many. Cheap if there is none.

    If two workers run this at once, only one creates a sync, since a connection can have only one open sync.
    """
    now = at or timezone.now()
    queue = enqueue or sync_task.enqueue
    numbers = [
        *_create_due_syncs(now),
        *_create_due_log_syncs(now),
        *_resume_paused_syncs(now),
        *_restart_abandoned_syncs(now),
    ]
    for slug, number in numbers:
        queue(slug, number)
    return len(numbers)


def _create_due_syncs(now: datetime) -> list[tuple[str, int]]:
    numbers = []
    for connection in Connection.everywhere.filter(next_at__lte=now).select_related("district"):
        if get_next_allowed_start(connection, at=now) > now:
            schedule_next_sync(connection, last=None, at=now)
            continue
        try:
            numbers.append((connection.district.slug, create_sync(connection, at=now, actor="", full=False)))
        except SyncInProgress as in_progress:
            if in_progress.logs:
                continue  # over in a moment: the lists wait for it
        except LookupError:
            pass  # a console that this version no longer knows
        schedule_next_sync(connection, last=now, at=now)
    return numbers


def _create_due_log_syncs(now: datetime) -> list[tuple[str, int]]:
    """Create the syncs of logs that are due. They wait while the lists are read, and the logs with them."""
    numbers = []
    for connection in Connection.everywhere.filter(logs_at__lte=now).select_related("district"):
        with suppress(SyncInProgress, LookupError):
            number = create_sync(connection, at=now, actor="", full=False, logs=True)
            numbers.append((connection.district.slug, number))
        schedule_next_logs(connection, at=now)
    return numbers


def _resume_paused_syncs(now: datetime) -> list[tuple[str, int]]:
    """Resume paused syncs; a scheduled one only when its schedule allows, one that a user requested at once."""
    rows = Sync.everywhere.filter(state="paused", resume_at__lte=now).select_related("district", "connection__district")
    numbers = []
    for sync in rows:
        until = now if sync.made_by else get_next_allowed_start(sync.connection, at=now)
        this_sync = Sync.objects.of(sync.district_id).filter(pk=sync.pk, state="paused")
        if until > now:
            this_sync.update(resume_at=until)
        elif this_sync.update(state="waiting", beat_at=now):
            numbers.append((sync.district.slug, sync.pk))
    return numbers


def _restart_abandoned_syncs(now: datetime) -> list[tuple[str, int]]:
    rows = Sync.everywhere.filter(state__in=("waiting", "running"), beat_at__lt=now - DEAD_AFTER).select_related(
        "district"
    )
    return [
        (sync.district.slug, sync.pk)
        for sync in rows
        if Sync.objects.of(sync.district_id).filter(pk=sync.pk, beat_at=sync.beat_at).update(beat_at=now)
    ]
