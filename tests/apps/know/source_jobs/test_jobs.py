"""Jobs that load dropped files: their end, their files, and running again after a worker was killed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_ox.models import OxTask

from homeroom.apps.know.sources.integrity import find_damage
from homeroom.apps.know.sources.jobs import (
    LoadJobSteps,
    create_job,
    fail_killed_job,
    remove_orphaned_uploads,
    run_job,
    store_uploads,
)
from homeroom.apps.know.sources.load_report import LoadReport, LoadResult
from homeroom.apps.know.sources.queries import LoadJobView, find_job
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.know.sources.upload_handlers import TypedTextHandler
from homeroom.apps.know.sources.worker import queue_lost_jobs
from homeroom.evidence.loads.store import EvidenceStore, StoreBusy
from homeroom.ingest.contract.errors import Problem
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("the queue, unique mappings")]
AT = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)
NEW = LoadReport(loaded=(LoadResult(outcome="new", connector="hr", stream="hr.staff", files=("a.csv",), seconds=0.1),))


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def create_one_file_job(cast: Cast) -> tuple[int, Path]:
    """Create a job of one file; return its number and its folder."""
    folder, files = store_uploads([SimpleUploadedFile("a.csv", b"id\n1\n")])
    return create_job(district=cast.district, actor="technician", at=AT, folder=folder, files=files), folder


def run_and_find_job(cast: Cast, number: int, steps: LoadJobSteps, *, last_try: bool = True) -> LoadJobView:
    """Run the job and return it."""
    run_job(district=cast.district, number=number, now=lambda: AT, steps=steps, last_try=last_try)
    job = find_job(district=cast.district, number=number)
    assert job is not None
    return job


def fake_load(
    report: LoadReport, file_names: list[str] | None = None
) -> Callable[[Sequence[Path], object], LoadReport]:
    """Return a load function that returns the report and records the names of its files."""

    def load(paths: Sequence[Path], progress: object) -> LoadReport:
        if file_names is not None:
            file_names.extend(path.name for path in paths)
        return report

    return load


def test_dropped_files_wait_where_only_their_owner_reads_them(cast: Cast) -> None:
    _, folder = create_one_file_job(cast)
    assert [path.name for path in folder.iterdir()] == ["a.csv"]
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "a.csv").stat().st_mode) == 0o600


def test_two_files_of_one_name_and_a_name_with_a_path_stay_inside_the_folder() -> None:
    files = [SimpleUploadedFile("a.csv", b"1"), SimpleUploadedFile("a.csv", b"2"), SimpleUploadedFile("x", b"3")]
    files[2].__dict__["_name"] = "..\\..\\up.csv"
    folder, stored_files = store_uploads(files)
    assert sorted(path.read_bytes() for path in folder.rglob("*.csv")) == [b"1", b"2", b"3"]
    assert [file["name"] for file in stored_files] == ["a.csv", "a.csv", "up.csv"]


def test_no_name_of_a_file_is_too_long_or_in_the_way_of_another() -> None:
    long_names = ("é" * 250 + ".csv", "x." + "y" * 250, "é" * 200)
    names = ["a", "3", "a", "00004-a", "a", *long_names, *long_names]
    folder, stored_files = store_uploads([SimpleUploadedFile(name, name.encode()) for name in names])
    contents = sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert contents == sorted(name.encode() for name in names)
    assert [file["name"] for file in stored_files][:5] == names[:5]
    assert stored_files[5]["name"] == "é" * 98 + ".csv"
    handler = TypedTextHandler()
    for name in long_names:
        handler.new_file("files", name, "text/csv", 3)
        handler.receive_data_chunk(b"abc", 0)
        with handler.file_complete(3) as file:
            assert file.size == 3


def test_a_job_loads_then_judges_and_leaves_no_file(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)
    file_names: list[str] = []
    follow_ups: list[str] = []
    job = run_and_find_job(
        cast, number, LoadJobSteps(load=fake_load(NEW, file_names), follow_ups=(lambda _: follow_ups.append("judged"),))
    )
    assert (job.state, file_names, follow_ups) == ("done", ["a.csv"], ["judged"])
    assert not folder.exists()
    assert job.result["packages"][0]["connector"] == "hr"


def test_what_changed_nothing_is_not_judged_again(cast: Cast) -> None:
    number, _ = create_one_file_job(cast)
    follow_ups: list[str] = []
    unchanged_report = LoadReport(
        loaded=(LoadResult(outcome="unchanged", connector="hr", stream="hr.staff", files=("a.csv",), seconds=0.1),)
    )
    assert (
        run_and_find_job(
            cast,
            number,
            LoadJobSteps(load=fake_load(unchanged_report), follow_ups=(lambda _: follow_ups.append("judged"),)),
        ).state
        == "done"
    )
    assert follow_ups == []


def test_refused_files_are_told_with_their_reason(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)
    problem = Problem(file="a.csv", reason="two columns have one name", line=1, fits="distinct names")
    job = run_and_find_job(cast, number, LoadJobSteps(load=fake_load(LoadReport(problems=(problem,)))))
    assert job.state == "refused"
    assert job.result["refused"][0]["reason"] == "two columns have one name"
    assert not folder.exists()


def test_a_job_that_a_killed_worker_left_runs_again_and_an_ended_one_does_not(cast: Cast) -> None:
    number, _ = create_one_file_job(cast)
    file_names: list[str] = []

    class Killed(BaseException):
        """A kill as it looks from inside: nothing after it runs."""

    def raise_killed(paths: Sequence[Path], progress: object) -> LoadReport:
        raise Killed

    with pytest.raises(Killed):
        run_and_find_job(cast, number, LoadJobSteps(load=raise_killed))
    assert run_and_find_job(cast, number, LoadJobSteps(load=fake_load(NEW, file_names))).state == "done"
    assert run_and_find_job(cast, number, LoadJobSteps(load=fake_load(NEW, file_names))).state == "done"
    assert file_names == ["a.csv"]


def test_a_busy_store_is_tried_again_until_the_last_try(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)

    def raise_busy(paths: Sequence[Path], progress: object) -> LoadReport:
        raise StoreBusy("another load")

    with pytest.raises(StoreBusy):
        run_and_find_job(cast, number, LoadJobSteps(load=raise_busy), last_try=False)
    assert folder.exists()
    job = run_and_find_job(cast, number, LoadJobSteps(load=raise_busy))
    assert (job.state, job.result) == ("failed", {"reason": "busy"})
    assert not folder.exists()


def test_a_fault_is_told_by_its_kind_and_never_by_its_text(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)

    def raise_value_error(paths: Sequence[Path], progress: object) -> LoadReport:
        raise ValueError("Ada Lovelace")

    with pytest.raises(ValueError, match="Ada"):
        run_and_find_job(cast, number, LoadJobSteps(load=raise_value_error))
    job = find_job(district=cast.district, number=number)
    assert job is not None
    assert (job.state, job.result) == ("failed", {"reason": "ValueError"})
    assert not folder.exists()


def test_a_fault_before_the_last_try_leaves_the_job_waiting_with_its_files(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)

    def raise_value_error(paths: Sequence[Path], progress: object) -> LoadReport:
        raise ValueError("Ada Lovelace")

    with pytest.raises(ValueError, match="Ada"):
        run_and_find_job(cast, number, LoadJobSteps(load=raise_value_error), last_try=False)
    job = find_job(district=cast.district, number=number)
    assert job is not None
    assert job.state == "waiting"
    assert folder.exists()
    assert run_and_find_job(cast, number, LoadJobSteps(load=fake_load(NEW))).state == "done"


def test_a_job_that_another_worker_ended_meanwhile_keeps_that_end(cast: Cast) -> None:
    number, _ = create_one_file_job(cast)

    def finish_elsewhere(paths: Sequence[Path], progress: object) -> LoadReport:
        assert run_and_find_job(cast, number, LoadJobSteps(load=fake_load(NEW))).state == "done"
        raise FileNotFoundError("the dropped files are gone")

    assert run_and_find_job(cast, number, LoadJobSteps(load=finish_elsewhere), last_try=False).state == "done"
    assert run_and_find_job(cast, number, LoadJobSteps(load=finish_elsewhere)).state == "done"


def test_a_job_that_is_given_up_says_so_and_one_that_ended_is_left_alone(cast: Cast) -> None:
    number, folder = create_one_file_job(cast)
    fail_killed_job(district=cast.next_district, number=number, at=AT)
    assert folder.exists()
    fail_killed_job(district=cast.district, number=number, at=AT)
    job = find_job(district=cast.district, number=number)
    assert job is not None
    assert (job.state, job.result) == ("failed", {"reason": "killed"})
    assert not folder.exists()
    ended_number, _ = create_one_file_job(cast)
    assert run_and_find_job(cast, ended_number, LoadJobSteps(load=fake_load(NEW))).state == "done"
    fail_killed_job(district=cast.district, number=ended_number, at=AT)
    ended_job = find_job(district=cast.district, number=ended_number)
    assert ended_job is not None
    assert ended_job.state == "done"


def test_a_stranger_has_no_such_job(cast: Cast) -> None:
    number, _ = create_one_file_job(cast)
    assert find_job(district=cast.next_district, number=number) is None


def test_a_sweep_removes_orphans_that_are_old_and_keeps_what_waits(cast: Cast) -> None:
    _, waiting = create_one_file_job(cast)
    orphan, _ = store_uploads([SimpleUploadedFile("b.csv", b"1")])
    remove_orphaned_uploads(at=orphan.stat().st_mtime + 60)
    assert orphan.exists()
    remove_orphaned_uploads(at=orphan.stat().st_mtime + 4000)
    assert not orphan.exists()
    assert waiting.exists()


def test_two_installations_on_one_machine_leave_each_others_uploads_alone(
    cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path / "ours"
    own_folder, _ = store_uploads([SimpleUploadedFile("a.csv", b"1")])
    settings.DATA = tmp_path / "theirs"
    other_folder, _ = store_uploads([SimpleUploadedFile("a.csv", b"1")])
    assert remove_orphaned_uploads(at=own_folder.stat().st_mtime + 10**6) == 1
    assert (own_folder.is_dir(), other_folder.exists()) == (True, False)
    assert own_folder.is_relative_to(tmp_path / "ours" / "uploads")
    modes = {path.stat().st_mode & 0o077 for path in (own_folder, *own_folder.iterdir(), own_folder.parent)}
    assert modes == {0}


def test_an_upload_that_fails_leaves_nothing(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path

    def send_some() -> Iterator[bytes]:
        yield b"some"
        raise OSError(errno.ENOSPC, "No space left on device")

    upload = SimpleNamespace(name="a.csv", size=9, chunks=send_some)
    with pytest.raises(OSError, match="No space left"):
        store_uploads([upload])
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_upload_that_waits_and_was_changed_is_named(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    number, folder = create_one_file_job(cast)
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    assert find_damage(district=cast.district, store=store) == ()
    (folder / "a.csv").write_bytes(b"id\n2\n")
    (damage,) = find_damage(district=cast.district, store=store)
    assert (damage.path, damage.subject) == (f"uploads/{folder.name}/a.csv", f"job {number}")
    assert damage.consequence == "it waits to be loaded; drop it again"


@pytest.mark.django_db(databases="__all__")
def test_a_load_that_was_queued_before_its_task_moved_is_queued_again_once(cast: Cast) -> None:
    number, _folder = create_one_file_job(cast)
    load_job.enqueue(cast.district.slug, number)
    OxTask.objects.update(task_path="homeroom.apps.sources.tasks.load_job")
    assert queue_lost_jobs(before=AT) == 0, "it is not old enough"
    assert queue_lost_jobs(before=AT + timedelta(minutes=1)) == 1
    assert queue_lost_jobs(before=AT + timedelta(minutes=1)) == 0
    assert load_job.module_path in OxTask.objects.values_list("task_path", flat=True)
