"""Search texts: what a person types finds the rows that have it, in the middle of words and without accents."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.search_text import (
    BLOCK_ROWS,
    SearchFields,
    SearchText,
    build_search_table,
    open_search_text,
)
from homeroom.evidence.page_cache.search_words import MAX_SEARCH_LENGTH, fold_whole_search, split_search

PEOPLE = SearchFields(table="people", phrases=("sort_name", "name"), numbers=("identifiers",), surnames=("sort_name",))
DEVICES = SearchFields(
    table="devices",
    phrases=("name", "model", "cart"),
    numbers=("identifiers", "serial", "asset_tag", "addresses", "name", "model", "cart"),
)
LUCIA = {
    "name": "Núñez O’Brien Lucía",
    "sort_name": "nunez o’brien, lucia",
    "identifiers": ["S-4711", "müller@x.example"],
}
LEON = {"name": "Søren De Leon", "sort_name": "de leon, søren", "identifiers": ["S-4712", "J.Garcia-Lopez@x.example"]}
ANN = {"name": "Ann D´Arcy Adams-García J.R.", "sort_name": "adams-garcia, ann", "identifiers": ["10123"]}
LAPTOP = {
    "name": "LAB-07",
    "serial": "5CD2345XYZ",
    "asset_tag": "MV-001234",
    "model": "HP ProBook 11.6 Édition",
    "cart": "Cart 3",
    "addresses": ["10.20.30.40", "fe80::1:2"],
    "identifiers": ["aabbccdd0011"],
}
TABLET = {
    "name": None,
    "serial": "CART9",
    "asset_tag": "x1",
    "model": "Ｆｕｌｌ ﬁt",
    "cart": "Cart 13",
    "addresses": None,
    "identifiers": ["10.2.3.4"],
}


def open_text(folder: Path, fields: SearchFields, rows: list[dict[str, Any]]) -> SearchText:
    lists = {"identifiers", "addresses"}
    schema = {name: pl.List(pl.String) if name in lists else pl.String for name in fields.columns}
    frame = pl.DataFrame([{name: row[name] for name in fields.columns} for row in rows], schema=schema)
    frame = frame.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
    subjects = np.arange(len(rows), dtype=np.int64)
    store = EvidenceStore(folder, district="maple-valley")
    return open_search_text(
        store, kind="test", derived="a", build_table=lambda: build_search_table(fields, frame, subjects=subjects)
    )


def find(text: SearchText, typed: str) -> list[int]:
    return np.flatnonzero(text.find_rows(split_search(typed))).tolist()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> SearchText:
    return open_text(tmp_path_factory.mktemp("people"), PEOPLE, [LUCIA, LEON, ANN])


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> SearchText:
    return open_text(tmp_path_factory.mktemp("devices"), DEVICES, [LAPTOP, TABLET])


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("Núñez", [0]),
        ("nunez", [0]),
        ("NUNEZ", [0]),
        ("Nu\u0301n\u0303ez", [0]),
        ("uñe", [0]),
        ("o'brien", [0]),
        ("o’brien", [0]),
        ("OBRIEN", [0]),
        ("brien lucia", [0]),
        ("O’Brien, Lucía", [0]),
        ("l nunez", [0]),
        ("Müller", [0]),
        ("muller@x", [0]),
        ("s-4711", [0]),
        ("S4711", [0]),
        ("711", [0]),
        ("soren", [1]),
        ("Søren", [1]),
        ("deleon", [1]),
        ("de leon", [1]),
        ("garcia-lopez", [1]),
        ("j.garcia-lopez@x.example", [1]),
        ("garcía", [1, 2]),
        ("adams-garcia", [2]),
        ("d'arcy", [2]),
        ("D´Arcy", [2]),
        ("j.r. adams", [2]),
        ("jr", [2]),
        ("O´Brien", [0]),
        ("adams garcia ann", [2]),
        ("471", [0, 1]),
        ("annadams", []),
        ("nadam", []),
        ("s-47110", []),
        ("lucia leon", []),
        ("10.123", []),
        ("z", [0, 1]),
        ("ＮＵＮＥＺ", [0]),
    ],
)
def test_what_a_person_types_finds_the_people_that_have_it(people: SearchText, typed: str, rows: list[int]) -> None:
    assert find(people, typed) == rows


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("AA:BB:CC:DD:00:11", [0]),
        ("aa-bb-cc", [0]),
        ("bb:cc", [0]),
        ("aabb.ccdd.0011", [0]),
        ("0011", [0]),
        ("aa:bb:cd", []),
        ("1234", [0]),
        ("mv-0012", [0]),
        ("345xyz", [0]),
        ("10.20.30.40", [0]),
        ("20.30", [0]),
        ("10.2", [0, 1]),
        ("10.2.3", [1]),
        ("1020", []),
        ("fe80::1", [0]),
        ("hp probook 11 edition", [0]),
        ("probook11.6", [0]),
        ("lab-07", [0]),
        ("lab 07", [0]),
        ("lab07", [0]),
        ("cart 3", [0]),
        ("cart3", [0]),
        ("cart 13", [1]),
        ("cart", [0, 1]),
        ("full fit", [1]),
        ("999", []),
        ("none", []),
        ("null", []),
    ],
)
def test_what_a_person_types_finds_the_devices_that_have_it(devices: SearchText, typed: str, rows: list[int]) -> None:
    assert find(devices, typed) == rows


def test_a_text_without_letter_or_digit_has_no_words_and_matches_nothing(people: SearchText) -> None:
    assert split_search(" -- ' @ \n") == ()
    assert find(people, "--") == []


def test_a_long_text_is_cut_and_has_few_words() -> None:
    assert len(split_search("ab" * 500)[0]) == MAX_SEARCH_LENGTH
    assert len(split_search(" ".join(f"w{number}" for number in range(50)))) == 8


def test_a_break_that_is_typed_or_stored_joins_no_rows(tmp_path: Path) -> None:
    rows = [LUCIA | {"name": "A\nB", "identifiers": ["x\ny"]}, LUCIA | {"identifiers": [None, ""]}]
    text = open_text(tmp_path, PEOPLE, rows)
    assert find(text, "x\ny") == [0]
    assert find(text, "lucia\nnunez") == [0, 1]


@pytest.mark.parametrize(
    ("typed", "ranks"), [("mv001234", [0, 2]), ("car", [1, 1]), ("cart", [0, 0]), ("bc", [2, 2]), ("x1", [2, 0])]
)
def test_whole_terms_rank_before_beginnings_and_those_before_middles(
    devices: SearchText, typed: str, ranks: list[int]
) -> None:
    positions = np.arange(2, dtype=np.int64)
    assert devices.rank_rows(positions, term=fold_whole_search(typed), words=split_search(typed)).tolist() == ranks


@pytest.mark.parametrize("count", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 5 * BLOCK_ROWS + 3])
def test_blocks_miss_no_row_and_add_none(tmp_path: Path, count: int) -> None:
    dice = random.Random(count)
    names = ["".join(dice.choice("abc") for _ in range(dice.randint(1, 6))) for _ in range(count)]
    rows = [{"name": name, "sort_name": None, "identifiers": None} for name in names]
    text = open_text(tmp_path, PEOPLE, rows)
    for _ in range(30):
        typed = "".join(dice.choice("abc") for _ in range(dice.randint(1, 4)))
        assert find(text, typed) == [row for row, name in enumerate(names) if typed in name], typed


def test_rows_are_in_the_order_of_the_list_and_a_subject_without_a_row_is_empty(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [5, 7], "sort_name": ["b", "a"], "name": ["Bea", "Ada"], "identifiers": [["1"], ["2"]]})
    table = build_search_table(PEOPLE, frame, subjects=np.array([7, 6, 5], dtype=np.int64))
    store = EvidenceStore(tmp_path, district="maple-valley")
    text = open_search_text(store, kind="person", derived="a", build_table=lambda: table)
    assert (find(text, "ada"), find(text, "bea"), len(text)) == ([0], [2], 3)
