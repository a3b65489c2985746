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

from homeroom.cli.options import DEFAULT_DISTRICT
from homeroom.evidence.loads.store import EvidenceStore
from tests.sample_server import generate_exports, run_process, start_to_kill, wait_until

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
    """Return a roster as one zip file, and accounts, devices and assets of the sample district."""
    folder = generate_exports(tmp_path_factory.mktemp("worker") / "sample")
    roster = shutil.make_archive(str(folder.parent / "roster"), "zip", folder / "oneroster")
    google = folder / "google"
    return [Path(roster), google / "users.csv", google / "chromeosdevices.csv", folder / "snipeit" / "assets.csv"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def drop_files(data: Path, files: list[Path]) -> tuple[int, Path]:
    number, folder = (
        run_process(*map(str, files), data=data, module="tests.apps.know.source_jobs.drop_files").decode().split(" ", 1)
    )
    return int(number), Path(folder.strip())


@contextmanager
def run_workers(data: Path, *, count: int = 1, **settings: str) -> Iterator[None]:
    workers = [start_to_kill("worker", data=data, **settings) for _ in range(count)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()


def open_store(data: Path) -> EvidenceStore:
    return EvidenceStore(data / "evidence", district=DEFAULT_DISTRICT)


def query_database(data: Path, sql: str, *values: Any, name: str = "state") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / f"{name}.sqlite3", timeout=10)) as connection:
        return connection.execute(sql, values).fetchall()


def read_job(data: Path, number: int) -> tuple[str, dict[str, Any]]:
    """Return a job's state and result."""
    state, result = query_database(data, "SELECT state, result FROM sources_loadjob WHERE id = ?", number)[0]
    return state, json.loads(result)


def list_tasks(data: Path) -> list[tuple[str, int, list[str]]]:
    """Return (state, tries, the workers that tried) of every task of the queue."""
    rows = query_database(
        data, "SELECT status, attempts, worker_ids FROM django_ox_oxtask ORDER BY enqueued_at", name="jobs"
    )
    return [(status, tries, json.loads(workers)) for status, tries, workers in rows]


def describe_state(data: Path) -> dict[str, Any]:
    """Describe the rows that pages show and the evidence, without times."""
    result = json.loads(query_database(data, "SELECT result FROM sources_loadjob")[0][0])
    outcomes = [(package["stream"], package["outcome"], package["kept"]) for package in result["packages"]]
    state_rows: dict[str, Any] = {
        "outcomes": outcomes,
        **{
            table: sorted(query_database(data, f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in _ROWS.items()
        },
    }
    state_rows["evidence"] = [(load.stream, load.rows_kept, load.tables) for load in open_store(data).list_loads()]
    return state_rows


def test_a_job_of_a_worker_that_was_killed_is_run_again_and_ends_as_if_nothing_had_been(
    files: list[Path], tmp_path: Path
) -> None:
    quiet, rough = tmp_path / "quiet", tmp_path / "rough"
    number, _ = drop_files(quiet, files)
    with run_workers(quiet):
        wait_until(lambda: read_job(quiet, number)[0] == "done")
    number, folder = drop_files(rough, files)
    for loaded in (1, len(files)):  # between two of its files, then on the way from the last one to the judgment
        with run_workers(rough):
            wait_until(lambda loaded=loaded: len(open_store(rough).list_loads()) >= loaded)
        assert read_job(rough, number)[0] == "running"
        assert folder.is_dir()
    with run_workers(rough):
        wait_until(lambda: read_job(rough, number)[0] == "done")
        wait_until(
            lambda: list_tasks(rough)[0][0] in ENDED
        )  # the queue hears of a job's end after the job's own record
    assert [(state, tries) for state, tries, _ in list_tasks(rough)] == [("SUCCESSFUL", 3)]
    assert not folder.exists()
    assert describe_state(rough) == describe_state(quiet)
    assert describe_state(quiet)["inventory_device"]


def test_a_job_that_always_breaks_is_tried_three_times_and_then_failed_with_the_reason(
    files: list[Path], data: Path
) -> None:
    number, folder = drop_files(data, files[1:2])
    shutil.rmtree(folder)
    with run_workers(data):
        wait_until(lambda: read_job(data, number)[0] == "failed")
        wait_until(lambda: list_tasks(data)[0][0] in ("FAILED", "SUCCESSFUL"))
    assert read_job(data, number) == ("failed", {"reason": "FileNotFoundError"})
    errors = query_database(data, "SELECT errors FROM django_ox_oxtask", name="jobs")[0][0]
    assert errors.count("the dropped files are gone") >= 3
    assert not query_database(data, "SELECT * FROM audit_entry WHERE action = 'load'")


def test_a_job_that_kills_its_worker_each_time_is_given_up(files: list[Path], data: Path) -> None:
    number, folder = drop_files(data, files)
    for tried in (1, 2, 3):
        with run_workers(data):
            wait_until(lambda tried=tried: list_tasks(data)[0][1] == tried and read_job(data, number)[0] == "running")
    with run_workers(data):
        wait_until(lambda: read_job(data, number)[0] != "running")
    assert read_job(data, number) == ("failed", {"reason": "killed"})
    assert not folder.exists()


def test_two_workers_never_run_one_job_both(files: list[Path], data: Path) -> None:
    dropped = files[1:3]
    numbers = [drop_files(data, [file])[0] for file in dropped for _ in range(2)]
    # The lease is a district's own: a busy machine must not make one worker look dead to the other.
    with run_workers(data, count=2, HOMEROOM_LEASE_SECONDS="60"):
        wait_until(lambda: all(state in ENDED for state, _, _ in list_tasks(data)), seconds=300)
    assert [read_job(data, number)[0] for number in numbers] == ["done"] * len(numbers), list_tasks(data)
    runs = list_tasks(data)
    assert [(tries, len(workers)) for _, tries, workers in runs] == [(1, 1)] * len(numbers)
    assert len({worker for _, _, workers in runs for worker in workers}) == 2
    outcomes = [read_job(data, number)[1]["packages"][0]["outcome"] for number in numbers]
    assert sorted(outcomes) == ["new"] * len(dropped) + ["unchanged"] * len(dropped)
