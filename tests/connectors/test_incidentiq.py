"""Incident IQ's asset grid."""

from __future__ import annotations

from datetime import date

from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rejects, list_rows
from tests.connectors.recordings import read_recording, select_columns


def test_an_exported_asset() -> None:
    kind, read = read_recording("incidentiq/assets.csv")
    assert kind == "incidentiq.assets"
    assert list_rows(read, "device_records")[0] == {
        "key": "MV-001",
        "serial": "5CD1",
        "asset_tag": "MV-001",
        "kind": "chromebook",
        "platform": "chromeos",
        "manufacturer": "HP",
        "model": "HP Chromebook 11 G9",
        "category": "Chromebooks",
        "managed": False,
        "status": "active",
        "status_word": "In Service",
        "location": "Room 12",
        "school_name": "Lincoln Elementary",
        "holder_email": "aokoro@maple.example",
        "holder_name": "Ada Okoro",
        "holder_number": "S-77",
        "purchased_on": date(2024, 7, 1),
        "cost_minor": 31240,
        "currency": "USD",
        "warranty_until": date(2027, 7, 1),
        "funding": "ESSER",
        "checked_out": True,
    }


def test_nobody_has_an_unassigned_asset_and_a_row_without_ids_is_lost() -> None:
    _, read = read_recording("incidentiq/assets.csv")
    assert select_columns(read, "device_records", "key", "status", "cart", "holder_name", "checked_out")[1:] == [
        ("MV-002", "lost", "Cart B", None, False)
    ]
    assert list_rejects(read) == [(3, "Purchase Date", False), (4, "Asset Tag", True)]


def test_it_is_told_from_snipe_it_by_the_owner() -> None:
    common = ["Asset Tag", "Serial", "Model", "Model No.", "Category", "Status", "Location", "Purchase Date"]
    for extra, kind in (
        (["Owner"], "incidentiq.assets"),
        (["Owner Name"], "incidentiq.assets-by-name"),
        (["Checked Out To", "Owner"], "snipeit.assets"),
        ([], "snipeit.assets"),
    ):
        match = match_kind([*common, *extra], kind_class=CsvKind, connectors=load_connectors())
        assert isinstance(match, KindMatch), match
        assert match.kind.id == kind
