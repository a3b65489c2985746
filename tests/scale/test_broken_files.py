"""Every kind of file, broken: nothing crashes, nothing hangs, and nothing is half written.

Coverage-guided fuzzing (atheris) does not fit: it follows Python code alone, while the parsers here (lxml, polars,
numpy, the scanner of JSON) are compiled, so that it would be blind where it matters; and it needs a process of its own
that never ends. Hypothesis breaks recordings of every kind instead, with the same examples at each run.
"""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.loading.read import read_package
from homeroom.apps.platform.districts.commands import create_district
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.evidence.query.session import open_session
from homeroom.ingest.contract.connector import TextKind
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount
from tests.scale.mutations import RecordedFile, load_recordings, modify_recording

pytestmark = pytest.mark.scale
SECONDS = 20.0  # of one file of some kilobytes, on a machine that is busy with other tests
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 60_000), st.integers(0, 60_000)), min_size=1, max_size=4)
RECORDED = st.deferred(
    lambda: st.sampled_from(load_recordings())
)  # found when a test asks, not while tests are gathered


def _write_broken_file(folder: Path, recording: RecordedFile, data: bytes) -> Path:
    """Write the broken file into a folder of its own, together with its companions."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in recording.companions:
        (folder / name).write_bytes(content)
    (folder / recording.name).write_bytes(data)
    return folder


def _check_problems(problems: tuple[Problem, ...]) -> None:
    assert all(problem.file and problem.reason for problem in problems)


def _read_package(path: Path, blobs: Path) -> None:
    """Read a package through detection and the reader into a load; a refusal must leave nothing behind."""
    start = time.monotonic()
    detection = detect_packages([path], connectors=load_connectors())
    _check_problems(detection.problems)
    for package in detection.packages:
        draft = LoadWriter(blobs)
        try:
            read_package(package, writer=draft, progress=lambda _step, _done, _total: None)
            draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
        except FileRefused as error:
            _check_problems(error.problems)
            draft.abandon()
    assert not list(blobs.rglob("*.part"))
    assert time.monotonic() - start < SECONDS


settings_for_readers = settings(
    max_examples=choose_amount(brief=60, thorough=400),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
settings_for_loads = settings(settings_for_readers, max_examples=choose_amount(brief=10, thorough=30))


def test_every_kind_of_file_is_broken() -> None:
    """Check that every kind has recordings; only text kinds cannot be generated."""
    recorded_kinds = {item.kind for item in load_recordings()}
    assert recorded_kinds >= {
        item.id for connector in load_connectors() for item in connector.kinds if not isinstance(item, TextKind)
    }
    assert {"icalendar.days", "bell.calendar"} <= recorded_kinds


def test_a_recording_that_is_whole_is_read(tmp_path: Path) -> None:
    for recording in load_recordings():
        _read_package(_write_broken_file(tmp_path / "given", recording, recording.data), tmp_path / "blobs")


@settings_for_readers
@given(entry=RECORDED, changes=CHANGES)
def test_no_damage_to_its_bytes_crashes_a_reader(
    tmp_path: Path, entry: RecordedFile, changes: list[tuple[int, int, int]]
) -> None:
    _read_package(
        _write_broken_file(tmp_path / "given", entry, modify_recording(entry, changes, structure=False)),
        tmp_path / "blobs",
    )


@settings_for_readers
@given(entry=RECORDED, changes=CHANGES)
def test_no_value_in_its_structure_crashes_a_reader(
    tmp_path: Path, entry: RecordedFile, changes: list[tuple[int, int, int]]
) -> None:
    _read_package(
        _write_broken_file(tmp_path / "given", entry, modify_recording(entry, changes, structure=True)),
        tmp_path / "blobs",
    )


@pytest.mark.django_db
@settings_for_loads
@given(entry=RECORDED, changes=CHANGES, structure=st.booleans())
def test_a_broken_file_is_one_whole_snapshot_or_none(
    tmp_path: Path, entry: RecordedFile, changes: list[tuple[int, int, int]], structure: bool
) -> None:
    district = create_district(slug="maple", name="Maple Valley")
    shutil.rmtree(tmp_path / "evidence", ignore_errors=True)
    store = EvidenceStore(tmp_path / "evidence", district="maple")
    path = _write_broken_file(tmp_path / "given", entry, modify_recording(entry, changes, structure=structure))
    report = load_files([path], district=district, store=store, at=AT, actor="technician")
    published = [loaded.load for loaded in report.loaded if loaded.outcome == "new" and loaded.load is not None]
    stored = (*store.list_current_loads(), *store.iter_event_loads())  # a broken export may look like a log
    assert sorted(load.id for load in stored) == sorted(load.id for load in published)
    session = open_session(store.pin_snapshot())
    for load_ in published:
        for table, partition in load_.tables.items():
            counted = session.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert counted is not None
            assert counted[0] >= partition.rows
    parts = [path for path in (tmp_path / "evidence").rglob("*") if path.suffix in (".part", ".tmp")]
    assert parts == []
    if not published:
        assert not list((tmp_path / "evidence").rglob("*.parquet"))
    district.delete()
