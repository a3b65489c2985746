"""The background task that loads dropped files, resolves and judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.tasks import TaskContext, task
from django.utils import timezone

from homeroom.apps.districts.queries import district_of
from homeroom.apps.districts.stores import store_of
from homeroom.apps.fixes.proving import verify
from homeroom.apps.inventory.commands import resolve
from homeroom.apps.posture.commands import assess
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.jobs import Progress, Steps, give_up, run_job
from homeroom.apps.sources.models import LoadJob
from homeroom.apps.sources.reports import LoadReport
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.reviewing import review

TRIES = 3  # the queue gives one more, which loads nothing: it ends a job that killed its worker each time


@task(takes_context=True)
def load_job(context: TaskContext[..., None], district: str, number: int) -> None:
    """Runs one job of the district of that short name. Safe to run again: a job that has ended is left alone."""
    here = district_of(slug=district)
    job = LoadJob.objects.of(here).filter(pk=number).first()
    if job is None:
        return
    at = timezone.now()
    if context.attempt > TRIES:
        give_up(district=here, number=number, at=at)
        return
    store = store_of(district=here)
    today = at.astimezone(ZoneInfo(here.timezone)).date()

    def resolved(progress: Progress) -> None:
        resolve(district=here, store=store, today=today, at=at, progress=progress)

    def judged(progress: Progress) -> None:
        let = suppressions(district=here, today=today)
        assess(district=here, store=store, today=today, at=at, progress=progress, suppressions=let)
        review(district=here, store=store, today=today, at=at)
        verify(district=here, store=store, at=at)

    def loaded(paths: Sequence[Path], progress: Progress) -> LoadReport:
        return load(
            paths,
            district=here,
            store=store,
            at=at,
            source=job.source or None,
            approved=job.approved,
            actor=job.made_by,
            progress=progress,
        )

    steps = Steps(load=loaded, after=(resolved, judged))
    run_job(
        district=here,
        number=number,
        now=timezone.now,
        steps=steps,
        first_try=context.attempt == 1,
        last_try=context.attempt >= TRIES,
    )
