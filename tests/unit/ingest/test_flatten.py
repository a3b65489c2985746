"""Objects flattened together match those flattened one by one; pages read together match those read alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.detection.batch_reader import build_batch, group_files
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.files.prefetch import map_ordered, prefetch
from homeroom.ingest.json_files.flatten import NotFlattenable, flatten_objects
from homeroom.ingest.json_files.flatten_object import flatten_object
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount

_NAMES = st.sampled_from(["a", "b", "a.b", "0", "é", "c"])
_PLAIN = st.sampled_from([None, True, False, "", "x", "1.10", "é"])
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)
_OBJECTS = st.lists(st.dictionaries(_NAMES, _VALUES, max_size=5), max_size=6)


def _flatten_separately(objects: list[dict[str, Any]]) -> dict[str, list[str | None]] | None:
    try:
        rows = [flatten_object(item, limits=STANDARD) for item in objects]
    except ValueError:
        return None
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


@settings(max_examples=choose_amount(brief=40, thorough=300), deadline=None)
@given(_OBJECTS)
def test_columns_made_together_are_those_made_one_by_one(objects: list[dict[str, Any]]) -> None:
    expected = _flatten_separately(objects)
    try:
        columns = flatten_objects(objects, depth=STANDARD.depth, max_names=STANDARD.columns)
    except NotFlattenable:
        assert expected is None  # only what row by row refuses is odd here
        return
    assert expected is not None
    assert list(columns) == list(expected)
    assert {name: values.to_list() for name, values in columns.items()} == expected


@pytest.mark.parametrize(
    "result",
    [
        [{"a": "x\0"}],
        [{"a": "\ud800"}],
        [{"_line": "1"}],
        [{"": "x"}],
        [{"a.b": "x", "a": {"b": "y"}}],
        [{"a": [{"b": [{"c": [{"d": "x"}]}]}]}],
        [{"a": "1", "b": "2", "c": "3", "d": "4"}],
    ],
)
def test_what_is_odd_is_left_to_the_way_row_by_row(result: list[dict[str, Any]]) -> None:
    with pytest.raises(NotFlattenable):
        flatten_objects(result, depth=4, max_names=3)


def _write_pages(folder: Path, *sizes: int) -> Path:
    count = 0
    for number, size in enumerate(sizes, start=1):
        rows = [
            {"deviceId": f"d{count + row}", "serialNumber": f"S{count + row}", "status": "ACTIVE"}
            for row in range(size)
        ]
        count += size
        page = {"chromeosdevices": rows} | ({"nextPageToken": "t"} if number < len(sizes) else {})
        (folder / f"page-{number}.json").write_text(json.dumps(page, indent=1), encoding="utf-8")
    return folder


def test_pages_are_read_together_and_each_row_knows_its_page_and_place(tmp_path: Path) -> None:
    (package,) = detect_packages([_write_pages(tmp_path, 2, 0, 3)], connectors=load_connectors()).packages
    assert list(group_files(package.files)) == [range(3)]
    stack = build_batch(package.files, range(3))
    assert stack.row_counts == [2, 0, 3]
    reading = stack.split_by_file(
        package.connector.readers["read_chromeos"](stack.frame.drop("status").with_columns(status=pl.lit("odd")))
    )
    devices = reading.tables["device_records"]
    assert devices.select("key", "_file", "_line").rows() == [
        ("d0", 0, 1), ("d1", 0, 2), ("d2", 2, 1), ("d3", 2, 2), ("d4", 2, 3),
    ]  # fmt: skip
    assert reading.rejects.select("_file", "line").rows() == [(0, 1), (0, 2), (2, 1), (2, 2), (2, 3)]


def test_a_page_that_is_large_or_of_another_kind_is_read_alone(tmp_path: Path) -> None:
    (package,) = detect_packages([_write_pages(tmp_path, 1, 1)], connectors=load_connectors()).packages
    first, last = package.files
    large = first.__class__(name="large", kind=first.kind, sha256="", size=12 << 20, mode="full", sniffed=first.sniffed)
    assert list(group_files([first, large, last])) == [range(1), range(1, 2), range(2, 3)]
    assert list(group_files([])) == []


def test_an_object_that_breaks_the_rules_is_named_among_many(tmp_path: Path) -> None:
    rows = [{"deviceId": str(number), "serialNumber": "x"} for number in range(40_000)]  # more than one window
    path = tmp_path / "page.json"
    text = json.dumps(rows)
    path.write_text(text.replace('"deviceId": "39000"', '"deviceId": "39000", "deviceId": "2"'), encoding="utf-8")
    (file,) = detect_packages([path], connectors=load_connectors()).packages[0].files
    ((line, field, value, reason, _),) = file.lost_rows.rows()
    assert (line, field, value) == (39_001, "deviceId", "9")
    assert "twice" in reason
    assert sum(chunk.height for chunk in file.iter_chunks()) == 39_999
    path.write_text(text.replace('"serialNumber": "x"}]', '"serialNumber": "x", "_line": "7"}]'), encoding="utf-8")
    (file,) = detect_packages([path], connectors=load_connectors()).packages[0].files
    assert sum(chunk.height for chunk in file.iter_chunks()) == 39_999
    ((line, _, _, reason, is_lost),) = file.broken.take_rejects().rows()
    assert (line, is_lost) == (40_000, True)
    assert reason.startswith("a field without a name")


def test_what_is_raised_ahead_is_raised_in_its_place() -> None:
    def yield_parts() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    fetched = prefetch(yield_parts())
    assert [next(fetched), next(fetched)] == [1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(fetched)


def test_what_is_made_side_by_side_comes_in_its_order_and_raises_in_its_place() -> None:
    done = Event()

    def compute_number(number: int) -> int:
        if number == 1:
            assert done.wait(10)  # the second is ready before the first
        if number == 2:
            done.set()
        if number == 3:
            raise ValueError("broken")
        return number

    results = map_ordered(compute_number, [1, 2, 3, 4], at_once=2)
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(results)
