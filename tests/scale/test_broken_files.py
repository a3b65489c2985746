"""Every kind of file, broken: nothing crashes, nothing hangs, and nothing is half written.

Coverage-guided fuzzing (atheris) does not fit: it follows Python code alone, while what takes a file apart here (lxml,
polars, numpy, the scanner of JSON) is compiled, so that it would be blind where it matters; and it wants a process of its
own that never ends. Hypothesis breaks recordings of every kind instead, with the same examples at each run.
"""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.apps.districts.commands import make_district
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.reading import read
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.evidence.writing import Draft
from homeroom.ingest.problems import Problem, Refused
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.scale.mutations import Recorded, changed, recorded

pytestmark = pytest.mark.scale
SECONDS = 20.0  # of one file of some kilobytes, on a machine that is busy with other tests
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHANGES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 60_000), st.integers(0, 60_000)), min_size=1, max_size=4)
RECORDED = st.deferred(lambda: st.sampled_from(recorded()))  # found when a test asks, not while tests are gathered


def _files(folder: Path, one: Recorded, data: bytes) -> Path:
    """The broken file, in a folder of its own with what lies beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in one.beside:
        (folder / name).write_bytes(content)
    (folder / one.name).write_bytes(data)
    return folder


def _told(problems: tuple[Problem, ...]) -> None:
    assert all(problem.file and problem.reason for problem in problems)


def _read(path: Path, blobs: Path) -> None:
    """Through recognition and the reader into a draft; a refusal leaves nothing that is in place."""
    began = time.monotonic()
    found = packages([path], connectors=connectors())
    _told(found.problems)
    for package in found.packages:
        draft = Draft(blobs)
        try:
            read(package, draft=draft, progress=lambda _step, _done, _total: None)
            draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
        except Refused as why:
            _told(why.problems)
            draft.abandon()
    assert not list(blobs.rglob("*.part"))
    assert time.monotonic() - began < SECONDS


bounded = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
few = settings(bounded, max_examples=30)


def test_every_kind_of_file_is_broken() -> None:
    """A kind that is made from its manifest is known by what the manifest says; those of text have recordings."""
    there = {one.kind for one in recorded()}
    assert there >= {one.id for connector in connectors() for one in connector.kinds if one.form != "text"}
    assert {"icalendar.days", "bell.calendar"} <= there


def test_a_recording_that_is_whole_is_read(tmp_path: Path) -> None:
    for one in recorded():
        _read(_files(tmp_path / "given", one, one.data), tmp_path / "blobs")


@bounded
@given(one=RECORDED, changes=CHANGES)
def test_no_damage_to_its_bytes_crashes_a_reader(
    tmp_path: Path, one: Recorded, changes: list[tuple[int, int, int]]
) -> None:
    _read(_files(tmp_path / "given", one, changed(one, changes, structure=False)), tmp_path / "blobs")


@bounded
@given(one=RECORDED, changes=CHANGES)
def test_no_value_in_its_structure_crashes_a_reader(
    tmp_path: Path, one: Recorded, changes: list[tuple[int, int, int]]
) -> None:
    _read(_files(tmp_path / "given", one, changed(one, changes, structure=True)), tmp_path / "blobs")


@pytest.mark.django_db
@few
@given(one=RECORDED, changes=CHANGES, structure=st.booleans())
def test_a_broken_file_is_one_whole_snapshot_or_none(
    tmp_path: Path, one: Recorded, changes: list[tuple[int, int, int]], structure: bool
) -> None:
    district = make_district(slug="maple", name="Maple Valley")
    shutil.rmtree(tmp_path / "evidence", ignore_errors=True)
    store = Store(tmp_path / "evidence", district="maple")
    path = _files(tmp_path / "given", one, changed(one, changes, structure=structure))
    report = load([path], district=district, store=store, at=AT, actor="technician")
    published = [loaded.load for loaded in report.loaded if loaded.outcome == "new" and loaded.load is not None]
    assert [load.id for load in store.standing()] == [load.id for load in published]
    session = session_of(store.pinned())
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
