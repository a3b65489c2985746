"""Drops of files, on the page or by a push: stored, recorded, and queued for the background worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from homeroom.apps.know.sources.jobs import Upload, create_job, store_uploads
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District


def drop_files(uploads: Sequence[Upload], *, district: District, actor: str, at: datetime, source: str = "") -> int:
    """Store uploads, queue a job that loads them, and return its number. What removes many records will be held."""
    folder, files = store_uploads(uploads)
    with transaction.atomic():
        number = create_job(district=district, actor=actor, at=at, folder=folder, files=files, source=source)
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="drop files",
            subject_kind="job",
            subject=str(number),
            detail={"files": len(files), "bytes": sum(file["bytes"] for file in files)},
        )
    load_job.enqueue(district.slug, number)
    return number
