"""Test the row store: rows in list order, read by position, and materialized again if the file is missing."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import get_snapshot_folder
from homeroom.evidence.page_cache.row_store import open_row_store
from homeroom.evidence.tables import TABLES

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


def publish_devices(folder: Path, *devices: dict[str, Any]) -> tuple[EvidenceStore, str]:
    store = EvidenceStore(folder, district="maple-valley")
    rows = pa.Table.from_pylist(list(devices), schema=build_arrow_schema(TABLES["devices"]))
    derived = store.publish_derived({"devices": rows}, inputs="run", today=AT.date(), at=AT)
    return store, derived.id


def test_rows_stand_by_school_and_then_by_serial_with_those_of_no_school_last(tmp_path: Path) -> None:
    store, derived = publish_devices(
        tmp_path,
        {"id": 9, "school": None, "serial": "A1"},
        {"id": 3, "school": "Oak", "serial": "b2"},
        {"id": 7, "school": "Elm", "serial": "Z9"},
        {"id": 5, "school": "Oak", "serial": "A7"},
        {"id": 1, "school": "Oak", "serial": None},
    )
    rows = open_row_store(store, derived=derived, table="devices")
    assert rows.ids.tolist() == [7, 1, 5, 3, 9]
    assert [rows.schools[school_index] for school_index in rows.school] == ["Elm", "Oak", "Oak", "Oak", ""]


def test_a_row_is_read_by_its_place_and_a_subject_that_is_none_has_nulls(tmp_path: Path) -> None:
    last_seen = datetime(2026, 1, 14, 9, tzinfo=UTC)
    store, derived = publish_devices(
        tmp_path,
        {"id": 3, "school": "Oak", "serial": "B2", "last_seen": last_seen, "os_support_until": date(2027, 1, 1)},
        {"id": 7, "school": "Elm", "serial": "Z9"},
    )
    rows = open_row_store(store, derived=derived, table="devices")
    assert rows.find_positions([3, 4, 7]).tolist() == [1, -1, 0]
    columns = ("serial", "last_seen", "os_support_until", "a column of tomorrow")
    assert rows.read_cells(rows.find_positions([3, 4]), columns) == [
        ("B2", last_seen, date(2027, 1, 1), None),
        (None, None, None, None),
    ]


def test_a_table_without_rows_and_one_that_the_snapshot_lacks_have_no_places(tmp_path: Path) -> None:
    store, derived = publish_devices(tmp_path)
    for table in ("devices", "apps"):
        rows = open_row_store(store, derived=derived, table=table)
        assert rows.find_positions([1]).tolist() == [-1]
        assert rows.read_cells([], ("name",)) == []


def test_what_was_removed_is_laid_again(tmp_path: Path) -> None:
    store, derived = publish_devices(tmp_path, {"id": 3, "serial": "B2"})
    assert open_row_store(store, derived=derived, table="devices").ids.tolist() == [3]
    shutil.rmtree(get_snapshot_folder(store, derived=derived))
    assert open_row_store(store, derived=derived, table="devices").ids.tolist() == [3]


def test_another_snapshot_in_the_same_place_is_read_again(tmp_path: Path) -> None:
    for number in (3, 4):
        store, derived = publish_devices(tmp_path, {"id": number, "serial": "B2"})
        path = get_snapshot_folder(store, derived="same")
        derived_path = get_snapshot_folder(store, derived=derived)
        assert open_row_store(store, derived=derived, table="devices").ids.tolist() == [number]
        shutil.rmtree(path, ignore_errors=True)
        derived_path.rename(path)
        assert open_row_store(store, derived="same", table="devices").ids.tolist() == [number]
