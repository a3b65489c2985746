"""The background task that runs a sync, resolves and judges; and what wakes it: schedules, pauses that end, syncs left alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.tasks import task
from django.utils import timezone

from homeroom.apps.connections.beating import SILENT
from homeroom.apps.connections.commands import SyncOpen, may_begin_at, new_sync, plan_next
from homeroom.apps.connections.models import Connection, Sync
from homeroom.apps.connections.running import Means, run_sync
from homeroom.apps.districts.queries import district_of
from homeroom.apps.districts.stores import store_of
from homeroom.apps.fixes.proving import verify
from homeroom.apps.inventory.commands import resolve
from homeroom.apps.posture.commands import assess
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.reviewing import review
from homeroom.ingest.remote.clock import wall
from homeroom.ingest.remote.sending import Send, opened
from homeroom.ingest.remote.walking import Step


@task()
def sync_task(district: str, number: int) -> None:
    """Runs one sync of the district of that short name. Safe to run again: a sync that has ended is left alone.

    One that its schedule began waits where its turn comes, behind other jobs, at a time that the schedule leaves alone.
    """
    here = district_of(slug=district)
    with opened() as send:
        run_sync(district=here, number=number, means=replace(means_for(here, send=send), may_begin_at=may_begin_at))


def means_for(district: Any, *, send: Send, show: Step = lambda _step, _done, _total: None) -> Means:
    """What a sync of the district works with on this machine, resolving and judging included."""
    store = store_of(district=district)

    def resolved(progress: Step) -> None:
        at = timezone.now()
        resolve(district=district, store=store, today=_today(district, at), at=at, progress=progress)

    def judged(progress: Step) -> None:
        at = timezone.now()
        today = _today(district, at)
        let = suppressions(district=district, today=today)
        assess(district=district, store=store, today=today, at=at, progress=progress, suppressions=let)
        review(district=district, store=store, today=today, at=at)
        verify(district=district, store=store, at=at)

    return Means(store=store, clock=wall(), send=send, after=(resolved, judged), show=show)


def wake(*, at: datetime | None = None, enqueue: Callable[[str, int], Any] | None = None) -> int:
    """Queues every sync whose time has come, in every district; how many. Cheap where there is none.

    Of two workers that wake at once one makes the sync: an open one of the same connection keeps out another.
    """
    now = at or timezone.now()
    queue = enqueue or sync_task.enqueue
    numbers = [*_due(now), *_resumed(now), *_left(now)]
    for slug, number in numbers:
        queue(slug, number)
    return len(numbers)


def _due(now: datetime) -> list[tuple[str, int]]:
    made = []
    for one in Connection.everywhere.filter(next_at__lte=now).select_related("district"):
        if may_begin_at(one, at=now) > now:
            plan_next(one, last=None, at=now)
            continue
        with suppress(SyncOpen, LookupError):  # under way; or a console that this version no longer knows
            made.append((one.district.slug, new_sync(one, at=now, by="", whole=False)))
        plan_next(one, last=now, at=now)
    return made


def _resumed(now: datetime) -> list[tuple[str, int]]:
    """A sync that its schedule began goes on only when one could begin; who asked for one does not wait for the night."""
    rows = Sync.everywhere.filter(state="paused", resume_at__lte=now).select_related("district", "connection__district")
    found = []
    for one in rows:
        until = now if one.made_by else may_begin_at(one.connection, at=now)
        same = Sync.objects.of(one.district_id).filter(pk=one.pk, state="paused")
        if until > now:
            same.update(resume_at=until)
        elif same.update(state="waiting", beat_at=now):
            found.append((one.district.slug, one.pk))
    return found


def _left(now: datetime) -> list[tuple[str, int]]:
    rows = Sync.everywhere.filter(state__in=("waiting", "running"), beat_at__lt=now - SILENT).select_related("district")
    return [
        (one.district.slug, one.pk)
        for one in rows
        if Sync.objects.of(one.district_id).filter(pk=one.pk, beat_at=one.beat_at).update(beat_at=now)
    ]


def _today(district: Any, at: datetime) -> Any:
    return at.astimezone(ZoneInfo(district.timezone)).date()
