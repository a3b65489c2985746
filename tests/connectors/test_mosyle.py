"""Mosyle's device lists, with the console's headings and with the names of its API."""

from __future__ import annotations

from datetime import UTC, datetime

from homeroom.ingest.kinds import Match, match_of
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.raw import said
from tests.connectors.recorded import RECORDINGS, picked, recording

IPAD = "00008030-001a2b3c4d5e802e"


def test_a_console_export_of_an_ipad() -> None:
    kind, read = recording("mosyle/devices.csv")
    assert kind == "mosyle.devices"
    assert said(read, "device_records")[0] == {
        "key": IPAD,
        "serial": "DMPX0007",
        "asset_tag": "MV-0107",
        "hardware_ids": ["imei:352099001761481", f"udid:{IPAD}"],
        "macs": ["f01898000007"],
        "name": "LIN-IPAD-07",
        "kind": "tablet",
        "platform": "ios",
        "manufacturer": "Apple",
        "model": "iPad (9th generation)",
        "os_version": "18.7.1",
        "managed": True,
        "status_word": "Active",
        "school_name": "Lincoln Elementary",
        "holder_email": "cdiaz@maple.example",
        "holder_name": "Cara Diaz",
        "enrolled_at": datetime(2025, 8, 1, tzinfo=UTC),
        "last_seen": datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC),
        "addresses": ["192.0.2.7"],
    }
    assert read.rejects.is_empty()


def test_a_mac_that_left_is_not_managed() -> None:
    _, read = recording("mosyle/devices.csv")
    assert picked(read, "device_records", "platform", "kind", "managed", "holder_email", "last_seen")[1:] == [
        ("macos", "laptop", False, None, datetime(2025, 11, 20, 14, 3, 11, tzinfo=UTC))
    ]


def test_a_list_with_the_names_of_the_api() -> None:
    kind, read = recording("mosyle/api-names.csv")
    assert kind == "mosyle.devices.api-names"
    assert picked(read, "device_records", "key", "serial", "asset_tag", "holder_email", "addresses") == [
        (IPAD, "DMPX0007", "MV-0107", "cdiaz@maple.example", ["203.0.113.9"])
    ]


def test_the_lists_of_ipads_and_macs_are_one_load() -> None:
    found = packages([RECORDINGS / "mosyle"], connectors=connectors())
    (package,) = found.packages
    assert (found.problems, package.stream, len(package.files)) == ((), "mosyle.devices", 2)


def test_it_is_told_from_asset_lists_and_other_consoles() -> None:
    mosyle = ["Device Name", "Serial Number", "UDID"]
    snipeit = ["Asset Tag", "Serial Number", "Model", "Model Name", "Location", "Status"]
    for names, kind in (
        ([*mosyle, *snipeit], "mosyle.devices"),
        (snipeit, "snipeit.assets"),
        (["Device ID", *mosyle, "OS"], "microsoft.devices.csv"),
    ):
        match = match_of(names, form="csv", connectors=connectors())
        assert isinstance(match, Match), match
        assert match.kind.id == kind
    jamf = match_of(["Computer Name", *mosyle, "Jamf Pro ID"], form="csv", connectors=connectors())
    assert not isinstance(jamf, Match)
