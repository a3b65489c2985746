"""Drop files as one job, in a child process: `python -m tests.apps.know.source_jobs.drop_files FILE…`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from homeroom.cli.options import start_command


def create_file_job(paths: list[Path]) -> None:
    """Create a job of the files, and print its number and its folder."""
    context = start_command(data=None)
    from django.core.files.uploadedfile import SimpleUploadedFile

    from homeroom.apps.know.sources.jobs import create_job, store_uploads
    from homeroom.apps.know.sources.tasks import load_job

    folder, files = store_uploads([SimpleUploadedFile(path.name, path.read_bytes()) for path in paths])
    number = create_job(
        district=context.district,
        actor="technician",
        at=datetime(2026, 1, 6, 12, tzinfo=UTC),
        folder=folder,
        files=files,
    )
    load_job.enqueue(context.district.slug, number)
    print(number, folder)


if __name__ == "__main__":
    create_file_job([Path(word) for word in sys.argv[1:]])
