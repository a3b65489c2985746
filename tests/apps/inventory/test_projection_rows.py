"""Rows of the projection, as computed from a snapshot's tables."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from homeroom.apps.inventory.projection_rows import DEVICE, SEARCH
from homeroom.apps.inventory.search_terms import fold_term, list_spellings
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import TABLES


def test_devices_come_by_name_and_what_a_scan_alone_knows_comes_last_by_address() -> None:
    devices = [
        {"id": 1, "name": "Zoo-Printer"},
        {"id": 2, "addresses": ["192.0.2.100"]},
        {"id": 3, "addresses": ["192.0.2.9"]},
        {"id": 4, "asset_tag": "A17", "addresses": ["192.0.2.1"]},
        {"id": 5, "serial": "5CD1", "name": "éclair"},
        {"id": 6, "addresses": ["2001:db8::1"]},
    ]
    session = duckdb.connect()
    schema = build_arrow_schema(TABLES["devices"])
    rows = [{**dict.fromkeys(schema.names), **device} for device in devices]
    session.register("devices", pa.Table.from_pylist(rows, schema=schema))
    ordered = session.execute(f"SELECT subject, name FROM ({DEVICE.select.format(side='')}) ORDER BY sort").fetchall()
    assert [device for device, _ in ordered] == [4, 1, 5, 3, 2, 6]
    assert dict(ordered)[3] == "192.0.2.9"


PERSON = {"id": 7, "name": "Núñez O’Brien Lucía", "sort_name": "o’brien, nunez", "identifiers": ["S-4711", "müller"]}
LAPTOP = {
    "id": 8,
    "name": "LAB-07",
    "serial": "5CD2345XYZ",
    "asset_tag": "MV-001234",
    "model": "HP ProBook 11 Édition",
    "cart": "Cart 3",
    "addresses": ["10.20.30.40"],
    "identifiers": ["aabbccddeeff"],
}


def build_table(name: str, row: dict[str, Any]) -> pa.Table:
    schema = build_arrow_schema(TABLES[name])
    return pa.Table.from_pylist([{**dict.fromkeys(schema.names), **row}], schema=schema)


def find_terms() -> dict[str, list[str]]:
    session = duckdb.connect()
    for name, row in (
        ("people", PERSON),
        ("accounts", {"id": 9, "name": "Zoë", "identifiers": []}),
        ("devices", LAPTOP),
    ):
        session.register(name, build_table(name, row))
    return dict(session.execute(f"SELECT kind, terms FROM ({SEARCH.select.format(side='')})").fetchall())


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("person", "Núñez"),
        ("person", "nunez o'brien"),
        ("person", "O’Brien, Núñez"),
        ("person", "Nu\u0301n\u0303ez"),
        ("person", "Müller"),
        ("person", "s-47"),
        ("account", "ZOE"),
        ("device", "AA:BB:CC:DD:EE:FF"),
        ("device", "aa-bb-cc"),
        ("device", "aabb.ccdd.eeff"),
        ("device", "1234"),
        ("device", "345xyz"),
        ("device", "10.20.30"),
        ("device", "hp probook 11 edition"),
        ("device", "cart 3"),
    ],
)
def test_what_a_person_types_finds_the_subject(kind: str, text: str) -> None:
    terms = find_terms()[kind]
    spellings = list_spellings(fold_term(text))
    assert any(term.startswith(spelling) for term in terms for spelling in spellings), (terms, spellings)


@pytest.mark.parametrize(
    ("kind", "text"), [("device", "999"), ("device", "aa:bb:cd"), ("person", "lopez"), ("device", "234567")]
)
def test_what_no_subject_has_finds_none(kind: str, text: str) -> None:
    spellings = list_spellings(fold_term(text))
    assert not any(term.startswith(spelling) for term in find_terms()[kind] for spelling in spellings)
