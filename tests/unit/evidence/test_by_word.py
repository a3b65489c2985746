"""Rows of a small table laid out for pages, found by a word in one of their columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.evidence.by_word import Worded, by_word
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.session import session_over
from homeroom.evidence.spared import CLASS, class_of
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
DUE = date(2026, 2, 1)


def laid_flaws(folder: Path, *flaws: dict[str, Any]) -> Worded:
    store = Store(folder, district="maple-valley")
    rows = pa.Table.from_pylist(list(flaws), schema=arrow_schema(TABLES["vulnerabilities"]))
    made = store.publish_derived({"vulnerabilities": rows}, inputs="run", today=AT.date(), at=AT)
    return by_word(store, derived=made.id, table="vulnerabilities")


@pytest.mark.parametrize("many", [1, 50])
def test_rows_are_found_by_a_word_whether_it_repeats_or_not(tmp_path: Path, many: int) -> None:
    chrome = [{"item": n, "thing": "google-chrome", "cve": f"CVE-2026-{n:04}", "due_on": DUE} for n in range(many)]
    rows = laid_flaws(tmp_path, {"item": 99, "thing": "zoom"}, *chrome, {"item": 98, "thing": None})
    at = rows.where("thing", "google-chrome")
    assert rows.cells(at, ("item", "due_on")) == [(n, DUE) for n in range(many)]
    assert rows.cells(rows.where("cve", "CVE-2026-0000"), ("item", "thing")) == [(0, "google-chrome")]


def test_a_word_that_no_row_has_finds_nothing(tmp_path: Path) -> None:
    rows = laid_flaws(tmp_path, *[{"item": n, "thing": "zoom"} for n in range(9)])
    assert rows.cells(rows.where("thing", "google-chrome"), ("item",)) == []
    assert laid_flaws(tmp_path / "none").where("thing", "zoom").tolist() == []


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
    session = session_over({"devices": pa.Table.from_pylist([{"id": 1, **device}]).cast(
        pa.schema([("id", pa.int64()), *((name, pa.string()) for name in device)])
    )})  # fmt: skip
    assert session.execute(f"SELECT {CLASS} FROM devices d").fetchall() == [(class_of(**device),)]
