"""Rows of the projection as a snapshot's tables give them."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from homeroom.apps.inventory.projecting import DEVICE
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.tables import TABLES


def test_devices_come_by_name_and_what_a_scan_alone_knows_comes_last_by_address() -> None:
    known = [
        {"id": 1, "name": "Zoo-Printer"},
        {"id": 2, "addresses": ["192.0.2.100"]},
        {"id": 3, "addresses": ["192.0.2.9"]},
        {"id": 4, "asset_tag": "A17", "addresses": ["192.0.2.1"]},
        {"id": 5, "serial": "5CD1", "name": "éclair"},
        {"id": 6, "addresses": ["2001:db8::1"]},
    ]
    session = duckdb.connect()
    schema = arrow_schema(TABLES["devices"])
    rows = [{**dict.fromkeys(schema.names), **one} for one in known]
    session.register("devices", pa.Table.from_pylist(rows, schema=schema))
    found = session.execute(f"SELECT subject, name FROM ({DEVICE.select.format(side='')}) ORDER BY sort").fetchall()
    assert [one for one, _ in found] == [4, 1, 5, 3, 2, 6]
    assert dict(found)[3] == "192.0.2.9"
