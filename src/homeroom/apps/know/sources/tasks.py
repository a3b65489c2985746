"""Background task that loads dropped files and runs the steps after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.tasks import TaskContext, task
from django.utils import timezone

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.jobs import LoadJobSteps, fail_killed_job, run_job
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.telemetry.job_runs import trace_job
from homeroom.apps.protect.detection.judging.judge_district import judge_district
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.fixes.verify import verify_fixes
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
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
    today = at.astimezone(ZoneInfo(district_row.timezone)).date()

    def run_resolve(progress: Progress) -> None:
        resolve(district=district_row, store=store, today=today, at=at, progress=progress)

    def run_judging(progress: Progress) -> None:
        judge_district(district=district_row, store=store, at=at, progress=progress)

    def run_assess(progress: Progress) -> None:
        active_suppressions = list_active_suppressions(district=district_row, today=today)
        assess(
            district=district_row, store=store, today=today, at=at, progress=progress, suppressions=active_suppressions
        )
        review_vulnerabilities(district=district_row, store=store, today=today, at=at)
        verify_fixes(district=district_row, store=store, at=at)

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

    steps = LoadJobSteps(load=run_load, follow_ups=(run_resolve, run_judging, run_assess))
    run_job(
        district=district_row,
        number=number,
        now=timezone.now,
        steps=steps,
        first_try=context.attempt == 1,
        last_try=context.attempt >= MAX_TRIES,
    )
