"""A background job is logged under the request that queued it, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.tasks import task
from django_ox.models import OxTask

from homeroom.apps.know.connections.tasks import sync_task
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.telemetry.job_runs import trace_job
from homeroom.apps.platform.telemetry.request_ids import bind_request_id, create_request_id, get_request_id
from homeroom.evidence.files.log_file import EVENTS
from tests.apps.platform.telemetry.recorded_logs import RecordedLogs, record_logs

pytestmark = pytest.mark.django_db(databases="__all__")
_seen: list[tuple[str, str]] = []


@task()
@trace_job
def note_job(word: str) -> None:
    """Note the request that this job belongs to, or fail."""
    if word == "lucia":
        raise ValueError(f"no {word}")
    _seen.append((word, get_request_id()))


@pytest.fixture
def logs(tmp_path: Path, settings: Any) -> Iterator[RecordedLogs]:
    settings.DATA = tmp_path
    _seen.clear()
    with record_logs(tmp_path / "logged") as recorded:
        yield recorded


def test_a_job_belongs_to_the_request_that_queued_it_and_a_job_of_nobody_to_none(logs: RecordedLogs) -> None:
    request_id = create_request_id()
    with bind_request_id(request_id):
        note_job.enqueue("a")
    note_job.enqueue("b")
    assert OxTask.objects.get(args=["a"]).kwargs == {"origin": {"request_id": request_id}}
    assert OxTask.objects.get(args=["b"]).kwargs == {}
    run_queue()
    assert _seen == [("a", request_id), ("b", "")]
    first, second = [entry for entry in logs.read(EVENTS) if entry["event"] == "job"]
    assert (first["job"], first["outcome"], first["request_id"]) == ("note_job", "done", request_id)
    assert "request_id" not in second


def test_a_job_that_fails_is_logged_without_the_text_of_its_error(logs: RecordedLogs) -> None:
    note_job.enqueue("lucia")
    with pytest.raises(ValueError, match="no lucia"):
        run_queue()
    (entry,) = [entry for entry in logs.read(EVENTS) if entry["event"] == "job"]
    assert (entry["outcome"], entry["level"]) == ("failed", "WARNING")
    assert "lucia" not in logs.read_text()


def test_what_is_no_id_in_the_queue_is_not_taken_for_one(logs: RecordedLogs) -> None:
    note_job.func("c", origin={"request_id": "lucia.nunez@maple.test"})
    assert _seen == [("c", "")]


def test_every_job_that_a_page_queues_is_traced() -> None:
    assert all(job.func.is_traced for job in (load_job, sync_task))


def run_queue() -> None:
    """Run every job of the queue as a worker does, without its threads and retries."""
    for row in OxTask.objects.order_by("enqueued_at"):
        note_job.func(*row.args, **row.kwargs)
