"""Rows laid out for pages: in walking order, each read by its place, and laid again where the file is missing."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from homeroom.evidence.laid import FOLDER, laid
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.shelves import forget
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


def snapshot(folder: Path, *devices: dict[str, Any]) -> tuple[Store, str]:
    store = Store(folder, district="maple-valley")
    rows = pa.Table.from_pylist(list(devices), schema=arrow_schema(TABLES["devices"]))
    made = store.publish_derived({"devices": rows}, inputs="run", today=AT.date(), at=AT)
    return store, made.id


def test_rows_stand_by_school_and_then_by_serial_with_those_of_no_school_last(tmp_path: Path) -> None:
    store, derived = snapshot(
        tmp_path,
        {"id": 9, "school": None, "serial": "A1"},
        {"id": 3, "school": "Oak", "serial": "b2"},
        {"id": 7, "school": "Elm", "serial": "Z9"},
        {"id": 5, "school": "Oak", "serial": "A7"},
        {"id": 1, "school": "Oak", "serial": None},
    )
    rows = laid(store, derived=derived, table="devices")
    assert rows.ids.tolist() == [7, 1, 5, 3, 9]
    assert [rows.schools[one] for one in rows.school] == ["Elm", "Oak", "Oak", "Oak", ""]


def test_a_row_is_read_by_its_place_and_a_subject_that_is_none_has_nulls(tmp_path: Path) -> None:
    seen = datetime(2026, 1, 14, 9, tzinfo=UTC)
    store, derived = snapshot(
        tmp_path,
        {"id": 3, "school": "Oak", "serial": "B2", "last_seen": seen, "os_support_until": date(2027, 1, 1)},
        {"id": 7, "school": "Elm", "serial": "Z9"},
    )
    rows = laid(store, derived=derived, table="devices")
    assert rows.places([3, 4, 7]).tolist() == [1, -1, 0]
    columns = ("serial", "last_seen", "os_support_until", "a column of tomorrow")
    assert rows.cells(rows.places([3, 4]), columns) == [
        ("B2", seen, date(2027, 1, 1), None),
        (None, None, None, None),
    ]


def test_a_table_without_rows_and_one_that_the_snapshot_lacks_have_no_places(tmp_path: Path) -> None:
    store, derived = snapshot(tmp_path)
    for table in ("devices", "apps"):
        rows = laid(store, derived=derived, table=table)
        assert rows.places([1]).tolist() == [-1]
        assert rows.cells([], ("name",)) == []


def test_what_was_removed_is_laid_again(tmp_path: Path) -> None:
    store, derived = snapshot(tmp_path, {"id": 3, "serial": "B2"})
    assert laid(store, derived=derived, table="devices").ids.tolist() == [3]
    forget(store.folder / FOLDER, keep=[])
    assert not (store.folder / FOLDER / derived).exists()
    assert laid(store, derived=derived, table="devices").ids.tolist() == [3]


def test_another_snapshot_in_the_same_place_is_read_anew(tmp_path: Path) -> None:
    for number in (3, 4):
        store, derived = snapshot(tmp_path, {"id": number, "serial": "B2"})
        path = store.folder / FOLDER / "same"
        made = store.folder / FOLDER / derived
        assert laid(store, derived=derived, table="devices").ids.tolist() == [number]
        shutil.rmtree(path, ignore_errors=True)
        made.rename(path)
        assert laid(store, derived="same", table="devices").ids.tolist() == [number]
