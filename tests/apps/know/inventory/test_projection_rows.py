"""Rows of the projection, as computed from a snapshot's tables."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from homeroom.apps.know.inventory.projection_rows import DEVICE
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
