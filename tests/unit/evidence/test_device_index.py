"""Test the device index: rows materialized for pages, grouped by device and read by device id."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.folders import get_snapshot_folder
from homeroom.evidence.tables import TABLES

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
CHROME = {"name": "Google Chrome", "version": "139.0", "cves": ["CVE-2026-0001", "CVE-2026-0002"]}


def publish_programs(folder: Path, *programs: dict[str, Any]) -> tuple[EvidenceStore, str]:
    store = EvidenceStore(folder, district="maple-valley")
    rows = pa.Table.from_pylist(list(programs), schema=build_arrow_schema(TABLES["software"]))
    return store, store.publish_derived({"software": rows}, inputs="run", today=AT.date(), at=AT).id


def test_the_programs_of_some_devices_are_read_in_whatever_order_they_were_written(tmp_path: Path) -> None:
    programs = [
        {"device": 7, **CHROME},
        {"device": 3, "name": "Zoom"},
        {"device": 7, "name": "7-Zip"},
        {"device": 5, **CHROME},
    ]
    store, derived = publish_programs(tmp_path, *programs)
    rows = open_device_index(store, derived=derived, table="software").find_rows([7, 3, 4], ("name", "cves"))
    assert rows == [(3, "Zoom", None), (7, "Google Chrome", CHROME["cves"]), (7, "7-Zip", None)]


def test_words_that_repeat_come_out_as_they_went_in(tmp_path: Path) -> None:
    store, derived = publish_programs(tmp_path, *[{"device": n, "name": ("Chrome", None)[n % 2]} for n in range(40)])
    rows = open_device_index(store, derived=derived, table="software").find_rows(
        [8, 9], ("name", "a column of tomorrow")
    )
    assert rows == [(8, "Chrome", None), (9, None, None)]


def test_a_device_without_rows_and_a_table_that_the_snapshot_lacks_have_none(tmp_path: Path) -> None:
    store, derived = publish_programs(tmp_path, {"device": 3, "name": "Zoom"})
    assert open_device_index(store, derived=derived, table="software").find_rows([], ("name",)) == []
    assert open_device_index(store, derived=derived, table="services").find_rows([3], ("port",)) == []


def test_what_was_removed_is_laid_again(tmp_path: Path) -> None:
    store, derived = publish_programs(tmp_path, {"device": 3, "name": "Zoom"})
    assert open_device_index(store, derived=derived, table="software").find_rows([3], ("name",)) == [(3, "Zoom")]
    shutil.rmtree(get_snapshot_folder(store, derived=derived))
    assert open_device_index(store, derived=derived, table="software").find_rows([3], ("name",)) == [(3, "Zoom")]
