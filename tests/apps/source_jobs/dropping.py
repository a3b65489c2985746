"""A child process for the worker's tests: `python -m tests.apps.source_jobs.dropping FILE…` drops files as one job."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from homeroom.cli.options import begin


def main(paths: list[Path]) -> None:
    """Makes a job of the files and prints its number and its folder."""
    started = begin(data=None)
    from django.core.files.uploadedfile import SimpleUploadedFile

    from homeroom.apps.sources.jobs import keep_files, make_job
    from homeroom.apps.sources.tasks import load_job

    folder, files = keep_files([SimpleUploadedFile(path.name, path.read_bytes()) for path in paths])
    number = make_job(
        district=started.district,
        actor="technician",
        at=datetime(2026, 1, 6, 12, tzinfo=UTC),
        folder=folder,
        files=files,
    )
    load_job.enqueue(started.district.slug, number)
    print(number, folder)


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
