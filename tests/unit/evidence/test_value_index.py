"""Test the value index: rows of a small table materialized for pages, found by a value in a column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.value_index import ValueIndex, open_value_index
from homeroom.evidence.query.session import open_session_over
from homeroom.evidence.query.suppression_sql import DEVICE_CLASS_SQL, get_device_class
from homeroom.evidence.tables import TABLES

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
DUE = date(2026, 2, 1)


def open_vulnerability_index(folder: Path, *vulnerabilities: dict[str, Any]) -> ValueIndex:
    store = EvidenceStore(folder, district="maple-valley")
    rows = pa.Table.from_pylist(list(vulnerabilities), schema=build_arrow_schema(TABLES["vulnerabilities"]))
    derived = store.publish_derived({"vulnerabilities": rows}, inputs="run", today=AT.date(), at=AT)
    return open_value_index(store, derived=derived.id, table="vulnerabilities")


@pytest.mark.parametrize("count", [1, 50])
def test_rows_are_found_by_a_word_whether_it_repeats_or_not(tmp_path: Path, count: int) -> None:
    chrome = [
        {"item": n, "product_key": "google-chrome", "cve": f"CVE-2026-{n:04}", "due_on": DUE} for n in range(count)
    ]
    index = open_vulnerability_index(
        tmp_path, {"item": 99, "product_key": "zoom"}, *chrome, {"item": 98, "product_key": None}
    )
    positions = index.find_positions("product_key", "google-chrome")
    assert index.read_cells(positions, ("item", "due_on")) == [(n, DUE) for n in range(count)]
    assert index.read_cells(index.find_positions("cve", "CVE-2026-0000"), ("item", "product_key")) == [
        (0, "google-chrome")
    ]


def test_a_word_that_no_row_has_finds_nothing(tmp_path: Path) -> None:
    index = open_vulnerability_index(tmp_path, *[{"item": n, "product_key": "zoom"} for n in range(9)])
    assert index.read_cells(index.find_positions("product_key", "google-chrome"), ("item",)) == []
    assert open_vulnerability_index(tmp_path / "none").find_positions("product_key", "zoom").tolist() == []


@pytest.mark.parametrize(
    "device",
    [
        {"kind": "laptop", "os_edition": "Pro", "os_version": "10.0.26100"},
        {"kind": "desktop", "os_edition": "Windows Server 2022 Standard", "os_version": None},
        {"kind": None, "os_edition": None, "os_version": "Ubuntu 24.04 SERVER"},
        {"kind": "", "os_edition": None, "os_version": None},
        {"kind": None, "os_edition": "Home", "os_version": None},
    ],
)
def test_the_class_of_a_device_is_one_in_sql_and_in_python(device: dict[str, str | None]) -> None:
    session = open_session_over({"devices": pa.Table.from_pylist([{"id": 1, **device}]).cast(
        pa.schema([("id", pa.int64()), *((name, pa.string()) for name in device)])
    )})  # fmt: skip
    assert session.execute(f"SELECT {DEVICE_CLASS_SQL} FROM devices d").fetchall() == [(get_device_class(**device),)]
