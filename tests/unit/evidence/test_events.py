"""Events of logs: stored by day, once a key, with a high-water mark by load, undone completely."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from homeroom.evidence.event_files import event_loads
from homeroom.evidence.event_files.catalog import list_catalog_paths, read_catalog
from homeroom.evidence.event_files.event_loads import write_event_load
from homeroom.evidence.events import publish_events
from homeroom.evidence.events.erase_events import count_events_of_person, count_naming_events, erase_person
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.events.undo_events import undo_event_load
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.integrity.check import References, check_evidence
from homeroom.evidence.integrity.repair import repair_locally
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import TABLES
from tests.unit.evidence.event_loads import (
    FIRST_DAY,
    TABLE,
    build_rows,
    list_keys,
    list_stored,
    load_rows,
    open_store,
    write_load,
)


def undo(store: EvidenceStore, load_id: str) -> None:
    with store.lock_for_writing():
        undo_event_load(store, load_id, at=FIRST_DAY)
        store.sweep()


def test_an_entry_that_is_stored_counts_once_whatever_load_brings_it_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = load_rows(store, build_rows(0, range(4)))
    again = load_rows(store, [*build_rows(0, range(2, 6)), *build_rows(1, [0])])
    nothing_new = load_rows(store, build_rows(0, [5, 1, 3]))
    counts = [(load.tables[TABLE].added, load.tables[TABLE].rows_before) for load in (first, again, nothing_new)]
    assert counts == [(4, 0), (3, 2), (0, 3)]
    assert list_keys(store) == ["0-0", "0-1", "0-2", "0-3", "0-4", "0-5", "1-0"]


def test_the_first_load_keeps_the_row_where_a_later_one_differs(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, build_rows(0, [1]))
    later = load_rows(store, build_rows(0, [1], event="logout"))
    assert later.tables[TABLE].changed == 1
    assert [row["event"] for row in list_stored(store)] == ["login_success"]


def test_a_late_entry_is_new_by_its_load_and_never_by_its_time(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [*build_rows(0, [1]), *build_rows(9, [1])])
    position = EventStore(store).get_position()
    late = load_rows(store, [*build_rows(3, [7]), *build_rows(9, [1])])
    assert (position, late.number, EventStore(store).get_position()) == (1, 2, 2)
    assert list_keys(store, after=position) == ["3-7"]
    assert list_keys(store, after=late.number) == []


def test_an_undone_load_is_gone_except_for_what_a_later_load_had_too(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = load_rows(store, build_rows(0, range(4)))
    second = load_rows(store, build_rows(0, [2]))
    load_rows(store, [*build_rows(0, [3], event="logout"), *build_rows(0, [9])])
    undo(store, first.id)
    assert {row["key"]: (row["event"], row["load_number"]) for row in list_stored(store)} == {
        "0-2": ("login_success", 2),
        "0-3": ("logout", 3),
        "0-9": ("login_success", 3),
    }
    undo(store, second.id)
    assert list_keys(store) == ["0-3", "0-9"]
    with pytest.raises(NoSuchLoad):
        undo(store, second.id)
    assert [load.number for load in store.iter_event_loads()] == [3]


def test_an_undone_load_can_be_loaded_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    undo(store, load_rows(store, build_rows(0, range(3))).id)
    assert list_keys(store) == []
    load_rows(store, build_rows(0, range(3)))
    assert [row["load_number"] for row in list_stored(store)] == [2, 2, 2]


def test_many_loads_of_a_day_leave_few_files_and_every_entry(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(40):
        load_rows(store, build_rows(0, [number, max(0, number - 1)]))
    for day in range(1, 6):
        load_rows(store, build_rows(day, [1]))
    assert list_keys(store)[:40] == [f"0-{number}" for number in range(40)]
    assert len(read_catalog(store.folder).list_segments(TABLE, "2026-03-01")) == 1
    assert list_keys(store, after=38)[:2] == ["0-38", "0-39"]


@pytest.mark.fault(area="load", fault="killed before the catalog of events")
def test_a_load_that_is_killed_before_its_catalog_never_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    load_rows(store, build_rows(0, [1]))

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("publish_catalog", "write_event_load"):
        with monkeypatch.context() as broken:
            broken.setattr(publish_events, name, break_off)
            with pytest.raises(KeyboardInterrupt):
                load_rows(store, build_rows(0, [2]))
    assert (list_keys(store), len(list(store.iter_event_loads()))) == (["0-1"], 1)
    with store.lock_for_writing():
        assert store.sweep() > 0
    again = load_rows(store, build_rows(0, [2]))
    assert (again.number, list_keys(store), len(list(store.folder.glob("event_loads/*")))) == (2, ["0-1", "0-2"], 2)


def test_a_sweep_removes_files_that_were_replaced_only_after_a_day(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, build_rows(0, [1]), at=FIRST_DAY + timedelta(days=10))
    snapshot = store.pin_snapshot()
    load_rows(store, build_rows(0, [2]), at=FIRST_DAY + timedelta(days=10, hours=1))
    with store.lock_for_writing():
        store.sweep()
    assert open_session(snapshot).execute(f"SELECT key FROM {TABLE}").fetchall() == [("0-1",)]
    for hour in (40, 41, 42):
        load_rows(store, build_rows(5, [hour]), at=FIRST_DAY + timedelta(days=10, hours=hour))
    with store.lock_for_writing():
        store.sweep()
    catalog = read_catalog(store.folder)
    assert {path.stem for path in store.blobs.glob("*.parquet")} == catalog.stored_blobs
    assert len(list_catalog_paths(store.folder)) == 2


def test_days_before_the_retention_are_dropped_and_older_entries_are_counted(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [*build_rows(0, [1]), *build_rows(10, [1])], retention={TABLE: 10})
    assert list_keys(store) == ["0-1", "10-1"]
    later = load_rows(store, [*build_rows(12, [1]), *build_rows(1, [5])], retention={TABLE: 10})
    assert (list_keys(store), later.expired) == (["10-1", "12-1"], 1)
    of_the_future = build_rows(60_000, [1])
    load_rows(store, of_the_future, retention={TABLE: 10})
    assert list_keys(store)[:2] == ["10-1", "12-1"], "a clock that is wrong drops nothing"


def test_rows_are_read_by_their_time_and_by_their_keys(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [*build_rows(1, [5, 1]), *build_rows(0, [700])])
    load_rows(store, build_rows(1, [3]))
    events = EventStore(store)
    since, until = FIRST_DAY + timedelta(hours=11), FIRST_DAY + timedelta(days=1, minutes=5)
    rows = [row for batch in events.iter_rows(TABLE, since=since, until=until) for row in batch.to_pylist()]
    assert [row["key"] for row in rows] == ["0-700", "1-1", "1-3"]
    assert events.find_rows(TABLE, ["1-3", "1-5", "x"], since=since, until=until)["key"].to_pylist() == ["1-3"]
    (log,) = events.list_logs()
    assert (log.source, log.log, log.table, log.rows) == ("google", "login", TABLE, 4)
    assert log.newest == FIRST_DAY + timedelta(days=1, minutes=5)


def test_a_session_reads_the_days_that_a_query_asks_for_and_no_others(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [*build_rows(0, [1, 2]), *build_rows(1, [1]), *build_rows(2, [1])])
    catalog = read_catalog(store.folder)
    session = open_session(store.pin_snapshot())
    for day in ("2026-03-01", "2026-03-03"):
        for segment in catalog.list_segments(TABLE, day):
            store.get_blob_path(segment.blob).unlink()
    query = f"""SELECT key, connector, load_id FROM {TABLE}
        WHERE "at" >= TIMESTAMPTZ '2026-03-02 00:00:00+00' AND "at" < TIMESTAMPTZ '2026-03-03 00:00:00+00'"""
    assert session.execute(query).fetchall() == [("1-1", "google", "e00000001")]


def test_a_manifest_without_a_catalog_is_no_load(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load = load_rows(store, build_rows(0, [1]))
    write_load(store, [])
    (list_catalog_paths(store.folder)[0]).unlink()
    write_event_load(store.folder, load)
    assert (list(store.iter_event_loads()), list_keys(store)) == ([], [])


def test_two_years_of_loads_are_few_files_and_are_listed_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loads, "ARCHIVED_LOADS", 4)
    store = open_store(tmp_path)
    ids = [load_rows(store, build_rows(0, [number // 2])).id for number in range(22)]
    assert len(list(store.folder.glob("event_loads/e*.json"))) < 9
    assert [load.id for load in store.iter_event_loads()] == ids[::-1]
    assert [load.id for load in store.list_recent_event_loads(limit=3)] == ids[-3:]
    assert store.get_load(ids[1]).id == ids[1]
    assert store.find_event_load("f" * 64) is not None
    undo(store, ids[0])
    assert [row["load_number"] for row in list_stored(store)][:2] == [2, 3]
    assert store.is_event_load_undone(ids[0])


def test_a_person_is_erased_from_exactly_the_files_that_name_them(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [*build_rows(0, [1, 2]), *build_rows(1, [3]), *build_rows(2, [1])])
    before = read_catalog(store.folder)
    with store.lock_for_writing():
        erased = erase_person(store, ["User1@maple.example"])
    after = read_catalog(store.folder)
    assert (erased.rows, erased.files, list_keys(store)) == (2, 2, ["0-2", "1-3"])
    assert after.list_segments(TABLE, "2026-03-02") == before.list_segments(TABLE, "2026-03-02")
    assert {path.stem for path in store.blobs.glob("*.parquet")} == after.blobs


def test_nobody_loses_events_to_a_name_that_is_within_theirs(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    emails = ("diana@maple.example", "ANA@maple.example", "x.ana@maple.example", "ana@maple.example.org", None)
    rows = [
        {**row, "actor_email": email, "details": '{"url":"/personal/ana_maple_example/x"}' if email is None else "{}"}
        for row, email in zip(build_rows(0, range(5)), emails, strict=True)
    ]
    load_rows(store, rows)
    assert count_events_of_person(store, ["ana@maple.example"]).rows == 2
    assert len(list_keys(store)) == 5
    with store.lock_for_writing():
        assert erase_person(store, ["ana@maple.example"]).rows == 2
    assert list_keys(store) == ["0-0", "0-2", "0-3"]
    with pytest.raises(ValueError, match="'a' is no name"):
        erase_person(store, ["a"])


@pytest.mark.parametrize("table", sorted(name for name, table in TABLES.items() if table.events))
def test_a_search_for_a_person_reads_the_addresses_of_each_log(tmp_path: Path, table: str) -> None:
    store = open_store(tmp_path)
    column = {"audit_events": "actor_email", "drill_events": "email", "host_events": "user"}[table]
    at = {"at": FIRST_DAY}
    load_rows(store, [{"key": str(n), column: f"user{n}@maple.example", **at} for n in range(3)], table=table)
    assert count_naming_events(store, ["USER1@maple.example"]) == {("google", table): 1}
    assert count_naming_events(store, ["x", "nobody@maple.example"]) == {}


def test_damage_of_events_is_named_and_their_day_can_be_loaded_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rows = [*build_rows(0, [1]), *build_rows(1, [1])]
    load_rows(store, rows)
    (segment,) = read_catalog(store.folder).list_segments(TABLE, "2026-03-01")
    store.get_blob_path(segment.blob).write_bytes(b"x")
    (damage,) = check_evidence(store, references=References())
    assert (damage.subject, damage.problem) == ("audit events of 2026-03-01", "was changed since it was written")
    with store.lock_for_writing():
        repair_locally(store, [damage], data=tmp_path)
    assert (check_evidence(store, references=References()), list_keys(store)) == ((), ["1-1"])
    assert store.find_event_load("f" * 64) is None
    assert load_rows(store, rows).tables[TABLE].added == 1


@pytest.mark.fault(area="reading", fault="the catalog of events is damaged")
def test_a_damaged_catalog_is_named_and_the_one_before_takes_its_place(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, build_rows(0, [1]))
    load_rows(store, build_rows(0, [2]))
    list_catalog_paths(store.folder)[-1].write_bytes(b"{}")
    with pytest.raises(EvidenceDamaged):
        list_keys(store)
    damages = check_evidence(store, references=References())
    assert [damage.subject for damage in damages] == ["catalog of events"]
    with store.lock_for_writing():
        repair_locally(store, damages, data=tmp_path)
    assert list_keys(store) == ["0-1"]
    load_rows(store, build_rows(0, [2]))
    assert list_keys(store) == ["0-1", "0-2"]


def test_one_more_day_writes_the_files_of_that_day_and_no_others(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    load_rows(store, [row for day in range(30) for row in build_rows(day, range(3))])
    before = read_catalog(store.folder)
    files = set(store.blobs.iterdir())
    load_rows(store, [*build_rows(30, range(3)), *build_rows(29, [2])])
    after = read_catalog(store.folder)
    assert before.blobs < after.blobs
    assert len(set(store.blobs.iterdir()) - files) == 1
