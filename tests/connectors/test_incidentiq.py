"""Incident IQ's asset grid."""

from __future__ import annotations

from datetime import date

from homeroom.ingest.kinds import Match, match_of
from homeroom.library.connectors import connectors
from tests.connectors.raw import rejected, said
from tests.connectors.recorded import picked, recording


def test_an_exported_asset() -> None:
    kind, read = recording("incidentiq/assets.csv")
    assert kind == "incidentiq.assets"
    assert said(read, "device_records")[0] == {
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
    _, read = recording("incidentiq/assets.csv")
    assert picked(read, "device_records", "key", "status", "cart", "holder_name", "checked_out")[1:] == [
        ("MV-002", "lost", "Cart B", None, False)
    ]
    assert rejected(read) == [(3, "Purchase Date", False), (4, "Asset Tag", True)]


def test_it_is_told_from_snipe_it_by_the_owner() -> None:
    common = ["Asset Tag", "Serial", "Model", "Model No.", "Category", "Status", "Location", "Purchase Date"]
    for more, kind in (
        (["Owner"], "incidentiq.assets"),
        (["Owner Name"], "incidentiq.assets-by-name"),
        (["Checked Out To", "Owner"], "snipeit.assets"),
        ([], "snipeit.assets"),
    ):
        match = match_of([*common, *more], form="csv", connectors=connectors())
        assert isinstance(match, Match), match
        assert match.kind.id == kind
