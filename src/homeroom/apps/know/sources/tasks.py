"""Background task that loads dropped files and runs the steps after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.tasks import TaskContext, task
from django.utils import timezone

from homeroom.apps.know.inventory.follow_ups import list_follow_ups
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.jobs import LoadJobSteps, fail_killed_job, run_job
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.telemetry.job_runs import trace_job
from homeroom.domain.progress import Progress

MAX_TRIES = 3  # the queue gives one more, which loads nothing: it ends a job that killed its worker each time


@task(takes_context=True)
@trace_job
def load_job(context: TaskContext[..., None], district: str, number: int) -> None:
    """Run one job of the district with that slug. Safe to repeat: a job that has ended is not touched."""
    district_row = get_district(slug=district)
    job = LoadJob.objects.of(district_row).filter(pk=number).first()
    if job is None:
        return
    at = timezone.now()
    if context.attempt > MAX_TRIES:
        fail_killed_job(district=district_row, number=number, at=at)
        return
    store = get_evidence_store(district=district_row)

    def run_load(paths: Sequence[Path], progress: Progress) -> LoadReport:
        return load_files(
            paths,
            district=district_row,
            store=store,
            at=at,
            source=job.source or None,
            approved=job.approved,
            actor=job.made_by,
            progress=progress,
        )

    steps = LoadJobSteps(
        load=run_load, follow_ups=list_follow_ups(district=district_row, store=store, clock=lambda: at)
    )
    run_job(
        district=district_row,
        number=number,
        now=timezone.now,
        steps=steps,
        first_try=context.attempt == 1,
        last_try=context.attempt >= MAX_TRIES,
    )
