"""Jobs that load dropped files: their end, their files, and running again after a worker was killed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from homeroom.apps.sources.jobs import Steps, give_up, keep_files, make_job, run_job, sweep
from homeroom.apps.sources.queries import Job, one_job
from homeroom.apps.sources.reports import Loaded, LoadReport
from homeroom.evidence.store import StoreBusy
from homeroom.ingest.problems import Problem
from tests.cast import Cast, gather

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)
NEW = LoadReport(loaded=(Loaded(outcome="new", connector="hr", stream="hr.staff", files=("a.csv",), seconds=0.1),))


@pytest.fixture
def cast() -> Cast:
    return gather()


def dropped(cast: Cast) -> tuple[int, Path]:
    """A job of one file, and its folder."""
    folder, files = keep_files([SimpleUploadedFile("a.csv", b"id\n1\n")])
    return make_job(district=cast.district, actor="technician", at=AT, folder=folder, files=files), folder


def ran(cast: Cast, number: int, steps: Steps, *, last_try: bool = True) -> Job:
    """The job after a run."""
    run_job(district=cast.district, number=number, now=lambda: AT, steps=steps, last_try=last_try)
    found = one_job(district=cast.district, number=number)
    assert found is not None
    return found


def gives(report: LoadReport, seen: list[str] | None = None) -> Callable[[Sequence[Path], object], LoadReport]:
    """A load that gives a report, and notes which files it was given."""

    def load(paths: Sequence[Path], progress: object) -> LoadReport:
        if seen is not None:
            seen.extend(path.name for path in paths)
        return report

    return load


def test_dropped_files_wait_where_only_their_owner_reads_them(cast: Cast) -> None:
    _, folder = dropped(cast)
    assert [path.name for path in folder.iterdir()] == ["a.csv"]
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "a.csv").stat().st_mode) == 0o600


def test_two_files_of_one_name_and_a_name_with_a_path_stay_inside_the_folder() -> None:
    files = [SimpleUploadedFile("a.csv", b"1"), SimpleUploadedFile("a.csv", b"2"), SimpleUploadedFile("x", b"3")]
    files[2].__dict__["_name"] = "..\\..\\up.csv"
    folder, kept = keep_files(files)
    assert sorted(path.read_bytes() for path in folder.rglob("*.csv")) == [b"1", b"2", b"3"]
    assert [file["name"] for file in kept] == ["a.csv", "a.csv", "up.csv"]


def test_a_job_loads_then_judges_and_leaves_no_file(cast: Cast) -> None:
    number, folder = dropped(cast)
    seen: list[str] = []
    after: list[str] = []
    job = ran(cast, number, Steps(load=gives(NEW, seen), after=(lambda _: after.append("judged"),)))
    assert (job.state, seen, after) == ("done", ["a.csv"], ["judged"])
    assert not folder.exists()
    assert job.result["packages"][0]["connector"] == "hr"


def test_what_changed_nothing_is_not_judged_again(cast: Cast) -> None:
    number, _ = dropped(cast)
    after: list[str] = []
    same = LoadReport(
        loaded=(Loaded(outcome="unchanged", connector="hr", stream="hr.staff", files=("a.csv",), seconds=0.1),)
    )
    assert ran(cast, number, Steps(load=gives(same), after=(lambda _: after.append("judged"),))).state == "done"
    assert after == []


def test_refused_files_are_told_with_their_reason(cast: Cast) -> None:
    number, folder = dropped(cast)
    problem = Problem(file="a.csv", reason="two columns have one name", line=1, fits="distinct names")
    job = ran(cast, number, Steps(load=gives(LoadReport(problems=(problem,)))))
    assert job.state == "refused"
    assert job.result["refused"][0]["reason"] == "two columns have one name"
    assert not folder.exists()


def test_a_job_that_a_killed_worker_left_runs_again_and_an_ended_one_does_not(cast: Cast) -> None:
    number, _ = dropped(cast)
    seen: list[str] = []

    class Killed(BaseException):
        """What a kill looks like from inside: nothing after it runs."""

    def dies(paths: Sequence[Path], progress: object) -> LoadReport:
        raise Killed

    with pytest.raises(Killed):
        ran(cast, number, Steps(load=dies))
    assert ran(cast, number, Steps(load=gives(NEW, seen))).state == "done"
    assert ran(cast, number, Steps(load=gives(NEW, seen))).state == "done"
    assert seen == ["a.csv"]


def test_a_busy_store_is_tried_again_until_the_last_try(cast: Cast) -> None:
    number, folder = dropped(cast)

    def busy(paths: Sequence[Path], progress: object) -> LoadReport:
        raise StoreBusy("another load")

    with pytest.raises(StoreBusy):
        ran(cast, number, Steps(load=busy), last_try=False)
    assert folder.exists()
    job = ran(cast, number, Steps(load=busy))
    assert (job.state, job.result) == ("failed", {"reason": "busy"})
    assert not folder.exists()


def test_a_fault_is_told_by_its_kind_and_never_by_its_text(cast: Cast) -> None:
    number, folder = dropped(cast)

    def breaks(paths: Sequence[Path], progress: object) -> LoadReport:
        raise ValueError("Ada Lovelace")

    with pytest.raises(ValueError, match="Ada"):
        ran(cast, number, Steps(load=breaks))
    job = one_job(district=cast.district, number=number)
    assert job is not None
    assert (job.state, job.result) == ("failed", {"reason": "ValueError"})
    assert not folder.exists()


def test_a_fault_before_the_last_try_leaves_the_job_waiting_with_its_files(cast: Cast) -> None:
    number, folder = dropped(cast)

    def breaks(paths: Sequence[Path], progress: object) -> LoadReport:
        raise ValueError("Ada Lovelace")

    with pytest.raises(ValueError, match="Ada"):
        ran(cast, number, Steps(load=breaks), last_try=False)
    job = one_job(district=cast.district, number=number)
    assert job is not None
    assert job.state == "waiting"
    assert folder.exists()
    assert ran(cast, number, Steps(load=gives(NEW))).state == "done"


def test_a_job_that_another_worker_ended_meanwhile_keeps_that_end(cast: Cast) -> None:
    number, _ = dropped(cast)

    def taken_over(paths: Sequence[Path], progress: object) -> LoadReport:
        assert ran(cast, number, Steps(load=gives(NEW))).state == "done"
        raise FileNotFoundError("the dropped files are gone")

    assert ran(cast, number, Steps(load=taken_over), last_try=False).state == "done"
    assert ran(cast, number, Steps(load=taken_over)).state == "done"


def test_a_job_that_is_given_up_says_so_and_one_that_ended_is_left_alone(cast: Cast) -> None:
    number, folder = dropped(cast)
    give_up(district=cast.next_district, number=number, at=AT)
    assert folder.exists()
    give_up(district=cast.district, number=number, at=AT)
    job = one_job(district=cast.district, number=number)
    assert job is not None
    assert (job.state, job.result) == ("failed", {"reason": "killed"})
    assert not folder.exists()
    ended, _ = dropped(cast)
    assert ran(cast, ended, Steps(load=gives(NEW))).state == "done"
    give_up(district=cast.district, number=ended, at=AT)
    found = one_job(district=cast.district, number=ended)
    assert found is not None
    assert found.state == "done"


def test_a_stranger_has_no_such_job(cast: Cast) -> None:
    number, _ = dropped(cast)
    assert one_job(district=cast.next_district, number=number) is None


def test_a_sweep_removes_orphans_that_are_old_and_keeps_what_waits(cast: Cast) -> None:
    _, waiting = dropped(cast)
    orphan, _ = keep_files([SimpleUploadedFile("b.csv", b"1")])
    sweep(at=orphan.stat().st_mtime + 60)
    assert orphan.exists()
    sweep(at=orphan.stat().st_mtime + 4000)
    assert not orphan.exists()
    assert waiting.exists()
