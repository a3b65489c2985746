"""Pages decoded at once give the same result as the strict reader, and doubtful ones are left to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.detection.batch_reader import build_batch
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.files.byte_source import survey_source
from homeroom.ingest.json_files.fast_path import decode_fast
from homeroom.ingest.json_files.flatten import NotFlattenable, flatten_objects
from homeroom.ingest.json_files.reader import JsonDocument, open_json
from homeroom.ingest.json_files.schema_cache import SchemaCache
from homeroom.ingest.json_files.typed_reader import InferredSchema, SchemaMismatch, build_columns, collect_filled_names
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount
from tests.unit.ingest.strict_reader import build_source

pytestmark = pytest.mark.scale

_NAMES = st.sampled_from(["a", "b", "é", "c", "a b"])
_PLAIN = st.sampled_from([None, True, False, "", "x", "a:b", "é", 7, -3, 10**30])
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)
_OBJECTS = st.lists(st.dictionaries(_NAMES, _VALUES, max_size=5), min_size=1, max_size=6)


class StrictOnlyCache(SchemaCache):
    """Leaves every file to the strict reader."""

    def sniff(self, data: bytes) -> None:
        return None


def build_cache(cache_class: type[SchemaCache] = SchemaCache) -> SchemaCache:
    return cache_class(
        envelopes=frozenset(("value", "users")),
        drops=frozenset(("raw",)),
        max_names=STANDARD.columns,
        is_flat=lambda _envelope, _names: True,
    )


def open_document(data: bytes, cache: SchemaCache) -> JsonDocument:
    source = build_source(data)
    return open_json(
        source, survey=survey_source(source, limits=STANDARD), limits=STANDARD, notes=Notes(), schema_cache=cache
    )


def describe_document(document: JsonDocument) -> tuple[Any, ...]:
    names = {envelope: set(envelope_names) for envelope, envelope_names in document.names.items()}
    return document.rows, names, document.top, document.is_complete


def convert_numbers(value: Any) -> Any:
    """Return the value with its numbers as text, as the strict reader returns them."""
    if isinstance(value, dict):
        return {name: convert_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [convert_numbers(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def encode_page(rows: list[dict[str, Any]], **extra: Any) -> bytes:
    return json.dumps({"value": rows, **extra}, indent=1, ensure_ascii=False).encode()


def learn_schema(rows: list[dict[str, Any]]) -> InferredSchema:
    schema = InferredSchema(envelope="value")
    schema.learn({"value": rows})
    return schema


def convert_to_lists(columns: Mapping[str, pl.Series]) -> dict[str, list[Any]]:
    return {name: column.to_list() for name, column in columns.items()}


@settings(max_examples=choose_amount(brief=50, thorough=300), deadline=None)
@given(_OBJECTS)
def test_columns_through_a_type_are_those_of_the_objects(objects: list[dict[str, Any]]) -> None:
    rows = learn_schema(objects).read_rows(encode_page(objects))
    if rows is not None:
        expected = flatten_objects(convert_numbers(objects), depth=STANDARD.depth, max_names=STANDARD.columns)
        assert convert_to_lists(build_columns(rows, max_columns=STANDARD.columns)) == convert_to_lists(expected)


def test_a_page_whose_nulls_arrow_loses_is_read_in_another_way() -> None:
    objects: list[dict[str, Any]] = [{}, {"a": [None, None]}]
    rows = learn_schema(objects).read_rows(encode_page(objects))
    assert rows is None or convert_to_lists(build_columns(rows, max_columns=20)) == {}


def test_names_and_lists_of_an_export_fit_a_type() -> None:
    objects = [
        {
            "id": "1",
            "name": {"given": "Amara"},
            "aliases": ["a", "b"],
            "users": [{"email": "x"}, {"email": "y"}],
            "n": 5,
        },
        {"id": "2", "name": {"given": ""}, "on": True, "aliases": [], "users": [], "n": None},
    ]
    rows = learn_schema(objects).read_rows(encode_page(objects))
    assert rows is not None
    assert convert_to_lists(build_columns(rows, max_columns=20)) == {
        "id": ["1", "2"], "name.given": ["Amara", None], "aliases": ["a b", None], "users.0.email": ["x", None],
        "users.1.email": ["y", None], "n": ["5", None], "on": [None, "true"],
    }  # fmt: skip
    assert set(collect_filled_names(rows)) == {"id", "name", "name.given", "aliases", "users", "n", "on"}
    with pytest.raises(SchemaMismatch):
        build_columns(rows, max_columns=6)


@settings(max_examples=choose_amount(brief=40, thorough=300), deadline=None)
@given(_OBJECTS, _OBJECTS, st.dictionaries(st.sampled_from(["next", "total", "raw", "users"]), _VALUES, max_size=2))
def test_a_page_tells_what_the_strict_reader_tells(first: Any, second: Any, extra: dict[str, Any]) -> None:
    cache = build_cache()
    for rows in (first, second, first):
        data = json.dumps({**extra, "value": rows}, ensure_ascii=False).encode()
        document = open_document(data, cache)
        assert describe_document(document) == describe_document(open_document(data, build_cache(StrictOnlyCache)))
        for cached_rows in document.cached_rows:
            expected = flatten_objects(convert_numbers(rows), depth=STANDARD.depth, max_names=STANDARD.columns)
            assert convert_to_lists(build_columns(cached_rows, max_columns=STANDARD.columns)) == convert_to_lists(
                expected
            )


@pytest.mark.parametrize(
    "text",
    [
        '{"value": [,{"a": "1"}]}',
        '{"value": [{"a": NaN}]}',
        '{"value": [{"a": "1"}]} x',
        '{"value": [{"a": "1"}]} {"value": [{"a": "1"]}',
        '[{"value": [{"a": "1"}]}]}',
    ],
)
def test_what_the_strict_reader_refuses_is_refused_after_any_page(text: str) -> None:
    cache = build_cache()
    assert open_document(b'{"value": [{"a": "1", "c": "2"}]}', cache).cached_rows
    with pytest.raises(FileRefused) as fast:
        open_document(text.encode(), cache)
    with pytest.raises(FileRefused) as strict:
        open_document(text.encode(), build_cache(StrictOnlyCache))
    assert fast.value.problems == strict.value.problems


@pytest.mark.parametrize(
    "text",
    [
        '{"value": [{"a": "1", "a": "2"}]}',
        '{"value": [{"a": {"b": "1", "b": "1"}}]}',
        '{"value": [{"a": [{"b": 1, "b" : 2}], "c" : "1"}]}',
        '{"value": [{"a": "1"}], "value": [{"a": "1"}]}',
        '{"value": [{"a": "1"}], "next": {"x": 1, "x": 1}}',
        '{"value": [{"a": "\\ud83d"}]}',
    ],
)
def test_what_is_repaired_is_the_same_after_any_page(text: str) -> None:
    cache = build_cache()
    assert open_document(b'{"value": [{"a": "1", "c": "2"}]}', cache).cached_rows
    repaired = open_document(text.encode(), cache)
    assert repaired.damage is not None
    assert repaired.damage.value_notes
    assert describe_document(repaired) == describe_document(open_document(text.encode(), build_cache(StrictOnlyCache)))


@pytest.mark.parametrize(
    "text",
    [
        '{"value": [{"a": "1"}]}\n{"value": [{"a": "2"}]}',
        '{"value": [{"a": "1"}], "next": {"token": null, "x": {"y": true}}, "total": 7}',
        '{"value": [{"a": "1"}], "next": {"x": {}}, "total": 7}',
        '{"value": [], "total": 7}',
        '{"total": 7, "next": {"token": "value"}}',
        '{"value": [{"a": "1"}], "users": [{"a": "1"}]}',
        '{"value": [{"a": "null"}], "total": 8}',
        '[{"value": "1"}]',
    ],
)
def test_what_stands_beside_the_rows_of_a_page_is_told_as_by_the_strict_reader(text: str) -> None:
    cache = build_cache()
    first = b'{"value": [{"a": "1"}], "next": {"token": "t", "x": {"y": true}}, "total": 7}'
    assert describe_document(open_document(first, cache)) == describe_document(
        open_document(first, build_cache(StrictOnlyCache))
    )
    assert describe_document(open_document(text.encode(), cache)) == describe_document(
        open_document(text.encode(), build_cache(StrictOnlyCache))
    )


@pytest.mark.parametrize(
    "text", ['{"a": -0}', '{"a": "\\u003a", "a": 1}', '{"a": "\\u0000"}', '{"a": 1, "a": ":"}', "["]
)
def test_what_may_be_read_in_two_ways_is_in_doubt(text: str) -> None:
    assert decode_fast(text.encode()) is None
    assert decode_fast(b'{"a": "-0", "b": 1.10, "c": 123456789012345678901234567890}') == {
        "a": "-0", "b": "1.10", "c": 123456789012345678901234567890,
    }  # fmt: skip


def test_where_there_is_no_room_pages_are_decoded_again_and_are_the_same(tmp_path: Path) -> None:
    for number in range(3):
        rows = [
            {"deviceId": f"d{number}{row}", "serialNumber": "S", **({"notes": "n"} if number else {})}
            for row in range(4)
        ]
        next_page = {"nextPageToken": "t"} if number < 2 else {}
        text = json.dumps({"chromeosdevices": rows} | next_page)
        (tmp_path / f"page-{number}.json").write_text(text, encoding="utf-8")
    (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
    assert all(file.sniffed.document and file.sniffed.document.cached_rows for file in package.files)
    assert not any(file.sniffed.survey.head for file in package.files)  # the pages' texts do not stay
    cached, reread = build_batch(package.files, range(3)), build_batch(package.files, range(3))
    assert not any(file.sniffed.document and file.sniffed.document.cached_rows for file in package.files)
    assert cached.row_counts == reread.row_counts == [4, 4, 4]
    assert cached.frame.select(sorted(cached.frame.columns)).equals(reread.frame.select(sorted(reread.frame.columns)))


def test_objects_of_no_one_type_are_left_alone() -> None:
    assert learn_schema([{"a": "1"}, {"a": {"b": "1"}}]).read_rows(encode_page([{"a": "1"}])) is None
    assert learn_schema([{"a": "1"}, {"a": 1}]).read_rows(encode_page([{"a": "1"}])) is None
    with pytest.raises(NotFlattenable):
        flatten_objects([{"": "1"}], depth=4, max_names=4)
    assert learn_schema([{"": "1"}]).read_rows(encode_page([{"": "1"}])) is None


@pytest.mark.parametrize(
    "rows", ["null", "[null]", "[[]]", '"x"', '[{"n": -0}]', '[{"a": "1", "a": null}]', '[{"b": "1"}]']
)
def test_a_page_that_does_not_fit_has_no_rows(rows: str) -> None:
    schema = learn_schema([{"a": "1", "n": 5}])
    assert schema.read_rows(b'{"value": [{"a": "-0", "n": -5}]}') is not None
    assert schema.read_rows(f'{{"value": {rows}}}'.encode()) is None
