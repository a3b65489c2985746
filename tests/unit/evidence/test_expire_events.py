"""Events beyond retention are dropped without a load: days by their date, events without one by their load."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from homeroom.evidence.event_files.catalog import read_catalog
from homeroom.evidence.events.expire_events import (
    LATE_LOAD_DAYS,
    drop_expired_events,
    find_expired_events,
    remove_retired_files,
)
from homeroom.evidence.events.undo_events import undo_event_load
from homeroom.evidence.loads.store import EvidenceStore
from tests.unit.evidence.event_loads import FIRST_DAY, TABLE, build_rows, list_keys, list_stored, load_rows, open_store

TEN_DAYS = {TABLE: 10}


def drop(store: EvidenceStore, *, day: int) -> int:
    """Drop what is beyond ten days at noon of a day; return how many rows."""
    with store.lock_for_writing():
        expired = drop_expired_events(store, at=FIRST_DAY + timedelta(days=day, hours=12), retention=TEN_DAYS)
    return sum(item.rows for item in expired)


def load_day(store: EvidenceStore, day: int, *, loaded_on: int, numbers: tuple[int, ...] = (1, 2)) -> None:
    load_rows(store, build_rows(day, numbers), at=FIRST_DAY + timedelta(days=loaded_on, hours=1))


def test_days_beyond_retention_go_though_nothing_more_is_loaded(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day in (0, 1, 2):
        load_day(store, day, loaded_on=day)
    assert drop(store, day=30) == 2, "the second day's load is not so long ago"
    at = FIRST_DAY + timedelta(days=40, hours=12)
    (found_before,) = find_expired_events(store, at=at, retention=TEN_DAYS)
    assert (found_before.rows, found_before.days) == (4, ("2026-03-02", "2026-03-03"))
    assert drop(store, day=40) == 4
    assert (list_keys(store), drop(store, day=40)) == ([], 0)
    assert find_expired_events(store, at=at, retention=TEN_DAYS) == ()


def test_a_day_within_retention_stays_whole(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_day(store, 30, loaded_on=0)
    load_day(store, 29, loaded_on=0)
    assert drop(store, day=40) == 2
    assert list_keys(store) == ["30-1", "30-2"], "ten days ago is within ten days"


def test_an_old_export_that_somebody_loaded_lately_stays_for_a_month(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_day(store, 0, loaded_on=100)
    load_day(store, 0, loaded_on=120, numbers=(3,))
    assert drop(store, day=100 + LATE_LOAD_DAYS + 1) == 0, "the newer load of that day counts"
    assert drop(store, day=120 + LATE_LOAD_DAYS) == 3


def test_events_without_a_time_or_of_the_future_go_by_the_time_of_their_load(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    undated = [{**row, "at": None} for row in build_rows(0, [1, 2])]
    load_rows(store, [*undated, *build_rows(30_000, [1])], at=FIRST_DAY)
    load_rows(store, [{**undated[0], "key": "later"}, *build_rows(30_000, [2])], at=FIRST_DAY + timedelta(days=5))
    assert drop(store, day=9) == 0
    assert drop(store, day=11) == 3
    assert sorted(list_keys(store)) == ["30000-2", "later"]
    assert drop(store, day=16) == 2
    assert list_stored(store) == []


def test_other_versions_of_entries_go_with_their_day_and_are_not_counted_twice(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = load_rows(store, build_rows(0, [1]), at=FIRST_DAY)
    load_rows(store, build_rows(0, [1], event="logout"), at=FIRST_DAY)
    assert drop(store, day=40) == 1
    assert read_catalog(store.folder).blobs == frozenset()
    with store.lock_for_writing():
        undo_event_load(store, first.id, at=FIRST_DAY + timedelta(days=41))
    assert list_stored(store) == [], "an undone load brings back nothing that was dropped"


def test_the_files_themselves_are_gone_a_day_later(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_day(store, 0, loaded_on=0)
    (blob,) = read_catalog(store.folder).blobs
    drop(store, day=40)
    dropped_at = FIRST_DAY + timedelta(days=40, hours=12)
    with store.lock_for_writing():
        remove_retired_files(store, at=dropped_at + timedelta(hours=1))
    assert store.get_blob_path(blob).exists(), "a session may be reading it"
    with store.lock_for_writing():
        assert remove_retired_files(store, at=dropped_at + timedelta(days=1)) == 1
        assert remove_retired_files(store, at=dropped_at + timedelta(days=2)) == 0
    assert not store.get_blob_path(blob).exists()
