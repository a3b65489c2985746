"""Pages that are decoded at once say what the strict reader says of them, and what is in doubt is left to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ingest.alike import Alike
from homeroom.ingest.columns import Odd, together
from homeroom.ingest.documents import Document, document_of
from homeroom.ingest.glance import decoded
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.origins import surveyed
from homeroom.ingest.problems import Notes, Refused
from homeroom.ingest.recognise import packages
from homeroom.ingest.shapes import Shape, Unlike, columns_of, names_of
from homeroom.ingest.together import stacked
from homeroom.library.connectors import connectors
from tests.unit.ingest.reading import origin_of

pytestmark = pytest.mark.scale

_NAMES = st.sampled_from(["a", "b", "é", "c", "a b"])
_PLAIN = st.sampled_from([None, True, False, "", "x", "a:b", "é", 7, -3, 10**30])
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)
_OBJECTS = st.lists(st.dictionaries(_NAMES, _VALUES, max_size=5), min_size=1, max_size=6)


class Blind(Alike):
    """Leaves every file to the strict reader."""

    def look(self, data: bytes) -> None:
        return None


def alike(kind: type[Alike] = Alike) -> Alike:
    return kind(
        envelopes=frozenset(("value", "users")),
        drops=frozenset(("raw",)),
        most=STANDARD.columns,
        is_flat=lambda _envelope, _names: True,
    )


def read(data: bytes, by: Alike) -> Document:
    origin = origin_of(data)
    return document_of(origin, survey=surveyed(origin, limits=STANDARD), limits=STANDARD, notes=Notes(), alike=by)


def said(document: Document) -> tuple[Any, ...]:
    names = {under: set(found) for under, found in document.names.items()}
    return document.rows, names, document.top, document.whole


def texted(value: Any) -> Any:
    """The value with its numbers as text, as the strict reader hands them out."""
    if isinstance(value, dict):
        return {name: texted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [texted(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def page_of(found: list[dict[str, Any]], **beside: Any) -> bytes:
    return json.dumps({"value": found, **beside}, indent=1, ensure_ascii=False).encode()


def learnt(found: list[dict[str, Any]]) -> Shape:
    shape = Shape(envelope="value")
    shape.learn({"value": found})
    return shape


def lists(columns: Mapping[str, pl.Series]) -> dict[str, list[Any]]:
    return {name: column.to_list() for name, column in columns.items()}


@settings(max_examples=150, deadline=None)
@given(_OBJECTS)
def test_columns_through_a_type_are_those_of_the_objects(found: list[dict[str, Any]]) -> None:
    rows = learnt(found).rows(page_of(found))
    if rows is not None:
        wanted = together(texted(found), depth=STANDARD.depth, most=STANDARD.columns)
        assert lists(columns_of(rows, most=STANDARD.columns)) == lists(wanted)


def test_a_page_whose_nulls_arrow_loses_is_read_in_another_way() -> None:
    found: list[dict[str, Any]] = [{}, {"a": [None, None]}]
    rows = learnt(found).rows(page_of(found))
    assert rows is None or lists(columns_of(rows, most=20)) == {}


def test_names_and_lists_of_an_export_fit_a_type() -> None:
    found = [
        {
            "id": "1",
            "name": {"given": "Amara"},
            "aliases": ["a", "b"],
            "users": [{"email": "x"}, {"email": "y"}],
            "n": 5,
        },
        {"id": "2", "name": {"given": ""}, "on": True, "aliases": [], "users": [], "n": None},
    ]
    rows = learnt(found).rows(page_of(found))
    assert rows is not None
    assert lists(columns_of(rows, most=20)) == {
        "id": ["1", "2"], "name.given": ["Amara", None], "aliases": ["a b", None], "users.0.email": ["x", None],
        "users.1.email": ["y", None], "n": ["5", None], "on": [None, "true"],
    }  # fmt: skip
    assert set(names_of(rows)) == {"id", "name", "name.given", "aliases", "users", "n", "on"}
    with pytest.raises(Unlike):
        columns_of(rows, most=6)


@settings(max_examples=100, deadline=None)
@given(_OBJECTS, _OBJECTS, st.dictionaries(st.sampled_from(["next", "total", "raw", "users"]), _VALUES, max_size=2))
def test_a_page_tells_what_the_strict_reader_tells(one: Any, other: Any, beside: dict[str, Any]) -> None:
    by = alike()
    for rows in (one, other, one):
        data = json.dumps({**beside, "value": rows}, ensure_ascii=False).encode()
        document = read(data, by)
        assert said(document) == said(read(data, alike(Blind)))
        for kept in document.kept:
            wanted = together(texted(rows), depth=STANDARD.depth, most=STANDARD.columns)
            assert lists(columns_of(kept, most=STANDARD.columns)) == lists(wanted)


@pytest.mark.parametrize(
    "text",
    [
        '{"value": [{"a": "1", "a": "2"}]}',
        '{"value": [{"a": {"b": "1", "b": "1"}}]}',
        '{"value": [{"a": [{"b": 1, "b" : 2}], "c" : "1"}]}',
        '{"value": [{"a": "1"}], "value": [{"a": "1"}]}',
        '{"value": [{"a": "1"}], "next": {"x": 1, "x": 1}}',
        '{"value": [{"a": "\\ud83d"}]}',
        '{"value": [{"a": "1"},]}',
        '{"value": [{"a": NaN}]}',
        '{"value": [{"a": "1"}]} x',
        '{"value": [{"a": "1"}]} {"value": [{"a": "1"}]',
        '[{"value": [{"a": "1"}]}',
    ],
)
def test_what_the_strict_reader_refuses_is_refused_after_any_page(text: str) -> None:
    by = alike()
    assert read(b'{"value": [{"a": "1", "c": "2"}]}', by).kept
    with pytest.raises(Refused) as fast:
        read(text.encode(), by)
    with pytest.raises(Refused) as strict:
        read(text.encode(), alike(Blind))
    assert fast.value.problems == strict.value.problems


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
    by = alike()
    first = b'{"value": [{"a": "1"}], "next": {"token": "t", "x": {"y": true}}, "total": 7}'
    assert said(read(first, by)) == said(read(first, alike(Blind)))
    assert said(read(text.encode(), by)) == said(read(text.encode(), alike(Blind)))


@pytest.mark.parametrize(
    "text", ['{"a": -0}', '{"a": "\\u003a", "a": 1}', '{"a": "\\u0000"}', '{"a": 1, "a": ":"}', "["]
)
def test_what_may_be_read_in_two_ways_is_in_doubt(text: str) -> None:
    assert decoded(text.encode()) is None
    assert decoded(b'{"a": "-0", "b": 1.10, "c": 123456789012345678901234567890}') == {
        "a": "-0", "b": "1.10", "c": 123456789012345678901234567890,
    }  # fmt: skip


def test_where_there_is_no_room_pages_are_decoded_again_and_are_the_same(tmp_path: Path) -> None:
    for number in range(3):
        rows = [
            {"deviceId": f"d{number}{row}", "serialNumber": "S", **({"notes": "n"} if number else {})}
            for row in range(4)
        ]
        more = {"nextPageToken": "t"} if number < 2 else {}
        text = json.dumps({"chromeosdevices": rows} | more)
        (tmp_path / f"page-{number}.json").write_text(text, encoding="utf-8")
    (package,) = packages([tmp_path], connectors=connectors()).packages
    assert all(file.look.document and file.look.document.kept for file in package.files)
    assert not any(file.look.survey.head for file in package.files)  # the pages' texts do not stay
    kept, again = stacked(package.files, range(3)), stacked(package.files, range(3))
    assert not any(file.look.document and file.look.document.kept for file in package.files)
    assert kept.rows == again.rows == [4, 4, 4]
    assert kept.frame.select(sorted(kept.frame.columns)).equals(again.frame.select(sorted(again.frame.columns)))


def test_objects_of_no_one_type_are_left_alone() -> None:
    assert learnt([{"a": "1"}, {"a": {"b": "1"}}]).rows(page_of([{"a": "1"}])) is None
    assert learnt([{"a": "1"}, {"a": 1}]).rows(page_of([{"a": "1"}])) is None
    with pytest.raises(Odd):
        together([{"": "1"}], depth=4, most=4)
    assert learnt([{"": "1"}]).rows(page_of([{"": "1"}])) is None


@pytest.mark.parametrize(
    "rows", ["null", "[null]", "[[]]", '"x"', '[{"n": -0}]', '[{"a": "1", "a": null}]', '[{"b": "1"}]']
)
def test_a_page_that_does_not_fit_has_no_rows(rows: str) -> None:
    shape = learnt([{"a": "1", "n": 5}])
    assert shape.rows(b'{"value": [{"a": "-0", "n": -5}]}') is not None
    assert shape.rows(f'{{"value": {rows}}}'.encode()) is None
