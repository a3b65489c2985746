"""The queue and its workers, as real processes: a killed worker, a job that always breaks, and two workers at once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeroom.cli.options import FIRST
from homeroom.evidence.store import Store
from tests.houses import awaited, exports, killed, said, started

pytestmark = pytest.mark.scale
ENDED = ("SUCCESSFUL", "FAILED")
_ROWS = {
    "inventory_person": "public, name, email, kind, school, grade, sources",
    "inventory_account": "public, email, directory, role, enabled, second_factor, sources",
    "inventory_device": "public, serial, asset_tag, status, school, holder, sources",
    "inventory_ledgerentry": "kind, connector, instance, key, subject",
    "posture_controlresult": "control, population, passing, failing, cannot_tell, not_applicable",
    "posture_finding": 'control, "group", subject_kind',
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A roster as one zip file, accounts, devices and assets of the sample district."""
    folder = exports(tmp_path_factory.mktemp("worker") / "sample")
    roster = shutil.make_archive(str(folder.parent / "roster"), "zip", folder / "oneroster")
    google = folder / "google"
    return [Path(roster), google / "users.csv", google / "chromeosdevices.csv", folder / "snipeit" / "assets.csv"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def dropped(data: Path, files: list[Path]) -> tuple[int, Path]:
    number, folder = said(*map(str, files), data=data, module="tests.apps.source_jobs.dropping").decode().split(" ", 1)
    return int(number), Path(folder.strip())


@contextmanager
def working(data: Path, *, many: int = 1, **settings: str) -> Iterator[None]:
    workers = [started("worker", data=data, **settings) for _ in range(many)]
    try:
        yield
    finally:
        for worker in workers:
            killed(worker)


def store_in(data: Path) -> Store:
    return Store(data / "evidence", district=FIRST)


def asked(data: Path, sql: str, *values: Any, name: str = "state") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / f"{name}.sqlite3", timeout=10)) as connection:
        return connection.execute(sql, values).fetchall()


def job(data: Path, number: int) -> tuple[str, dict[str, Any]]:
    """A job's state and result."""
    state, result = asked(data, "SELECT state, result FROM sources_loadjob WHERE id = ?", number)[0]
    return state, json.loads(result)


def tasks(data: Path) -> list[tuple[str, int, list[str]]]:
    """(state, tries, the workers that tried) of every task of the queue."""
    rows = asked(data, "SELECT status, attempts, worker_ids FROM django_ox_oxtask ORDER BY enqueued_at", name="jobs")
    return [(status, tries, json.loads(workers)) for status, tries, workers in rows]


def whole(data: Path) -> dict[str, Any]:
    """What stands: the rows that pages show, and the evidence, without times."""
    result = json.loads(asked(data, "SELECT result FROM sources_loadjob")[0][0])
    outcomes = [(one["stream"], one["outcome"], one["kept"]) for one in result["packages"]]
    found: dict[str, Any] = {
        "outcomes": outcomes,
        **{table: sorted(asked(data, f"SELECT {columns} FROM {table}"), key=repr) for table, columns in _ROWS.items()},
    }
    found["evidence"] = [(load.stream, load.rows_kept, load.tables) for load in store_in(data).loads()]
    return found


def test_a_job_of_a_worker_that_was_killed_is_run_again_and_ends_as_if_nothing_had_been(
    files: list[Path], tmp_path: Path
) -> None:
    quiet, rough = tmp_path / "quiet", tmp_path / "rough"
    number, _ = dropped(quiet, files)
    with working(quiet):
        awaited(lambda: job(quiet, number)[0] == "done")
    number, folder = dropped(rough, files)
    for loaded in (1, len(files)):  # between two of its files, then on the way from the last one to the judgement
        with working(rough):
            awaited(lambda loaded=loaded: len(store_in(rough).loads()) >= loaded)
        assert job(rough, number)[0] == "running"
        assert folder.is_dir()
    with working(rough):
        awaited(lambda: job(rough, number)[0] == "done")
        awaited(lambda: tasks(rough)[0][0] in ENDED)  # the queue hears of a job's end after the job's own record
    assert [(state, tries) for state, tries, _ in tasks(rough)] == [("SUCCESSFUL", 3)]
    assert not folder.exists()
    assert whole(rough) == whole(quiet)
    assert whole(quiet)["inventory_device"]


def test_a_job_that_always_breaks_is_tried_three_times_and_then_failed_with_the_reason(
    files: list[Path], data: Path
) -> None:
    number, folder = dropped(data, files[1:2])
    shutil.rmtree(folder)
    with working(data):
        awaited(lambda: job(data, number)[0] == "failed")
        awaited(lambda: tasks(data)[0][0] in ("FAILED", "SUCCESSFUL"))
    assert job(data, number) == ("failed", {"reason": "FileNotFoundError"})
    errors = asked(data, "SELECT errors FROM django_ox_oxtask", name="jobs")[0][0]
    assert errors.count("the dropped files are gone") >= 3
    assert not asked(data, "SELECT * FROM audit_entry WHERE action = 'load'")


def test_a_job_that_kills_its_worker_each_time_is_given_up(files: list[Path], data: Path) -> None:
    number, folder = dropped(data, files)
    for tried in (1, 2, 3):
        with working(data):
            awaited(lambda tried=tried: tasks(data)[0][1] == tried and job(data, number)[0] == "running")
    with working(data):
        awaited(lambda: job(data, number)[0] != "running")
    assert job(data, number) == ("failed", {"reason": "killed"})
    assert not folder.exists()


def test_two_workers_never_run_one_job_both(files: list[Path], data: Path) -> None:
    numbers = [dropped(data, [one])[0] for one in files for _ in range(2)]
    # The lease is a district's own: a busy machine must not make one worker look dead to the other.
    with working(data, many=2, HOMEROOM_LEASE_SECONDS="60"):
        awaited(lambda: all(state in ENDED for state, _, _ in tasks(data)), seconds=300)
    assert [job(data, number)[0] for number in numbers] == ["done"] * len(numbers), tasks(data)
    runs = tasks(data)
    assert [(tries, len(workers)) for _, tries, workers in runs] == [(1, 1)] * len(numbers)
    assert len({worker for _, _, workers in runs for worker in workers}) == 2
    outcomes = [job(data, number)[1]["packages"][0]["outcome"] for number in numbers]
    assert sorted(outcomes) == ["new"] * len(files) + ["unchanged"] * len(files)
